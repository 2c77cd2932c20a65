"""Outside sources as lists show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import units
from collector.storage.source_tables import sources


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source; the field names are the API's."""

    name: str
    unit: str | None
    unit_name: str | None
    kinds: list[str]
    host_kind: str
    interval_seconds: int
    created_at: datetime
    created_by: str
    last_seen_at: datetime | None


def list_sources(connection: Connection, viewer: Viewer) -> list[SourceRow]:
    """Return the sources that are not revoked, by name."""
    table = sources.c
    statement = (
        select(
            table.name, table.unit, units.c.name.label("unit_name"), table.kinds,
            table.host_kind, table.interval_seconds, table.created_at, table.created_by,
            table.last_seen_at,
        )
        .outerjoin_from(sources, units, units.c.code == table.unit)
        .where(table.revoked_at.is_(None), in_scope(viewer, table.unit))
        .order_by(table.name)
    )  # fmt: skip
    rows = [row._asdict() for row in connection.execute(statement)]
    return [SourceRow(**{**row, "kinds": row["kinds"].split()}) for row in rows]
