"""Blocking calls, one after another in a thread; one that hangs keeps that thread for itself."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
# After this, what waits behind a slow call is given to another thread.
SLOW_SECONDS = 0.05


class Call(Generic[T]):
    """One call, waiting or under way.

    Attributes:
        started_at: When it was asked for, and from when a thread has it (`is_begun`) when that
            took it; monotonic, in seconds.
        is_done: It has returned; set last.
    """

    __slots__ = (
        "_error", "_function", "_result", "is_begun", "is_done", "name", "started_at",
    )  # fmt: skip

    def __init__(self, name: str, function: Callable[[], T], started_at: float) -> None:
        self.name = name
        self.started_at = started_at
        self.is_begun = self.is_done = False
        self._function = function
        self._result: T | None = None
        self._error: Exception | None = None

    def result(self) -> T:
        """Return what the call returned or raise what it raised; only when it is done."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set before `is_done`

    def execute(self, now: float) -> None:
        """Run in a thread: keep the result or the error."""
        self.started_at, self.is_begun = now, True
        try:
            self._result = self._function()
        except Exception as error:  # noqa: BLE001  # handed to whoever asks for the result
            self._error = error


class _Waiting:
    """Somebody waits until all of these calls are done."""

    __slots__ = ("calls", "ended")

    def __init__(self, calls: Iterable[Call[T]]) -> None:
        self.calls = {call for call in calls if not call.is_done}
        self.ended = threading.Event()


class Calls:
    """Runs calls in as few threads as the slow ones leave; a name is busy until its call returns.

    A thread that hangs in the kernel (a dead NFS server) cannot be cancelled, so it is left to
    itself; being a daemon thread it does not hold up the end of the process.

    Args:
        most: Threads at a time.
        monotonic: Seconds that only grow.
    """

    def __init__(self, *, most: int, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._queue: deque[Call[object]] = deque()
        self._waiting: list[_Waiting] = []
        self._threads = 0

    def start(self, functions: Mapping[str, Callable[[], T]]) -> dict[str, Call[T]]:
        """Queue calls and return them by name; a name that is busy is left out."""
        now = self._monotonic()
        with self._lock:
            calls = {
                name: Call(name, function, now)
                for name, function in functions.items()
                if name not in self._busy
            }
            self._busy.update(calls)
            self._queue.extend(calls.values())  # type: ignore[arg-type]  # results are not touched
        self._go_on()
        return calls

    def wait(self, calls: Mapping[str, Call[T]], limits_seconds: Mapping[str, float]) -> None:
        """Return when each call is done or its own limit since its start is over."""
        left = self._left(calls, limits_seconds)
        with self._lock:
            waiting = _Waiting(calls.values())
            self._waiting.append(waiting)
        while left and waiting.calls:
            step = min(SLOW_SECONDS, max(left.values()))
            if waiting.ended.wait(step):
                break
            self._go_on()
            left = {
                name: seconds - step
                for name, seconds in left.items()
                if seconds > step and not calls[name].is_done
            }
        with self._lock:
            self._waiting.remove(waiting)

    def run(
        self, functions: Mapping[str, Callable[[], T]], limit_seconds: float
    ) -> dict[str, Call[T]]:
        """Start calls, give them this long, and return those that are done."""
        calls = self.start(functions)
        self.wait(calls, dict.fromkeys(calls, limit_seconds))
        return {name: call for name, call in calls.items() if call.is_done}

    def _left(
        self, calls: Mapping[str, Call[T]], limits_seconds: Mapping[str, float]
    ) -> dict[str, float]:
        now = self._monotonic()
        left = {
            name: call.started_at + limits_seconds[name] - now
            for name, call in calls.items()
            if not call.is_done
        }
        return {name: seconds for name, seconds in left.items() if seconds > 0}

    def _go_on(self) -> None:
        """Start another thread if calls wait: those there are have not come to them."""
        with self._lock:
            if not self._queue or self._threads >= self._most:
                return
            self._threads += 1
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        """Run in a thread: what is in the queue, until it is empty."""
        while True:
            with self._lock:
                if not self._queue:
                    self._threads -= 1
                    return
                call = self._queue.popleft()
            threading.current_thread().name = call.name
            call.execute(self._monotonic())
            self._end(call)

    def _end(self, call: Call[object]) -> None:
        with self._lock:
            self._busy.discard(call.name)
            call.is_done = True
            for waiting in self._waiting:
                waiting.calls.discard(call)
                if not waiting.calls:
                    waiting.ended.set()
