"""Watchers as lists show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import units, watchers


@dataclass(frozen=True, slots=True)
class WatcherRow:
    """One watcher; the field names are the API's."""

    name: str
    unit: str
    unit_name: str | None
    created_at: datetime
    created_by: str
    last_seen_at: datetime | None


def list_watchers(connection: Connection, viewer: Viewer) -> list[WatcherRow]:
    """Return the watchers that are not revoked, by name."""
    table = watchers.c
    columns = (table.name, table.unit, units.c.name, table.created_at, table.created_by)
    statement = (
        select(*columns, table.last_seen_at)
        .outerjoin_from(watchers, units, units.c.code == table.unit)
        .where(table.revoked_at.is_(None), in_scope(viewer, table.unit))
        .order_by(table.name)
    )
    return [WatcherRow(*row) for row in connection.execute(statement)]
