"""Which incidents somebody may see: the one condition of every query that lists or counts them.

An incident without readers is everybody's. One of a nature that is reserved for a role, and one
that was restricted, names its readers; for all others it does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import or_, select

from collector.storage.columns import readers_text
from collector.storage.desk_tables import incidents
from collector.storage.queries.paging import like_pattern

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, FromClause

# By what a list of readers may name who looks: `person:NAME` and `role:CODE`.
Viewer: TypeAlias = frozenset[str]
NOBODY: Viewer = frozenset()


def visible_to(viewer: Viewer, table: FromClause = incidents) -> ColumnElement[bool]:
    """Return the condition that somebody may see an incident."""
    readers = table.c.readers
    named = (readers.like(like_pattern(readers_text([tag])), escape="\\") for tag in sorted(viewer))
    return or_(readers.is_(None), *named)


def hidden_among(connection: Connection, ids: Collection[str], viewer: Viewer) -> set[str]:
    """Return which of these numbers and codes belong to incidents that somebody may not see."""
    numbers = [int(one) for one in ids if one.isdecimal()]
    asked = incidents.c.code.in_(ids) | incidents.c.id.in_(numbers)
    rows = connection.execute(
        select(incidents.c.id, incidents.c.code).where(asked, ~visible_to(viewer))
    )
    return {name for row in rows for name in (str(row.id), row.code)}
