"""`/day`: who has confirmed the day and who has not; `/day/UNIT`: one click of an officer."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, Use, check_units, viewer_of
from collector.api.errors import NotFoundError
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.api.unit_days import SayBody, saying
from collector.console.command_forms import refusal_words
from collector.console.render import page
from collector.duties.unit_day_desk import ACT
from collector.services import Services
from collector.storage import unit_days as store
from incidents.conditions import Refused
from incidents.unit_day import CONFIRMED, MOST_WORDS, State
from incidents.vietnamese import ZONE

router = APIRouter(include_in_schema=False)
Day = Annotated[date | None, Query()]
Text = Annotated[str, Form(max_length=MOST_WORDS)]
Name = Annotated[str, Form(max_length=100)]
# Who has not said anything first; who needs not say anything last.
ORDER = (
    State.MISSING, State.REMINDED, State.HAPPENED, State.OPEN, State.CLEAN, State.OFF,
)  # fmt: skip


@router.get("/day")
async def day_page(
    request: Request,
    services: Use,
    viewer: Looking,
    day: Day = None,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Show who has confirmed and who has not; somebody of one unit goes to that one."""
    now = services.now()
    chosen = day or now.astimezone(ZONE).date()
    board = await services.db.read(lambda c: services.unit_days.board(c, chosen, viewer, now))
    if viewer.units is not None and len(board.lines) == 1 and not every:
        return RedirectResponse(f"/day/{quote(board.lines[0].unit)}", status_code=303)
    lines = sorted(board.lines, key=lambda line: ORDER.index(line.state))
    return page(
        request,
        services,
        "unit_days",
        board=board,
        groups=[
            (state, [line for line in lines if line.state is state])
            for state in ORDER
            if any(line.state is state for line in lines)
        ],
        hours=services.unit_days.file.units.hours,
        days=services.unit_days.days_shown(now),
    )


@router.get("/day/{unit}")
async def unit_day_page(
    request: Request, services: Use, unit: str, day: Day = None, done: bool = False
) -> Response:
    """Show the day of one unit with the click that confirms it."""
    return await _unit_day(request, services, unit, day, done=done, refusal=None, status=200)


@router.post("/day/{unit}")
async def confirm(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    unit: str,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
    day: Annotated[date | None, Form()] = None,
    clean: Annotated[bool, Form()] = False,
    text: Text = "",
    told_by: Name = "",
) -> Response:
    """Keep what is said: the click says that nothing happened, the form says what did."""
    if not viewer.sees(unit):
        raise NotFoundError("unit", unit)
    check_units(services, caller, ACT, unit)
    try:
        if not clean and not text.strip():
            raise Refused("Cần ghi sự việc.", "Say what happened.", ["text"])
        body = SayBody(day=day, text="" if clean else text, told_by=told_by)
        digest = fingerprint(request, body.model_dump_json().encode())
        await store_once(
            services, caller, key, digest, saying(services, caller, unit, body, "page")
        )
    except Refused as refused:
        return await _unit_day(
            request, services, unit, day, done=False, refusal=refused, status=409
        )
    services.changes.publish("unit", unit)
    services.changes.publish("message", "")  # whoever is to be told is told now
    shown = "" if day is None else f"&day={day.isoformat()}"
    return RedirectResponse(f"/day/{quote(unit)}?done=true{shown}", status_code=303)


async def _unit_day(
    request: Request,
    services: Services,
    unit: str,
    day: date | None,
    *,
    done: bool,
    refusal: Refused | None,
    status: int,
) -> Response:
    now, days, viewer = services.now(), services.unit_days, viewer_of(request)
    shown = days.days_shown(now)

    def read(connection: Connection) -> dict[str, Any]:
        chosen = day or days.day_meant(connection, unit, now)
        board = days.board(connection, chosen, viewer, now)
        line = next((one for one in board.lines if one.unit == unit), None)
        said = store.said_on(connection, shown[-1], shown[0], unit=unit)
        return {"board": board, "line": line, "said": said[::-1]}

    facts = await services.db.read(read)
    if facts["line"] is None:
        raise NotFoundError("unit", unit)
    return page(
        request,
        services,
        "unit_day",
        status=status,
        days=shown,
        hours=days.file.units.hours,
        is_open=days.file.units.hours.opens_at(facts["board"].day) <= now,
        is_said=facts["line"].state in CONFIRMED,
        done=done,
        refusal=refusal_words(request, services, refusal),
        **facts,
    )
