"""Blocking calls in threads of their own: a call that hangs keeps its thread and nothing else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class StillRunning(Exception):  # a state, not an error
    """An earlier call under this name has not returned, or no more threads may be started."""


class Call(Generic[T]):
    """One call under way; `started_at` is monotonic time in seconds."""

    __slots__ = ("_done", "_error", "_result", "name", "started_at")

    def __init__(self, name: str, started_at: float) -> None:
        self.name = name
        self.started_at = started_at
        self._done = threading.Event()
        self._result: T | None = None
        self._error: Exception | None = None

    def wait(self, timeout_seconds: float) -> bool:
        """Say whether the call has returned, waiting at most this long."""
        return self._done.wait(max(0.0, timeout_seconds))

    def result(self) -> T:
        """Return what the call returned or raise what it raised; only after `wait` said True."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set before `_done`

    def execute(self, function: Callable[[], T], ended: Callable[[], None]) -> None:
        """Run in the thread: keep the result or the error, give the name free, then say done."""
        try:
            self._result = function()
        except Exception as error:  # noqa: BLE001  # handed to whoever asks for the result
            self._error = error
        finally:
            ended()
            self._done.set()


class Calls:
    """Starts calls, at most `most` at a time; a name is busy until its call returns.

    A thread that hangs in the kernel (a dead NFS server) cannot be cancelled, so it is left to
    itself; being a daemon thread it does not hold up the end of the process.
    """

    def __init__(self, *, most: int, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def start(self, name: str, function: Callable[[], T]) -> Call[T]:
        """Start the call in a new thread.

        Raises:
            StillRunning: The name is busy, or `most` calls are under way.
        """
        with self._lock:
            if name in self._busy:
                raise StillRunning(f"{name}: the call started earlier has not returned")
            if len(self._busy) >= self._most:
                raise StillRunning(f"{name}: {self._most} calls hang already, no more are started")
            self._busy.add(name)
        call: Call[T] = Call(name, self._monotonic())
        threading.Thread(
            target=call.execute, args=(function, lambda: self._end(name)), name=name, daemon=True
        ).start()
        return call

    def run(self, name: str, function: Callable[[], T], limit_seconds: float) -> T:
        """Return what the call returns within the limit.

        Raises:
            StillRunning: It did not return in time, or an earlier one under this name hangs.
        """
        call = self.start(name, function)
        if not call.wait(limit_seconds):
            raise StillRunning(f"{name}: no answer within {limit_seconds:g} s")
        return call.result()

    def _end(self, name: str) -> None:
        with self._lock:
            self._busy.discard(name)
