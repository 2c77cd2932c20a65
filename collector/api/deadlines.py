"""`/api/v1/incidents/CODE/deadlines`: every deadline that an incident has or had."""

from fastapi import APIRouter
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, Use
from collector.api.incident_file import read_deadlines
from collector.api.incidents import existing
from collector.duties.deadline_lines import DeadlineLine

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


@router.get("/{code}/deadlines")
async def deadlines(
    services: Use, viewer: Looking, caller: Caller, code: str
) -> list[DeadlineLine]:
    """List the deadlines of an incident: what runs first, the soonest due leading."""

    def read(connection: Connection) -> list[DeadlineLine]:
        number = existing(connection, code, viewer).id
        tx, now = services.desk_tx(connection), services.now()
        state, _ = services.desk.look(tx, number, caller.actor, now)
        return read_deadlines(services, connection, state)

    return await services.db.read(read)
