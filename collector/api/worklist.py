"""`/api/v1/worklist`: what a unit's IT officer should put right, without clocks."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, Looking, RowNumber, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import Services
from collector.storage.queries.alerts import AlertRow, find_alert, list_worklist
from collector.storage.queries.incidents import code_of
from collector.storage.queries.paging import Page

router = APIRouter(prefix="/api/v1/worklist", tags=["worklist"])


@router.get("")
async def worklist(
    services: Use,
    viewer: Looking,
    unit: str | None = None,
    limit: Limit = PAGE,
    after: RowNumber | None = None,
) -> Page[AlertRow]:
    """List worklist lines that still hold, unit by unit, critical before warning."""
    return await services.db.read(
        lambda c: list_worklist(c, viewer, unit=unit, limit=limit, after=after)
    )


@router.post("/{alert}/promote", status_code=201)
async def promote(request: Request, services: Use, caller: Caller, alert: RowNumber) -> Response:
    """Raise an incident from a line; a line that already belongs to one answers with that one."""
    answer = await command(request, services, promotion(services, alert, caller))
    services.changes.publish("worklist", str(alert))
    services.changes.publish("message", "")  # whoever is to be told is told now
    return answer


def promotion(
    services: Services, alert: int, caller: Identity
) -> Callable[[Connection], tuple[int, dict[str, Any]]]:
    """Return the work of promoting one line: at most one incident ever comes of it."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        line = find_alert(connection, alert, viewer_for(services, caller))
        if line is None or line.outcome != "worklist":
            raise NotFoundError("worklist line", alert)
        if line.incident is not None:
            return 200, {"incident": line.incident}
        services.desk.check_act("open", caller.actor, now, {line.unit})
        incident = services.promote(connection, alert, caller.actor, now)
        return 201, {"incident": code_of(connection, incident)}

    return work
