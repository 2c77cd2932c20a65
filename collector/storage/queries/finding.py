"""Search as every listing does it: all words in the search key, exact marks first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, or_

from collector.storage.queries.paging import like_pattern
from incidents.vietnamese import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.storage.queries.paging import Order
    from incidents.vietnamese import Search


def matching(column: ColumnElement[Any], search: Search) -> ColumnElement[bool]:
    """Return the condition that every word is in a search key."""
    return and_(*(_has(column, word) for word in search.words))


def exact_first(order: Order, conditions: Sequence[ColumnElement[bool]]) -> Order:
    """Return the order with the rows first of which the first condition holds, then the next."""
    places = [(condition, place) for place, condition in enumerate(conditions)]
    return replace(order, keys=(case(*places, else_=len(places)), *order.keys))


def marks(column: ColumnElement[Any], search: Search) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a marks key: the very marks, then some of them left out."""
    return tuple(
        and_(*(or_(*(_has(column, form) for form in forms)) for forms in words))
        for words in (search.marked, search.loose)
    )


def _has(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    return column.like(like_pattern(text).replace(ANY, "_"), escape="\\")
