"""What a message from a device is worth: its probes are due at once, but not all the time."""

from __future__ import annotations

import threading

PAUSE_SECONDS = 10.0
MOST_ADDRESSES = 1_000


class Hints:
    """Addresses whose devices said something; one thread may note while another takes.

    An address is given out at most once in `pause_seconds`. What is said of it in the meantime is
    given out when they are over: what a device says last is looked at, too.
    """

    def __init__(self, pause_seconds: float = PAUSE_SECONDS, most: int = MOST_ADDRESSES) -> None:
        self._pause_seconds, self._most = pause_seconds, most
        self._lock = threading.Lock()
        self._noted: dict[str, float] = {}
        self._taken: dict[str, float] = {}

    def note(self, address: str, at: float) -> bool:
        """A device said something; return whether that makes it due now. `at` is monotonic.

        Beyond `most` addresses that wait, the one that waits longest is forgotten: its probes run
        in their own time.
        """
        with self._lock:
            taken_at = self._taken.get(address)
            is_paused = taken_at is not None and at - taken_at < self._pause_seconds
            is_news = address not in self._noted and not is_paused
            self._noted.setdefault(address, at)
            while len(self._noted) > self._most:
                del self._noted[next(iter(self._noted))]
            return is_news

    def take(self, now: float) -> frozenset[str]:
        """Return the addresses to ask now; `now` is monotonic, in seconds."""
        with self._lock:
            over = now - self._pause_seconds
            self._taken = {one: at for one, at in self._taken.items() if at > over}
            due = frozenset(one for one in self._noted if one not in self._taken)
            for address in due:
                del self._noted[address]
                self._taken[address] = now
            return due
