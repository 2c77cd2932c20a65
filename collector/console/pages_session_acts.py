"""The forms of sessions: plan, take in, move, begin, end, confirm, log, close."""

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from collector.api.deps import Caller, RowNumber, Use, may
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.api.session_bodies import (
    CloseBody,
    ConfirmBody,
    CopyBody,
    EntryBody,
    ImportBody,
    LogBody,
    MoveBody,
    SessionBody,
)
from collector.api.session_lists import taking, wanted_of
from collector.api.sessions import (
    PLAN,
    RUN,
    Work,
    changing,
    closing,
    confirming,
    copying,
    entering,
    moving,
    planning,
    stepping,
    told,
)
from collector.console.oncall_views import local_instant
from collector.console.pages_sessions import show_form, show_list, show_one
from collector.console.session_views import point_lines
from collector.csv_file import text_of
from collector.services import Services
from incidents.conditions import Refused
from incidents.yaml_problems import InvalidDocument

router = APIRouter(include_in_schema=False)
ROWS = 100
MAX_FILE_BYTES = 1 << 20
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
Line = Annotated[str, Form(max_length=400)]
Text = Annotated[str, Form(max_length=60_000)]
Done = Literal["planned", "changed", "moved", "cancelled", "live", "ended", "logged", "closed"]
Step = Literal["start", "end", "cancel", "reported"]


@router.post("/sessions/new", dependencies=[Depends(may(PLAN))])
async def plan(request: Request, services: Use, caller: Caller) -> Response:
    """Plan a session."""
    given = await _given(request)
    try:
        work = planning(services, _body(given), caller)
        number = await _do(request, services, caller, given.get("key", ""), work, given)
    except Refused as refused:
        return show_form(request, services, given=given, refusal=refused)
    return _to(number, "planned")


@router.post("/sessions/import", dependencies=[Depends(may(PLAN))])
async def take_in(request: Request, services: Use, caller: Caller, file: UploadFile) -> Response:
    """Take sessions in from a CSV file or a calendar."""
    content = (await file.read(MAX_FILE_BYTES + 1))[: MAX_FILE_BYTES + 1]
    numbers: list[int] = []
    try:
        text = text_of(content, file.filename or "sessions.csv")
        is_calendar = "BEGIN:VCALENDAR" in text[:2000]
        body = ImportBody(ics=text) if is_calendar else ImportBody(csv=text)
        wanted, notes = await asyncio.to_thread(wanted_of, services, body)
        work = taking(services, wanted, notes, caller, numbers)
        _, answer = await services.db.write(work)
    except InvalidDocument as error:
        wrong = Refused(error.problems[0].in_vietnamese, str(error))
        return await show_list(request, services, refusal=wrong)
    except ValidationError:
        wrong = Refused("Tệp phải là CSV hoặc lịch.", "It must be CSV or a calendar.")
        return await show_list(request, services, refusal=wrong)
    except Refused as refused:
        return await show_list(request, services, refusal=refused)
    for number in numbers:
        told(services, number)
    return await show_list(request, services, taken=dict(answer))


@router.post("/sessions/{conference}/edit", dependencies=[Depends(may(PLAN))])
async def edit(request: Request, services: Use, caller: Caller, conference: RowNumber) -> Response:
    """Put another plan in the place of a session's."""
    given = await _given(request)
    try:
        work = changing(services, conference, _body(given), caller)
        await _do(request, services, caller, given.get("key", ""), work, given)
    except Refused as refused:
        return show_form(request, services, given=given, refusal=refused, edits=conference)
    return _to(conference, "changed")


@router.post("/sessions/{conference}/copy", dependencies=[Depends(may(PLAN))])
async def copy(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Key = "",
    starts: Line = "",
) -> Response:
    """Plan a session with the points of this one."""
    at = local_instant(starts)
    if at is None:
        return await show_one(request, services, conference, refusal=_needs_time())
    work = copying(services, conference, CopyBody(starts_at=at), caller)
    try:
        number = await _do(request, services, caller, key, work, starts)
    except Refused as refused:
        return await show_one(request, services, conference, refusal=refused)
    return _to(number, "planned")


@router.post("/sessions/{conference}/move", dependencies=[Depends(may(PLAN))])
async def move(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Key = "",
    starts: Line = "",
    reason: Line = "",
) -> Response:
    """Give a session another time; it keeps its length."""
    at = local_instant(starts)
    if at is None:
        return await show_one(request, services, conference, refusal=_needs_time())
    work = moving(services, conference, MoveBody(starts_at=at, reason=reason), caller)
    return await _act(request, services, caller, conference, key, work, (starts, reason), "moved")


@router.post("/sessions/{conference}/step/{step}")
async def step(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    step: Step,
    key: Key = "",
    reason: Line = "",
) -> Response:
    """Begin, end, cancel or hand in a session."""
    act = PLAN if step == "cancel" else RUN
    services.desk.check_act(act, caller.actor, services.now())
    work = stepping(services, conference, step, reason, caller, act=act)
    done = {"start": "live", "end": "ended", "cancel": "cancelled", "reported": "closed"}[step]
    return await _act(request, services, caller, conference, key, work, reason, done)


@router.post("/sessions/{conference}/confirm/{place}", dependencies=[Depends(may(RUN))])
async def confirm(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    place: RowNumber,
    key: Key = "",
    is_there: Annotated[bool, Form()] = True,
) -> Response:
    """Note that the technician of a point will be there."""
    work = confirming(services, conference, place, ConfirmBody(is_there=is_there), caller)
    return await _act(request, services, caller, conference, key, work, is_there, "logged")


@router.post("/sessions/{conference}/log", dependencies=[Depends(may(RUN))])
async def enter(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Key = "",
    kind: Line = "note",
    code: Line = "",
    point: Annotated[int, Form(ge=0, le=100_000)] = 0,
    text: Annotated[str, Form(max_length=4000)] = "",
    at: Line = "",
) -> Response:
    """Enter what happened."""
    try:
        entry = EntryBody.model_validate(
            {"kind": kind, "code": code, "point": point, "text": text, "at": local_instant(at)}
        )
    except ValidationError:
        return await show_one(request, services, conference, refusal=_wrong_entry())
    work = entering(services, conference, LogBody(entries=[entry]), caller)
    given = (kind, code, point, text, at)
    return await _act(request, services, caller, conference, key, work, given, "logged")


@router.post("/sessions/{conference}/close", dependencies=[Depends(may(RUN))])
async def close(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Key = "",
    is_clean: Annotated[bool, Form()] = False,
) -> Response:
    """Close the log, in so many words."""
    body = CloseBody(is_clean=is_clean)
    work = closing(services, conference, caller, is_clean=body.is_clean)
    return await _act(request, services, caller, conference, key, work, is_clean, "closed")


async def _act(
    request: Request,
    services: Services,
    caller: Any,
    number: int,
    key: str,
    work: Work,
    given: object,
    done: str,
) -> Response:
    try:
        await _do(request, services, caller, key, work, given)
    except Refused as refused:
        return await show_one(request, services, number, refusal=refused)
    return _to(number, done)


async def _do(
    request: Request, services: Services, caller: Any, key: str, work: Work, given: object
) -> int:
    numbers: list[int] = []

    def noted(connection: Connection) -> Any:
        status, body = work(connection)
        numbers.append(int(body["id"]))
        return status, body

    digest = fingerprint(request, repr(given).encode())
    stored = await store_once(services, caller, key, digest, noted)
    number = int(json.loads(stored.answer)["id"])
    for one in numbers:
        told(services, one)
    return number


def _to(number: int, done: str) -> Response:
    return RedirectResponse(f"/sessions/{number}?done={done}", status_code=303)


async def _given(request: Request) -> dict[str, str]:
    form = await request.form(max_fields=40)
    return {name: str(value)[:60_000] for name, value in form.items() if isinstance(value, str)}


def _body(given: dict[str, str]) -> SessionBody:
    starts, ends = (local_instant(given.get(name, "")) for name in ("starts", "ends"))
    if starts is None or ends is None:
        raise _needs_time()
    values: dict[str, Any] = {
        name: given.get(name, "").strip()
        for name in ("name", "chair", "bridge", "conference", "main", "rrule")
    }
    values |= {
        "session_class": given.get("session_class", "C"),
        "kind": given.get("kind", "official"),
        "starts_at": starts,
        "ends_at": ends,
        "points": point_lines(given.get("points", "")),
    }
    try:
        return SessionBody.model_validate(values)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        said = error.errors()[0]["msg"]
        raise Refused(f"{field}: {said}", f"{field}: {said}", [field]) from error


def _needs_time() -> Refused:
    return Refused(
        "Cần ghi đủ ngày giờ bắt đầu và kết thúc.", "It needs a day and time.", ["starts_at"]
    )


def _wrong_entry() -> Refused:
    return Refused("Không hiểu nội dung ghi.", "The entry is not understood.", ["kind"])
