"""One request in flight per device, whichever probes ask it: small devices refuse a second."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agents.check import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_guard = threading.Lock()
_locks: dict[str, threading.Lock] = {}
_users: Counter[str] = Counter()


@contextmanager
def one_at_a_time(address: str, seconds: float) -> Iterator[None]:
    """Hold a device for oneself.

    Args:
        seconds: How long to wait for another that holds it.

    Raises:
        SourceError: The other was not done in time; that says nothing of the device.
    """
    with _guard:
        lock = _locks.setdefault(address, threading.Lock())
        _users[address] += 1
    try:
        if not lock.acquire(timeout=seconds):
            raise SourceError(
                f"ask {address}: another probe was not done with it within {seconds:g} s. "
                "The next turn tries again; ask it less often, or for less"
            )
        try:
            yield
        finally:
            lock.release()
    finally:
        with _guard:
            _users[address] -= 1
            if not _users[address]:
                del _users[address], _locks[address]
