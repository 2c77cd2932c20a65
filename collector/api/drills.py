"""Drills that replay an ended incident, their minutes, and what was shared of an incident."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.incidents import existing
from collector.api.once import command
from collector.api.reading import note_reading
from collector.services import Services
from collector.storage.queries.incidents import IncidentRow, code_of
from incidents import deadlines
from incidents.drill_minutes import minutes
from incidents.incident import fold
from incidents.replay import FASTEST_PERCENT, SLOWEST_PERCENT
from incidents.shared import content

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


class DrillBody(BaseModel):
    """How fast the drill goes: 100 is as it was, 1000 ten times as fast."""

    model_config = ConfigDict(extra="forbid")

    pace_percent: Annotated[int, Field(ge=SLOWEST_PERCENT, le=FASTEST_PERCENT)] = 100


@router.post("/{code}/drill", status_code=201)
async def start_drill(
    request: Request, services: Use, caller: Caller, code: str, body: DrillBody | None = None
) -> Response:
    """Replay an ended incident as a drill; the answer names the drill's code."""
    pace = SLOWEST_PERCENT if body is None else body.pace_percent
    answer = await command(request, services, drilling(services, caller, code, pace))
    services.changes.publish("incident", code)
    return answer


def drilling(
    services: Services, caller: Identity, code: str, pace_percent: int
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of opening a drill."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        source = existing(connection, code, viewer_for(services, caller))
        tx = services.desk_tx(connection)
        number = services.desk.start_drill(tx, source.id, pace_percent, caller.actor, now)
        return 201, {"incident": code_of(connection, number)}

    return work


@router.get("/{code}/minutes", response_class=PlainTextResponse)
async def drill_minutes(services: Use, caller: Caller, code: str) -> PlainTextResponse:
    """Return the minutes of a drill, as plain text to print and sign."""

    def read(connection: Connection) -> tuple[IncidentRow, str]:
        viewer, tx = viewer_for(services, caller), services.desk_tx(connection)
        row = existing(connection, code, viewer)
        if not row.is_drill:
            raise NotFoundError("minutes", code)
        entries = tx.timeline(row.id, lock=False)
        drill = fold(entries)
        procedure = services.desk.procedure_of(tx, drill)
        replay = drill.work.replay
        number = None if replay is None else tx.number_of(replay.source)
        if number is None:
            return row, minutes(drill, entries, procedure, services.now())
        source = fold(tx.timeline(number, lock=False))
        real = deadlines.rows(source, services.desk.procedure_of(tx, source))
        return row, minutes(drill, entries, procedure, services.now(), source, real)

    row, text = await services.db.read(read)
    await note_reading(services, caller, row)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


@router.get("/{code}/shares/{number}")
async def shared(services: Use, caller: Caller, code: str, number: int) -> Response:
    """Return exactly what was shared: its SHA-256 is the one that the entry keeps."""

    def read(connection: Connection) -> tuple[IncidentRow, str]:
        row = existing(connection, code, viewer_for(services, caller))
        entries = services.desk_tx(connection).timeline(row.id, lock=False)
        share = next((s for s in fold(entries).work.shares if s.number == number), None)
        if share is None:
            raise NotFoundError("share", f"{code}/{number}")
        return row, content(fold(entries[: share.seq - 1]), share.fields)

    row, text = await services.db.read(read)
    await note_reading(services, caller, row)
    name = f"{row.code}-share-{number}.json"
    return Response(
        text,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
