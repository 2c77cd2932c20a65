"""A line between two UDP ends that loses, delays, swaps, and marks, as a test says."""

from __future__ import annotations

import contextlib
import heapq
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agents.probes import datagrams
from tests.probe_means import MEANS

if TYPE_CHECKING:
    from collections.abc import Iterator

# The n-th datagram of one way, its size, its marking -> seconds of delay, or None: it is lost.
Fate = Callable[[int, int], float | None]


class Line(NamedTuple):
    """Both ways, and what marks every packet of the way there (None: as it came)."""

    there: Fate
    back: Fate
    remark: int | None = None


now = MEANS.now


def undisturbed(_n: int, _size: int) -> float | None:
    """Nothing happens to any packet."""
    return 0.0


class Way:
    """What truly happened to the packets of one way, in the order in which they left.

    Attributes:
        numbers: Which packet it was, by arrival.
        held_seconds: From the kernel's instant of arrival until it was sent on.
    """

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.count = 0
        self.numbers: list[int] = []
        self.held_seconds: list[float] = []


class Relay:
    """Forwards between one asker and one server; a thread of its own.

    Attributes:
        seen: Instants (Unix, by the kernel) and bits on the line of what came from the asker.
    """

    def __init__(self, server: tuple[str, int], line: Line) -> None:
        self._server, self._remark = server, line.remark
        self._front = datagrams.open_udp(server[0])
        self._front.bind((server[0], 0))
        self._back = datagrams.open_udp(server[0])
        self._back.bind((server[0], 0))
        self.port: int = self._front.getsockname()[1]
        self.over = threading.Event()
        self.there, self.back = Way(line.there), Way(line.back)
        self.seen: list[tuple[float, int]] = []
        self._asker: tuple[str, int] | None = None
        self._queue: list[tuple[float, int, int, datagrams.Datagram]] = []

    def run(self) -> None:
        """Forward until `over`."""
        for opened in (self._front, self._back):
            opened.settimeout(0.0005)
        while not self.over.is_set():
            for is_back, opened in enumerate((self._front, self._back)):
                with contextlib.suppress(OSError):
                    self._take(is_back, datagrams.receive(opened))
            while self._queue and self._queue[0][0] <= now():
                self._hand_on(*heapq.heappop(self._queue)[1:])
        self._front.close()
        self._back.close()

    def _take(self, is_back: int, came: datagrams.Datagram) -> None:
        at = now() if came.at is None else came.at
        if not is_back:
            self._asker = came.peer
            self.seen.append((at, 8 * (len(came.data) + 28)))
        way = self.back if is_back else self.there
        delay = way.fate(way.count, len(came.data))
        if delay is not None:
            heapq.heappush(self._queue, (at + delay, way.count, is_back, came._replace(at=at)))
        way.count += 1

    def _hand_on(self, number: int, is_back: int, came: datagrams.Datagram) -> None:
        way = self.back if is_back else self.there
        dscp = (came.traffic_class or 0) >> 2
        if is_back and self._asker is not None:
            datagrams.send(self._front, came.data, self._asker, dscp)
        elif not is_back:
            marked = dscp if self._remark is None else self._remark
            datagrams.send(self._back, came.data, self._server, marked)
        way.numbers.append(number)
        way.held_seconds.append(now() - (came.at or 0.0))


@contextmanager
def relay(
    server: tuple[str, int],
    there: Fate = undisturbed,
    back: Fate = undisturbed,
    remark: int | None = None,
) -> Iterator[Relay]:
    """Run a line to `server` in a thread."""
    made = Relay(server, Line(there, back, remark))
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        thread.join(5)


def connected(address: str) -> socket.socket:
    """Return a UDP socket bound to a free port of the address."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, 0))
    opened.settimeout(2)
    return opened
