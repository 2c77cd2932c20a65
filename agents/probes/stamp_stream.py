"""A path measured without a gap: one run of test packets begins when the one before has sent all.

The answers of a run are waited for while the next one sends. It ends by itself when nobody asked
for its runs any more: a plan changed, a session is over.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.probes.stamp_sender import Run

# As many as are kept for whoever comes late: a turn that was missed costs no window.
MOST_KEPT = 12
# Nobody asks any more after so many runs.
ABANDONED_RUNS = 4


class Stream:
    """Runs one after the other, in threads of its own.

    Args:
        send: One run: sends for `seconds`, then waits for the last answers.
        seconds: Between the beginnings of two runs.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self, send: Callable[[], Run], seconds: float, monotonic: Callable[[], float]
    ) -> None:
        self._send, self._seconds, self._monotonic = send, seconds, monotonic
        self._done: deque[Run] = deque(maxlen=MOST_KEPT)
        self._news = threading.Condition()
        self._stopped = threading.Event()
        self._wanted_at = monotonic()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Say whether packets are being sent."""
        return self._thread is not None and self._thread.is_alive()

    def take(self, wait_seconds: float) -> list[Run]:
        """Return the runs that ended since the last time, at least one if any ends in time."""
        with self._news:
            self._wanted_at = self._monotonic()
            if not self.is_running:
                self._thread = threading.Thread(target=self._go_on, name="stamp", daemon=True)
                self._thread.start()
            self._news.wait_for(lambda: bool(self._done), wait_seconds)
            found = list(self._done)
            self._done.clear()
            self._wanted_at = self._monotonic()
        return found

    def stop(self) -> None:
        """Begin no other run."""
        self._stopped.set()

    def _go_on(self) -> None:
        begins_at = self._monotonic()
        while not self._stopped.is_set():
            if begins_at - self._wanted_at > ABANDONED_RUNS * self._seconds:
                return
            threading.Thread(target=self._one, name="stamp run", daemon=True).start()
            begins_at = max(begins_at + self._seconds, self._monotonic())
            self._stopped.wait(max(0.0, begins_at - self._monotonic()))

    def _one(self) -> None:
        run = self._send()
        with self._news:
            self._done.append(run)
            self._news.notify_all()
