"""`/api/v1/retention`: ended incidents whose content has been kept long enough."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import Connection, exists, select

from collector.api.deps import Looking, Use
from collector.storage.queries.paging import MAX_LIMIT
from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import entry_texts, incidents
from incidents.commands.remove_content import years_after

router = APIRouter(prefix="/api/v1/retention", tags=["files"])


@dataclass(frozen=True, slots=True)
class DueRemoval:
    """An incident that somebody with the role may empty now; the field names are the API's."""

    code: str
    ended_at: datetime
    kept_until: datetime


@router.get("")
async def due(services: Use, viewer: Looking) -> list[DueRemoval]:
    """List them, the longest kept first; by the ruleset in force now, each decides by its own."""
    years, now = services.desk.file_years, services.now()

    def read(connection: Connection) -> list[DueRemoval]:
        rows = [
            DueRemoval(code, ended_at, years_after(ended_at, years))
            for code, ended_at in _ended(connection, viewer)
        ]
        return [row for row in rows if row.kept_until <= now]

    return await services.db.read(read)


def _ended(connection: Connection, viewer: Viewer) -> list[tuple[str, datetime]]:
    words = exists().where(entry_texts.c.incident == incidents.c.id, entry_texts.c.seq == 1)
    query = (
        select(incidents.c.code, incidents.c.closed_at)
        .where(incidents.c.ended, incidents.c.closed_at.is_not(None), words, visible_to(viewer))
        .order_by(incidents.c.closed_at)
        .limit(MAX_LIMIT)
    )
    return [(row.code, row.closed_at) for row in connection.execute(query)]
