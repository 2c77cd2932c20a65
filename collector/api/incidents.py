"""`/api/v1/incidents`: the list, one incident's file, and the commands people give."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, Looking, RowNumber, Search, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.incident_file import IncidentFile, read_file
from collector.api.once import command
from collector.api.reading import note_reading
from collector.services import Services
from collector.storage.queries.copies import Copy, copies_of
from collector.storage.queries.incidents import (
    EntryRow,
    IncidentRow,
    IncidentState,
    find_incident,
    list_incidents,
    timeline,
)
from collector.storage.queries.paging import MAX_LIMIT, Page
from collector.storage.queries.visibility import Viewer
from collector.storage.queries.why import WhyRow, why
from incidents.commands import COMMANDS, Command, Spec
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


@router.get("")
async def incidents(
    services: Use,
    viewer: Looking,
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
            viewer,
            state=state,
            unit=unit,
            severity=severity,
            stage=stage,
            search=search_of(q),
            limit=limit,
            after=after,
        )
    )


@router.get("/{code}")
async def incident(services: Use, caller: Caller, code: str) -> IncidentFile:
    """Return one incident with its timeline, its paging and what the caller may do now."""
    file = await services.db.read(lambda c: read_file(services, c, code, caller))
    await note_reading(services, caller, file.incident)
    return file


@router.get("/{code}/entries")
async def entries(
    services: Use,
    caller: Caller,
    viewer: Looking,
    code: str,
    limit: Limit = PAGE,
    after: RowNumber = 0,
) -> Page[EntryRow]:
    """Return a piece of the timeline, oldest entry first."""

    def read(connection: Connection) -> tuple[IncidentRow, Page[EntryRow]]:
        found = existing(connection, code, viewer)
        rows = timeline(connection, found.id, limit=limit + 1, after=after)
        more = len(rows) > limit
        return found, Page(rows[:limit], str(rows[limit - 1].seq) if more else None)

    found, piece = await services.db.read(read)
    await note_reading(services, caller, found)
    return piece


@router.get("/{code}/why")
async def why_paged(
    services: Use,
    caller: Caller,
    viewer: Looking,
    code: str,
    person: Annotated[str, Query(max_length=100)] = "",
) -> list[WhyRow]:
    """Say why people were paged or not: every decision and attempt, oldest first.

    `person`: only what is about this one, or about nobody by name.
    """
    found, rows = await services.db.read(lambda c: read_why(c, code, viewer, person))
    await note_reading(services, caller, found)
    return rows


def read_why(
    connection: Connection, code: str, viewer: Viewer, person: str
) -> tuple[IncidentRow, list[WhyRow]]:
    """Return an incident, and why people were paged for it or not.

    Raises:
        NotFoundError: There is none, or the viewer may not see it.
    """
    found = existing(connection, code, viewer)
    return found, why(connection, found.id, viewer, person=person, limit=MAX_LIMIT)


@router.get("/{code}/entries/{entry}/copies")
async def copies(services: Use, viewer: Looking, code: str, entry: RowNumber) -> list[Copy]:
    """Return the other entries that the caller may see in which the same words stand."""

    def read(connection: Connection) -> list[Copy]:
        number = existing(connection, code, viewer).id
        return copies_of(connection, number, entry, viewer)

    return await services.db.read(read)


def _route(spec: Spec) -> None:
    """Add `POST /{code}/NAME` for a command; its body is the wish itself."""
    is_empty = not fields(spec.wish)

    async def run(
        request: Request, services: Use, caller: Caller, code: str, body: Any = None
    ) -> Response:
        wish = spec.wish() if body is None else body
        answer = await command(request, services, act(services, caller, code, wish))
        services.changes.publish("incident", code)
        return answer

    run.__annotations__["body"] = spec.wish | None if is_empty else spec.wish
    run.__defaults__ = (None,) if is_empty else ()
    run.__name__ = f"{spec.name}_incident"
    run.__doc__ = spec.wish.__doc__
    router.post(f"/{{code}}/{spec.name}")(run)


for _spec in COMMANDS:
    _route(_spec)


def act(
    services: Services, caller: Identity, code: str, wish: Command
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of one command; its answer is where the incident stands afterwards."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        viewer = viewer_for(services, caller)
        before = existing(connection, code, viewer)
        tx = services.desk_tx(connection)
        services.desk.command(tx, before.id, wish, caller.actor, now)
        after = find_incident(connection, code, viewer) or before
        return 200, {"incident": after.code, "stage": after.stage, "ended": after.ended}

    return work


def existing(connection: Connection, code: str, viewer: Viewer) -> IncidentRow:
    """Return the incident with this code.

    Raises:
        NotFoundError: There is none, or the viewer may not see it.
    """
    found = find_incident(connection, code, viewer)
    if found is None:
        raise NotFoundError("incident", code)
    return found
