"""`POST /api/v1/incidents`: an incident that a person reports, for instance by telephone."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import Services
from collector.storage.queries.incidents import code_of
from collector.storage.queries.units import find_unit
from incidents.causes import HandReport
from incidents.commands.fields import At, Code, Line, Words

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


class HandBody(BaseModel):
    """What is reported; without an instant it was detected just now.

    A class that locks free text takes `document` and `custodian` in place of a summary.
    """

    model_config = ConfigDict(extra="forbid")

    unit: Code
    class_code: Code
    summary: Words = ""
    host: Line = ""
    detected_at: At | None = None
    impact: Code | None = None
    scope: Code | None = None
    detected_by: Code = "nguoi_dung"
    document: Line = ""
    custodian: Line = ""


@router.post("", status_code=201)
async def open_incident(
    request: Request, services: Use, caller: Caller, body: HandBody
) -> Response:
    """Open an incident by hand; the answer names its code."""
    answer = await command(request, services, opening(services, caller, body))
    services.changes.publish("unit", body.unit)
    services.changes.publish("message", "")  # whoever is to be told is told now
    return answer


def opening(
    services: Services, caller: Identity, body: HandBody
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of opening one incident."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        unit = find_unit(connection, body.unit, viewer)
        if unit is None:
            raise NotFoundError("unit", body.unit)
        report = HandReport(
            class_code=body.class_code,
            unit=unit.code,
            unit_name=unit.name,
            summary_vi=body.summary,
            detected_at=body.detected_at or now,
            host=body.host,
            impact=body.impact or None,
            scope=body.scope or None,
            detected_by=body.detected_by,
            document=body.document,
            custodian=body.custodian,
        )
        tx = services.desk_tx(connection)
        number = services.desk.open_by_hand(tx, report, caller.actor, now)
        return 201, {"incident": code_of(connection, number)}

    return work
