"""What somebody may see: the one place that every query which reads for a person asks.

Two things decide. A person with units or regions sees those units, what lies below them, and
nothing else (`in_scope`, `incident_in_scope`). An incident of a nature that is reserved for a role,
and one that was restricted, names its readers; for all others it does not exist (`visible_to`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, true

from collector.storage.columns import readers_text
from collector.storage.desk_tables import incident_units, incidents
from collector.storage.queries.paging import like_pattern
from incidents.actor import NOBODY, Viewer

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, FromClause

__all__ = ["NOBODY", "Viewer", "hidden_among", "in_scope", "incident_in_scope", "visible_to"]


def in_scope(viewer: Viewer, unit: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that somebody sees the unit of a row."""
    return true() if viewer.units is None else unit.in_(viewer.units)


def incident_in_scope(viewer: Viewer, table: FromClause = incidents) -> ColumnElement[bool]:
    """Return the condition that somebody sees one of the units of an incident."""
    if viewer.units is None:
        return true()
    further = select(incident_units.c.incident).where(incident_units.c.unit.in_(viewer.units))
    return or_(table.c.unit.in_(viewer.units), table.c.id.in_(further))


def visible_to(viewer: Viewer, table: FromClause = incidents) -> ColumnElement[bool]:
    """Return the condition that somebody may see an incident: its units and its readers."""
    tags, readers = sorted(viewer.tags), table.c.readers
    named = (readers.like(like_pattern(readers_text([tag])), escape="\\") for tag in tags)
    return and_(incident_in_scope(viewer, table), or_(readers.is_(None), *named))


def hidden_among(connection: Connection, ids: Collection[str], viewer: Viewer) -> set[str]:
    """Return which of these numbers and codes belong to incidents that somebody may not see."""
    numbers = [int(one) for one in ids if one.isdecimal()]
    asked = incidents.c.code.in_(ids) | incidents.c.id.in_(numbers)
    rows = connection.execute(
        select(incidents.c.id, incidents.c.code).where(asked, ~visible_to(viewer))
    )
    return {name for row in rows for name in (str(row.id), row.code)}
