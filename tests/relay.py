"""A line between two UDP ends that loses, delays, swaps, and marks, as a test says."""

from __future__ import annotations

import heapq
import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agents.probes import datagrams

if TYPE_CHECKING:
    from collections.abc import Iterator

# The n-th datagram of one way, its size, its marking -> seconds of delay, or None: it is lost.
Fate = Callable[[int, int], float | None]


class Line(NamedTuple):
    """Both ways, and what marks every packet of the way there (None: as it came)."""

    there: Fate
    back: Fate
    remark: int | None = None


def undisturbed(_n: int, _size: int) -> float | None:
    """Nothing happens to any packet."""
    return 0.0


class Relay:
    """Forwards between one asker and one server; a thread of its own."""

    def __init__(self, server: tuple[str, int], line: Line) -> None:
        self._server, self._line = server, line
        self._front = datagrams.open_udp(server[0])
        self._front.bind((server[0], 0))
        self._back = datagrams.open_udp(server[0])
        self._back.bind((server[0], 0))
        self.port: int = self._front.getsockname()[1]
        self.over = threading.Event()
        # Bits on the line, there, by the monotonic instant of arrival.
        self.seen: list[tuple[float, int]] = []

    def run(self) -> None:
        """Forward until `over`."""
        queue: list[tuple[float, int, bool, bytes, int]] = []
        counts = [0, 0]
        asker: tuple[str, int] | None = None
        number = 0
        for opened in (self._front, self._back):
            opened.settimeout(0.0005)
        while not self.over.is_set():
            for is_back, opened in enumerate((self._front, self._back)):
                try:
                    came = datagrams.receive(opened)
                except OSError:
                    continue
                now = time.monotonic()
                if not is_back:
                    asker = came.peer
                    self.seen.append((now, 8 * (len(came.data) + 28)))
                fate = self._line.back if is_back else self._line.there
                delay = fate(counts[is_back], len(came.data))
                counts[is_back] += 1
                if delay is not None:
                    number += 1
                    dscp = (came.traffic_class or 0) >> 2
                    heapq.heappush(queue, (now + delay, number, bool(is_back), came.data, dscp))
            while queue and queue[0][0] <= time.monotonic():
                _, _, is_back, data, dscp = heapq.heappop(queue)
                if is_back and asker is not None:
                    datagrams.send(self._front, data, asker, dscp)
                elif not is_back:
                    remark = self._line.remark
                    datagrams.send(
                        self._back, data, self._server, dscp if remark is None else remark
                    )
        self._front.close()
        self._back.close()


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
