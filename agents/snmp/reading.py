"""Reads what families ask of one device, in as few questions as its tables allow.

Of a table that has the same rows as before, one column is walked and the rest is asked for by name:
a device with three ports answers four questions and not eighteen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping, Sequence

    from agents.snmp.family import Asked, Values

# A cell may appear in a row that was there: then all is walked again.
STANDS_SECONDS = 3600.0
# A column of a longer table that is empty is looked at by its first column.
SHORT_TABLE = 3


class Asking(Protocol):
    """A visit to a device; both raise `Failed` when it is over."""

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""

    def walk(self, column: str) -> Values:
        """Return a column's values by their identifiers."""


class Shape(NamedTuple):
    """Which cells a table had when it was last walked in whole, by column; at which second."""

    at: float
    cells: dict[str, tuple[str, ...]]


class Reading:
    """What one visit read, as far as it came.

    Args:
        shapes: Of each table, kept from visit to visit.
        at: Monotonic seconds.
    """

    def __init__(self, session: Asking, shapes: MutableMapping[str, Shape], at: float) -> None:
        self.values: Values = {}
        self._session, self._shapes, self._at = session, shapes, at
        self._done: set[str] = set()

    def get(self, leaves: Iterable[str]) -> None:
        """Read single leaves that are not read yet.

        Raises:
            Failed: The visit is over.
        """
        wanted = [leaf for leaf in dict.fromkeys(leaves) if leaf not in self._done]
        self.values |= self._session.get(wanted)
        self._done.update(wanted)

    def read(self, asks: Iterable[Asked]) -> None:
        """Read leaves, then tables.

        Raises:
            Failed: The visit is over; what `is_whole` was read before.
        """
        asks = list(asks)
        self.get(leaf for one in asks for leaf in one.leaves)
        tables: dict[str, list[str]] = {}
        for column in dict.fromkeys(column for one in asks for column in one.tables):
            tables.setdefault(column.rpartition(".")[0], []).append(column)
        cells: dict[str, Sequence[str]] = {}
        for table, columns in tables.items():
            cells |= self._look_at(table, columns)
        self.get(cell for column in cells.values() for cell in column)
        self._done.update(cells)

    def is_whole(self, asked: Asked) -> bool:
        """Say whether all that was asked was answered."""
        return self._done.issuperset(asked.leaves) and self._done.issuperset(asked.tables)

    def _look_at(self, table: str, columns: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the cells that remain to be asked for, by column, where the rows are the same."""
        shape = self._shapes.get(table)
        if shape is None or not self._stands(shape, columns):
            return self._walk_all(table, columns)
        first = max(columns, key=lambda column: len(shape.cells[column]))
        found = self._session.walk(first)
        if found.keys() != set(shape.cells[first]):
            return self._walk_all(table, columns)
        self.values |= found
        self._done.add(first)
        return {column: shape.cells[column] for column in columns if column != first}

    def _stands(self, shape: Shape, columns: Sequence[str]) -> bool:
        is_known = all(column in shape.cells for column in columns)
        is_short = len(columns) <= SHORT_TABLE
        is_empty = not any(shape.cells.values())
        return is_known and self._at - shape.at < STANDS_SECONDS and not (is_empty and is_short)

    def _walk_all(self, table: str, columns: Sequence[str]) -> Mapping[str, Sequence[str]]:
        cells: dict[str, tuple[str, ...]] = {}
        for column in columns:
            found = self._session.walk(column)
            self.values |= found
            self._done.add(column)
            cells[column] = tuple(found)
        self._shapes[table] = Shape(self._at, cells)
        return {}
