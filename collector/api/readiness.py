"""`/api/v1/sessions/N/readiness`: who is ready, pre-check records, the roll call."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from collector.access import Identity
from collector.api.deps import Caller, Looking, RowNumber, Use, check_units, may, viewer_for
from collector.api.errors import NotFoundError
from collector.api.once import key_of
from collector.services import Services
from collector.sessions.readiness_desk import Begun
from collector.sessions.readiness_tables import Answered
from collector.storage import session_checks
from collector.storage.queries.sessions import find_session
from incidents.actor import Viewer
from incidents.sessions.cells import Cell
from incidents.sessions.model import Session
from incidents.sessions.readiness import Board
from incidents.sessions.record import CheckRecord

router = APIRouter(prefix="/api/v1/sessions/{conference}", tags=["sessions"])
# Who may write into a session's file may look on demand, answer the roll call and sign.
ACT = "session_run"
MOST_ANSWERS, MOST_POINTS, MOST_NOTE = 100, 400, 1_000


class CellOut(BaseModel):
    """What one check came to at one point; `value` in the base unit of `measure`."""

    check: str
    verdict: str
    reason: str
    value: float | None
    measure: str
    text: str
    threshold: float | None
    side: str
    age_seconds: float | None
    source: str
    said_at: datetime | None
    runbook: str
    needed: bool


class PointOut(BaseModel):
    """One point with its cells."""

    order: int
    unit: str
    name: str
    way: str
    target: str
    path: str
    technician: str
    phone: str
    is_main: bool
    verdict: str
    cells: list[CellOut]


class BoardOut(BaseModel):
    """All points, the worst first."""

    session: int
    name: str
    at: datetime
    moment: str
    verdict: str
    points: list[PointOut]


class SignatureOut(BaseModel):
    """Who signed a record."""

    actor: str
    at: datetime
    note: str


class RecordOut(BaseModel):
    """One run of all checks, without its cells."""

    id: int
    at: datetime
    moment: str
    actor: str
    verdict: str
    digest: str
    signatures: list[SignatureOut]


class RecordDetailOut(RecordOut):
    """One run with all its cells."""

    board: BoardOut


class BegunOut(BaseModel):
    """A record that was made at once, or until when points are asked anew for one.

    Attributes:
        id: Of the record; null while points are asked, and of a repeat.
        asking: How many endpoints and paths are asked.
    """

    id: int | None
    asking: int
    ready_by: datetime | None


class AnswerIn(BaseModel):
    """One answer of the roll call, of one or many points."""

    model_config = ConfigDict(extra="forbid")
    points: Annotated[list[int], Field(min_length=1, max_length=MOST_POINTS)]
    answer: Annotated[str, Field(max_length=40)]
    at: datetime | None = None
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""
    key: Annotated[str, Field(max_length=100)] = ""


class AnswersIn(BaseModel):
    """Answers as a browser sends them, perhaps after a while without network.

    Attributes:
        sent_at: By the browser's clock: whatever that is off cancels.
    """

    model_config = ConfigDict(extra="forbid")
    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=MOST_ANSWERS)]
    sent_at: datetime | None = None


class SignIn(BaseModel):
    """What somebody adds to their signature."""

    model_config = ConfigDict(extra="forbid")
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""


@router.get("/readiness")
async def readiness(services: Use, viewer: Looking, conference: RowNumber) -> BoardOut:
    """Return who is ready now, the worst first; nothing is asked of any device."""
    looked = await services.readiness.look(conference, viewer, services.now())
    if looked is None:
        raise NotFoundError("session", conference)
    return board_out(looked.session, looked.board)


@router.get("/checks")
async def checks(services: Use, viewer: Looking, conference: RowNumber) -> list[RecordOut]:
    """List the pre-check records, the newest first."""
    await seen(services, conference, viewer)
    records = await services.db.read(lambda c: session_checks.newest(c, conference))
    return [RecordOut.model_validate(_record(one)) for one in records]


@router.post("/checks", status_code=201, dependencies=[Depends(may(ACT))])
async def check(request: Request, services: Use, caller: Caller, conference: RowNumber) -> BegunOut:
    """Ask the points anew and keep what is found; a repeat with the same key keeps nothing."""
    record, asking = await checked(services, caller, conference, key_of(request))
    if asking is None:
        return BegunOut(id=record, asking=0, ready_by=None)
    return BegunOut(id=None, asking=len(asking.targets), ready_by=asking.until)


@router.get("/checks/{check}")
async def one_check(
    services: Use, viewer: Looking, conference: RowNumber, check: RowNumber
) -> RecordDetailOut:
    """Return one record as it was found."""
    session = await seen(services, conference, viewer)
    found = await record_of(services, conference, check)
    board = board_out(session, found.board)
    return RecordDetailOut.model_validate({**_record(found), "board": board})


@router.post("/checks/{check}/sign", status_code=201, dependencies=[Depends(may(ACT))])
async def sign(
    services: Use, caller: Caller, conference: RowNumber, check: RowNumber, body: SignIn
) -> dict[str, int]:
    """Sign a record; signing it again changes nothing."""
    await signed(services, caller, conference, check, body.note)
    return {"id": check}


@router.post("/answers", status_code=201, dependencies=[Depends(may(ACT))])
async def answers(
    services: Use, caller: Caller, conference: RowNumber, body: AnswersIn
) -> dict[str, int]:
    """Answer the roll call; each answer counts once by its key, at the instant it was made."""
    now = services.now()
    offset = now - body.sent_at if body.sent_at is not None else None
    given = [
        Answered(
            tuple(dict.fromkeys(one.points)),
            one.answer,
            now if one.at is None else one.at if offset is None else one.at + offset,
            one.note,
            one.key,
        )
        for one in body.answers
    ]
    return {"new": await answered(services, caller, conference, given)}


async def seen(services: Services, number: int, viewer: Viewer) -> Session:
    """Return a session that somebody sees.

    Raises:
        NotFoundError: There is none, or not for them.
    """
    session = await services.db.read(lambda c: find_session(c, number, viewer))
    if session is None:
        raise NotFoundError("session", number)
    return session


async def allowed(services: Services, caller: Identity, number: int) -> Session:
    """Return a session into whose file somebody may write.

    Raises:
        NotFoundError: There is none, or not for them.
        NotAllowed: They only read.
    """
    session = await seen(services, number, viewer_for(services, caller))
    check_units(services, caller, ACT, *session.units)
    return session


async def checked(services: Services, caller: Identity, number: int, key: str) -> Begun:
    """Ask the points of a session anew for somebody."""
    await allowed(services, caller, number)
    return await services.readiness.ask(
        number,
        caller.actor,
        viewer_for(services, caller),
        services.now(),
        key=f"asked:{caller.user}:{key}" if key else "",
    )


async def answered(services: Services, caller: Identity, number: int, given: list[Answered]) -> int:
    """Keep what somebody answered."""
    session = await allowed(services, caller, number)
    places = {place for one in given for place in one.points}
    units = {point.unit for point in session.points if point.order in places}
    for unit in units:
        check_units(services, caller, ACT, unit)
    return await services.readiness.answer(number, given, caller.actor, services.now())


async def signed(services: Services, caller: Identity, number: int, check: int, note: str) -> None:
    """Sign a record for somebody."""
    await allowed(services, caller, number)
    now = services.now()
    if not await services.readiness.sign(number, check, caller.actor, now, note):
        raise NotFoundError("pre-check record", check)


async def record_of(services: Services, number: int, check: int) -> CheckRecord:
    """Return a record of a session.

    Raises:
        NotFoundError: The session has none of this number.
    """
    found = await services.db.read(lambda c: session_checks.find(c, number, check))
    if found is None:
        raise NotFoundError("pre-check record", check)
    return found


def board_out(session: Session, board: Board) -> BoardOut:
    """Return a board as the API shows it."""
    points = [
        {
            **{name: getattr(row.point, name) for name in _OF_POINT},
            "verdict": row.verdict.value,
            "cells": [_cell(cell) for cell in row.cells],
        }
        for row in board.rows
    ]
    return BoardOut(
        session=session.id,
        name=session.name,
        at=board.at,
        moment=board.moment.value,
        verdict=board.verdict.value,
        points=[PointOut.model_validate(point) for point in points],
    )


_OF_POINT = frozenset(
    {"order", "unit", "name", "way", "target", "path", "technician", "phone", "is_main"}
)


def _cell(cell: Cell) -> dict[str, Any]:
    given = {name: getattr(cell, name) for name in CellOut.model_fields}
    return given | {"verdict": cell.verdict.value}


def _record(one: CheckRecord) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.board.at,
        "moment": one.board.moment.value,
        "actor": one.actor,
        "verdict": one.board.verdict.value,
        "digest": one.digest,
        "signatures": [{"actor": s.actor, "at": s.at, "note": s.note} for s in one.signatures],
    }
