"""Keyset pages: `after` names the last row of the page before, `limit` bounds every answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

MAX_LIMIT = 500
DEFAULT_LIMIT = 100

T = TypeVar("T")


class UnknownCursorError(Exception):
    """`after` names no row of this listing."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a listing; `next` is the `after` of the page that follows, if one does."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """How a listing is ordered: ascending keys, the last of them unique.

    Attributes:
        among: Which rows a cursor may name; None for all. What is hidden answers like nothing.
    """

    keys: tuple[ColumnElement[Any], ...]
    cursor: ColumnElement[Any]
    among: ColumnElement[bool] | None = None


def fetch_page(
    connection: Connection,
    statement: Select[Any],
    order: Order,
    build: Callable[[Row[Any]], T],
    cursor_of: Callable[[T], str],
    *,
    limit: int,
    after: str | int | None,
) -> Page[T]:
    """Return one page of `statement`.

    Raises:
        UnknownCursorError: No row has `after` as its cursor.
    """
    if after is not None:
        statement = statement.where(_beyond(connection, order, after))
    rows = connection.execute(statement.order_by(*order.keys).limit(limit + 1)).all()
    items = [build(row) for row in rows[:limit]]
    return Page(items, cursor_of(items[-1]) if len(rows) > limit else None)


def _beyond(connection: Connection, order: Order, after: str | int) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one that `after` names."""
    named = select(*order.keys).where(order.cursor == after)
    if order.among is not None:
        named = named.where(order.among)
    last: Sequence[Any] | None = connection.execute(named).first()
    if last is None:
        raise UnknownCursorError(f"after: no row {after!r} in this listing")
    return tuple_(*order.keys) > tuple_(*last)


def values(row: Iterable[Any]) -> tuple[Any, ...]:
    """Return a row's values in the order of its statement."""
    return tuple(row)


def like_pattern(text: str) -> str:
    """Return a LIKE pattern (escape character `\\`) that finds `text` anywhere."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
