"""Passwords hashed and checked outside of the event loop, in one thread, a few at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from collector.accounts import argon

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# Those that wait for the thread; each takes about 70 ms.
MOST_WAITING = 16
# Checked for names that do not exist, so that they take as long.
_OF_NOBODY = "nobody has this password"


class TooBusyError(Exception):
    """So many passwords wait to be checked that one more would wait too long."""


class Hasher:
    """Argon2id in a pool of one thread; more work than it can do is refused, not queued.

    Args:
        passes, memory_bytes: Of the hashes made from now on.
    """

    def __init__(
        self, *, passes: int = argon.PASSES, memory_bytes: int = argon.MEMORY_BYTES
    ) -> None:
        self._passes, self._memory_bytes = passes, memory_bytes
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobody = ""

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return the hash of a password.

        Raises:
            TooBusyError: Too many wait.
        """
        return await self._run(lambda: self._hash(password))

    async def is_right(self, stored: str | None, password: str) -> bool:
        """Say whether this is the password of a hash; None is never right and takes as long.

        Raises:
            TooBusyError: Too many wait.
        """

        def check() -> bool:
            if not self._nobody:
                self._nobody = self._hash(_OF_NOBODY)
            return argon.is_password(stored or self._nobody, password) and stored is not None

        return await self._run(check)

    async def renewed(self, stored: str, password: str) -> str | None:
        """Return a hash with the parameters of now, or None where it has them."""
        current = {"passes": self._passes, "memory_bytes": self._memory_bytes}
        return await self.hash(password) if argon.is_outdated(stored, **current) else None

    def _hash(self, password: str) -> str:
        return argon.hash_password(password, passes=self._passes, memory_bytes=self._memory_bytes)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooBusyError(f"{MOST_WAITING} passwords wait to be checked")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
