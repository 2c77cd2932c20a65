"""Who may hold a connection: bounded in number, by address, and by what they have shown so far.

A *stranger* is a connection on which nobody has proved anything yet. Strangers have a quarter of
the room; when it is full the oldest of them makes room for the newest, so that whoever opens
connections and waits pushes out only the likes of themselves.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Protocol

STRANGERS_SHARE = 0.25
# A proxy on this machine speaks for everybody behind it.
LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Closable(Protocol):
    """A connection."""

    def give_up(self) -> None:
        """Close it at once."""


class Connections:
    """The open connections of one server.

    Attributes:
        refused: How many were not opened, by why: `total`, `address`.
        pushed_out: How many strangers made room.
        too_slow: How many did not say what they want in time, or too much.
        bytes_under_way: Parts of reports that are held because the rest has not come yet.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most, self._most_per_address = most, most_per_address
        self._most_strangers = max(1, int(most * STRANGERS_SHARE))
        self._by_address: Counter[str] = Counter()
        self._open: dict[Closable, str] = {}
        self._strangers: OrderedDict[Closable, None] = OrderedDict()
        self.refused: Counter[str] = Counter()
        self.pushed_out = self.too_slow = self.bytes_under_way = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def strangers(self) -> int:
        """How many have shown nothing yet."""
        return len(self._strangers)

    def open(self, connection: Closable, address: str) -> bool:
        """Count a new connection; false when it may not be opened."""
        if address not in LOOPBACK and self._by_address[address] >= self._most_per_address:
            self.refused["address"] += 1
            return False
        if len(self._strangers) >= self._most_strangers:
            oldest, _ = self._strangers.popitem(last=False)
            self.pushed_out += 1
            oldest.give_up()
        if len(self._open) >= self._most:
            self.refused["total"] += 1
            return False
        self._open[connection] = address
        self._by_address[address] += 1
        self._strangers[connection] = None
        return True

    def trust(self, connection: Closable) -> None:
        """Say that whoever is at the other end has proved who they are."""
        self._strangers.pop(connection, None)

    def close(self, connection: Closable) -> None:
        """Count a connection no longer."""
        self._strangers.pop(connection, None)
        address = self._open.pop(connection, None)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
