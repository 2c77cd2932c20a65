"""`/api/v1/incidents`: the list, one incident's file, and the commands people give."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, RowNumber, Search, Use
from collector.api.errors import NotFoundError
from collector.api.incident_file import IncidentFile, read_file
from collector.api.once import command
from collector.services import Services
from collector.storage.queries.incidents import (
    EntryRow,
    IncidentRow,
    IncidentState,
    find_incident,
    list_incidents,
    timeline,
)
from collector.storage.queries.paging import Page
from incidents.commands import Acknowledge, Close, Command, Move, Note
from incidents.vietnamese import search_words

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])
Words = Annotated[str, Field(max_length=4000)]
Code = Annotated[str, Field(max_length=100)]


class Body(BaseModel):
    """What a command carries; an unknown field is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class AckBody(Body):
    """Nothing is needed to acknowledge."""


class NoteBody(Body):
    """A line for the file."""

    text: Words


class MoveBody(Body):
    """To another stage, with what the transition needs."""

    stage: Code
    reason: Words = ""
    fields: dict[str, Words] = Field(default_factory=dict, max_length=20)


class CloseBody(Body):
    """The end, with the code of the root cause."""

    reason: Words
    root_cause: Code


@router.get("")
async def incidents(
    services: Use,
    state: IncidentState = "all",
    unit: str | None = None,
    severity: str | None = None,
    stage: str | None = None,
    q: Search = "",
    limit: Limit = PAGE,
    after: str | None = None,
) -> Page[IncidentRow]:
    """List incidents: open first, worst severity first; `q` finds with or without marks."""
    return await services.db.read(
        lambda c: list_incidents(
            c,
            state=state,
            unit=unit,
            severity=severity,
            stage=stage,
            search=search_words(q),
            limit=limit,
            after=after,
        )
    )


@router.get("/{code}")
async def incident(services: Use, caller: Caller, code: str) -> IncidentFile:
    """Return one incident with its timeline, its paging and what the caller may do now."""
    return await services.db.read(lambda c: read_file(services, c, code, caller.actor))


@router.get("/{code}/entries")
async def entries(
    services: Use, code: str, limit: Limit = PAGE, after: RowNumber = 0
) -> Page[EntryRow]:
    """Return a piece of the timeline, oldest entry first."""

    def read(connection: Connection) -> Page[EntryRow]:
        number = existing(connection, code).id
        rows = timeline(connection, number, limit=limit + 1, after=after)
        more = len(rows) > limit
        return Page(rows[:limit], str(rows[limit - 1].seq) if more else None)

    return await services.db.read(read)


@router.post("/{code}/ack")
async def ack(
    request: Request, services: Use, caller: Caller, code: str, body: AckBody | None = None
) -> Response:
    """Take the incident: repeats stop."""
    del body  # nothing is in it; declared so that anything else is refused
    return await _do(request, services, caller, code, Acknowledge())


@router.post("/{code}/note")
async def note(
    request: Request, services: Use, caller: Caller, code: str, body: NoteBody
) -> Response:
    """Write a line into the file."""
    return await _do(request, services, caller, code, Note(body.text))


@router.post("/{code}/move")
async def move(
    request: Request, services: Use, caller: Caller, code: str, body: MoveBody
) -> Response:
    """Move to another stage, as far as the procedure allows it."""
    wish = Move(body.stage, body.reason, body.fields)
    return await _do(request, services, caller, code, wish)


@router.post("/{code}/close")
async def close(
    request: Request, services: Use, caller: Caller, code: str, body: CloseBody
) -> Response:
    """Close the incident, as far as the procedure allows it."""
    return await _do(request, services, caller, code, Close(body.reason, body.root_cause))


async def _do(
    request: Request, services: Services, caller: Identity, code: str, wish: Command
) -> Response:
    answer = await command(request, services, act(services, caller, code, wish))
    services.changes.publish("incident", code)
    return answer


def act(
    services: Services, caller: Identity, code: str, wish: Command
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of one command; its answer is where the incident stands afterwards."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        number = existing(connection, code).id
        tx = services.desk_tx(connection)
        services.desk.command(tx, number, wish, caller.actor, now)
        after = existing(connection, code)
        return 200, {"incident": after.code, "stage": after.stage, "ended": after.ended}

    return work


def existing(connection: Connection, code: str) -> IncidentRow:
    """Return the incident with this code.

    Raises:
        NotFoundError: There is none.
    """
    found = find_incident(connection, code)
    if found is None:
        raise NotFoundError("incident", code)
    return found
