"""Reads what families ask of one device, in as few questions as its tables allow.

Of a table that keeps its rows, the cells are asked for by name, with the single leaves, and now and
then one column is walked to see whether there are more: a device with three ports answers two
questions and not nineteen. A row that is gone is seen at once, by its cells.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping, Sequence

    from agents.snmp.family import Asked, Values

# A cell may appear in a row that was there: then all is walked again.
STANDS_SECONDS = 3600.0
# A table that changed is looked at each time for so long, and one that did not so often.
RESTLESS_SECONDS, LOOK_SECONDS = 600.0, 300.0
# A column of a longer table that is empty is looked at by its first column.
SHORT_TABLE = 3


class Asking(Protocol):
    """A visit to a device; both raise `Failed` when it is over."""

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""

    def walk(self, column: str) -> Values:
        """Return a column's values by their identifiers."""


class Shape(NamedTuple):
    """Which cells a table had when it was last walked in whole, by column.

    Attributes:
        at: Monotonic second of that.
        changed_at: When its rows were last found to be others; endlessly long ago at first.
        looked_at: When its rows were last counted.
    """

    at: float
    changed_at: float
    looked_at: float
    cells: dict[str, tuple[str, ...]]

    def is_calm(self, now: float) -> bool:
        """Say whether its rows need not be counted now."""
        is_old = now - self.changed_at >= RESTLESS_SECONDS
        return is_old and now - self.looked_at < LOOK_SECONDS and any(self.cells.values())


class Reading:
    """What one visit read, as far as it came.

    Attributes:
        asked: What was asked for by name, so that the next visit can begin with it.

    Args:
        shapes: Of each table, kept from visit to visit.
        at: Monotonic seconds.
    """

    def __init__(self, session: Asking, shapes: MutableMapping[str, Shape], at: float) -> None:
        self.values: Values = {}
        self._session, self._shapes, self._at = session, shapes, at
        self.asked: list[str] = []
        self._done: set[str] = set()

    def get(self, leaves: Iterable[str]) -> None:
        """Read single leaves that are not read yet.

        Raises:
            Failed: The visit is over.
        """
        wanted = [leaf for leaf in dict.fromkeys(leaves) if leaf not in self._done]
        self.values |= self._session.get(wanted)
        self.asked += wanted
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
        by_name: dict[str, Sequence[str]] = {}
        for table, columns in tables.items():
            if not self._is_looked_at(table, columns):
                by_name[table] = columns
        self.get(cell for table in by_name for cell in self._cells(table, by_name[table]))
        for table, named in by_name.items():
            first = self._shapes[table].cells[self._first(table, named)]
            if self.values.keys() >= set(first):
                self._done.update(named)
            else:
                self._walk_all(table, named)

    def is_whole(self, asked: Asked) -> bool:
        """Say whether all that was asked was answered."""
        return self._done.issuperset(asked.leaves) and self._done.issuperset(asked.tables)

    def _is_looked_at(self, table: str, columns: Sequence[str]) -> bool:
        """Walk what has to be walked, and return whether that was all."""
        shape = self._shapes.get(table)
        if shape is None or not self._stands(shape, columns):
            self._walk_all(table, columns)
            return True
        if shape.is_calm(self._at):
            return False
        found = self._session.walk(self._first(table, columns))
        self.values |= found
        self._done.update(found)
        if found.keys() != set(shape.cells[self._first(table, columns)]):
            self._walk_all(table, columns)
            return True
        self._shapes[table] = shape._replace(looked_at=self._at)
        return False

    def _first(self, table: str, columns: Sequence[str]) -> str:
        """Return the column that shows the rows: the fullest, since a device may lack another."""
        cells = self._shapes[table].cells
        return max(columns, key=lambda column: len(cells[column]))

    def _cells(self, table: str, columns: Sequence[str]) -> Iterator[str]:
        cells = self._shapes[table].cells
        for column in dict.fromkeys((self._first(table, columns), *columns)):
            yield from cells[column]

    def _stands(self, shape: Shape, columns: Sequence[str]) -> bool:
        is_known = all(column in shape.cells for column in columns)
        is_short = len(columns) <= SHORT_TABLE
        is_empty = not any(shape.cells.values())
        return is_known and self._at - shape.at < STANDS_SECONDS and not (is_empty and is_short)

    def _walk_all(self, table: str, columns: Sequence[str]) -> None:
        before = self._shapes.get(table)
        cells: dict[str, tuple[str, ...]] = {}
        for column in columns:
            found = self._session.walk(column)
            for gone in self._cells_of(before, column):
                self.values.pop(gone, None)
            self.values |= found
            self._done.add(column)
            cells[column] = tuple(found)
        changed_at = -inf if before is None else before.changed_at
        if before is not None and any(before.cells.get(c, cells[c]) != cells[c] for c in columns):
            changed_at = self._at
        self._shapes[table] = Shape(self._at, changed_at, self._at, cells)

    @staticmethod
    def _cells_of(shape: Shape | None, column: str) -> Sequence[str]:
        return shape.cells.get(column, ()) if shape is not None else ()
