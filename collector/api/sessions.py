"""`/api/v1/sessions…`: conference sessions, their points, their life and their log."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import (
    PAGE,
    Caller,
    Limit,
    Looking,
    RowNumber,
    Search,
    Use,
    check_units,
    may,
    viewer_for,
)
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.api.session_bodies import (
    CloseBody,
    ConfirmBody,
    CopyBody,
    LogBody,
    MoveBody,
    ReasonBody,
    SessionBody,
    drafts_of,
    session_of,
)
from collector.services import Services
from collector.storage.queries import sessions as queries
from collector.storage.queries.paging import Page
from collector.storage.queries.sessions import SessionRow, When
from collector.storage.queries.visibility import Viewer
from incidents.commands.fields import At
from incidents.conditions import NotAllowed, Refused
from incidents.sessions.log import LogEntry
from incidents.sessions.minutes import Lost, lost_of
from incidents.sessions.model import Point, Session, Stage
from incidents.sessions.names import found_by
from incidents.sessions.planning import copy_of
from incidents.sessions.recurrence import by_rule
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])
Instant = Annotated[At | None, Query()]
Work = Callable[[Connection], tuple[int, Mapping[str, Any]]]
YEAR = timedelta(days=366)
PLAN, RUN = "session", "session_run"
STEPS = {
    "start": Stage.LIVE,
    "end": Stage.ENDED,
    "cancel": Stage.CANCELLED,
    "reported": Stage.REPORTED,
}


@router.get("")
async def sessions(
    services: Use,
    viewer: Looking,
    when: When = "coming",
    search: Search = "",
    start: Annotated[Instant, Query(alias="from")] = None,
    until: Instant = None,
    limit: Limit = PAGE,
    after: int | None = None,
) -> Page[SessionRow]:
    """List sessions: what is not over by its beginning, the past backwards."""
    return await services.db.read(
        lambda c: queries.list_sessions(
            c, viewer, when=when, search=search_of(search), start=start, until=until,
            limit=limit, after=after,
        )
    )  # fmt: skip


@router.post("", status_code=201, dependencies=[Depends(may(PLAN))])
async def plan(request: Request, services: Use, caller: Caller, body: SessionBody) -> Response:
    """Plan a session."""
    return await _done(request, services, planning(services, body, caller))


@router.get("/{conference}")
async def session(services: Use, viewer: Looking, conference: RowNumber) -> Session:
    """Return one session with its points."""
    return await services.db.read(lambda c: found(c, conference, viewer))


@router.get("/{conference}/points")
async def points(
    services: Use, viewer: Looking, conference: RowNumber, find: Search = ""
) -> list[Point]:
    """Return the points that somebody means by a number or some letters without marks."""
    whole = await services.db.read(lambda c: found(c, conference, viewer))
    return found_by(find, whole.points) if find else list(whole.points)


@router.post("/{conference}", dependencies=[Depends(may(PLAN))])
async def change(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: SessionBody
) -> Response:
    """Put another plan in the place of a session's; one that moves tells its technicians."""
    return await _done(request, services, changing(services, conference, body, caller))


@router.post("/{conference}/copy", status_code=201, dependencies=[Depends(may(PLAN))])
async def copy(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: CopyBody
) -> Response:
    """Plan a session with the points of this one."""
    return await _done(request, services, copying(services, conference, body, caller))


@router.post("/{conference}/move", dependencies=[Depends(may(PLAN))])
async def move(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: MoveBody
) -> Response:
    """Give a session other times; its pre-checks move with it."""
    return await _done(request, services, moving(services, conference, body, caller))


@router.post("/{conference}/cancel", dependencies=[Depends(may(PLAN))])
async def cancel(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: ReasonBody
) -> Response:
    """Say that a session is not held; its technicians are told."""
    work = stepping(services, conference, "cancel", body.reason, caller, act=PLAN)
    return await _done(request, services, work)


@router.post("/{conference}/start", dependencies=[Depends(may(RUN))])
async def start(request: Request, services: Use, caller: Caller, conference: RowNumber) -> Response:
    """Begin a session: it is live from now on."""
    return await _done(request, services, stepping(services, conference, "start", "", caller))


@router.post("/{conference}/end", dependencies=[Depends(may(RUN))])
async def end(request: Request, services: Use, caller: Caller, conference: RowNumber) -> Response:
    """End a session; its open incidents become ordinary ones."""
    return await _done(request, services, stepping(services, conference, "end", "", caller))


@router.post("/{conference}/reported", dependencies=[Depends(may(RUN))])
async def reported(
    request: Request, services: Use, caller: Caller, conference: RowNumber
) -> Response:
    """Note that the report of a session was handed in."""
    return await _done(request, services, stepping(services, conference, "reported", "", caller))


@router.post("/{conference}/points/{place}/confirm", dependencies=[Depends(may(RUN))])
async def confirm(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    place: RowNumber,
    body: ConfirmBody,
) -> Response:
    """Note that the technician of a point will be there."""
    return await _done(request, services, confirming(services, conference, place, body, caller))


@router.get("/{conference}/log")
async def log(
    services: Use, viewer: Looking, conference: RowNumber, after: RowNumber = 0
) -> list[LogEntry]:
    """Return the log in the order of what happened; only what came in after an entry."""

    def read(connection: Connection) -> list[LogEntry]:
        found(connection, conference, viewer)
        return queries.log_of(connection, conference, viewer, after=after)

    return await services.db.read(read)


@router.get("/{conference}/minutes")
async def minutes(services: Use, viewer: Looking, conference: RowNumber) -> Lost:
    """Return the minutes lost so far, by point and symptom."""
    now = services.now()

    def read(connection: Connection) -> Lost:
        whole = found(connection, conference, viewer)
        entries = queries.log_of(connection, conference, viewer)
        return lost_of(whole, entries, services.sessions.policy.losing, now)

    return await services.db.read(read)


@router.post("/{conference}/log", status_code=201, dependencies=[Depends(may(RUN))])
async def enter(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: LogBody
) -> Response:
    """Enter what happened, also what was noted offline: each entry is kept once by its key."""
    return await _done(request, services, entering(services, conference, body, caller))


@router.post("/{conference}/close", dependencies=[Depends(may(RUN))])
async def close(
    request: Request, services: Use, caller: Caller, conference: RowNumber, body: CloseBody
) -> Response:
    """Close the log; that nothing happened is said, never assumed."""
    work = closing(services, conference, caller, is_clean=body.is_clean)
    return await _done(request, services, work)


def found(connection: Connection, number: int, viewer: Viewer) -> Session:
    """Return a session.

    Raises:
        NotFoundError: There is none, or the viewer sees none of its units.
    """
    session = queries.find_session(connection, number, viewer)
    if session is None:
        raise NotFoundError("session", number)
    return session


def allowed(
    services: Services, connection: Connection, number: int, caller: Identity, act: str
) -> Session:
    """Return a session that the caller sees and whose units their role for an act covers."""
    session = found(connection, number, viewer_for(services, caller))
    check_units(services, caller, act, *session.units)
    return session


def answered_for(
    services: Services, connection: Connection, number: int, caller: Identity, act: str
) -> Session:
    """Return a session of which the caller answers for every point.

    Raises:
        NotAllowed: Another unit's point is in it: who answers for one unit logs and confirms there,
            and neither moves nor ends what the others come to.
    """
    session, viewer = (
        allowed(services, connection, number, caller, act),
        viewer_for(services, caller),
    )
    others = [point.name for point in session.points if not viewer.sees(point.unit)]
    if others:
        raise NotAllowed(
            f"Phiên có điểm cầu của đơn vị khác ({', '.join(others[:5])}); việc này dành cho người "
            "phụ trách các điểm cầu đó.",
            f"Other units take part ({', '.join(others[:5])}); this is for who answers for them.",
            ["points"],
        )
    return session


def planning(services: Services, body: SessionBody, caller: Identity) -> Work:
    """Return the work of keeping a plan."""
    now, viewer, desk = services.now(), viewer_for(services, caller), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        new = session_of(body, desk.policy.book, viewer)
        check_units(services, caller, PLAN, *new.units)
        plans = [new]
        if body.rrule:
            times = by_rule(body.rrule, new.starts_at, new.starts_at + YEAR)
            length, series = new.ends_at - new.starts_at, new.series or services.new_id()
            plans = [replace(new, starts_at=at, ends_at=at + length, series=series) for at in times]
        made = [desk.plan(connection, one, caller.actor, now) for one in plans]
        if not made:
            raise Refused("Quy tắc lặp không có lần nào.", "The rule never holds.", ["rrule"])
        return 201, {"id": made[0], "ids": made}

    return work


def changing(services: Services, number: int, body: SessionBody, caller: Identity) -> Work:
    """Return the work of putting a plan in another's place."""
    now, viewer, desk = services.now(), viewer_for(services, caller), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        before = answered_for(services, connection, number, caller, PLAN)
        after = session_of(body, desk.policy.book, viewer)
        series = after.series or before.series
        after = replace(after, id=number, series=series, occurrence=before.occurrence)
        changed = desk.change(connection, after, caller.actor, now)
        return 200, {"id": number, "changed": changed}

    return work


def copying(services: Services, number: int, body: CopyBody, caller: Identity) -> Work:
    """Return the work of planning a copy."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        before = answered_for(services, connection, number, caller, PLAN)
        new = copy_of(before, body.starts_at, body.name.strip())
        made = desk.plan(connection, new, caller.actor, now, how=f"copy {number}")
        return 201, {"id": made, "copied": number}

    return work


def moving(services: Services, number: int, body: MoveBody, caller: Identity) -> Work:
    """Return the work of moving a session."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        answered_for(services, connection, number, caller, PLAN)
        changed = desk.move(
            connection, number, body.starts_at, body.ends_at, caller.actor, now, body.reason
        )
        return 200, {"id": number, "changed": changed}

    return work


def stepping(
    services: Services, number: int, step: str, reason: str, caller: Identity, *, act: str = RUN
) -> Work:
    """Return the work of beginning, ending, cancelling or reporting a session."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        answered_for(services, connection, number, caller, act)
        wanted = STEPS[step]
        changed = desk.step(connection, number, wanted, caller.actor, now, reason.strip())
        return 200, {"id": number, "stage": wanted.value, "changed": changed}

    return work


def confirming(
    services: Services, number: int, place: int, body: ConfirmBody, caller: Identity
) -> Work:
    """Return the work of noting who will be there."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        session = allowed(services, connection, number, caller, RUN)
        if (point := session.point(place)) is not None:
            check_units(services, caller, RUN, point.unit)
        changed = desk.confirm(connection, number, place, caller.actor, now, is_there=body.is_there)
        return 200, {"id": number, "point": place, "changed": changed}

    return work


def entering(services: Services, number: int, body: LogBody, caller: Identity) -> Work:
    """Return the work of keeping entries of the log."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        allowed(services, connection, number, caller, RUN)
        kept, changed = desk.enter(connection, number, drafts_of(body, now), caller.actor, now)
        return 201, {"id": number, "entries": kept, "incidents": changed}

    return work


def closing(services: Services, number: int, caller: Identity, *, is_clean: bool) -> Work:
    """Return the work of closing a log."""
    now, desk = services.now(), services.sessions

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        answered_for(services, connection, number, caller, RUN)
        changed = desk.close(connection, number, caller.actor, now, is_clean=is_clean)
        return 200, {"id": number, "changed": changed}

    return work


def told(services: Services, number: object) -> None:
    """Let pages show what changed of a session, and messages leave."""
    services.changes.publish("session", str(number))
    services.changes.publish("message", str(number))


async def _done(request: Request, services: Services, work: Work) -> Response:
    numbers: list[object] = []
    incidents: list[object] = []

    def noted(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        status, body = work(connection)
        numbers.append(body.get("id"))
        incidents.extend(body.get("incidents", ()))
        return status, body

    answer = await command(request, services, noted)
    for number in numbers:
        told(services, number)
    for incident in incidents:
        services.changes.publish("incident", str(incident))
    return answer
