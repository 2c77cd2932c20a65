"""`/api/v1/unit-days`: who has confirmed the day of their unit, who has not, with telephones."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Looking, Use, check_units
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.duties.unit_day_desk import ACT, Board
from collector.services import Services
from collector.storage import unit_days as store
from incidents import phone_numbers
from incidents.unit_day import MOST_WORDS, Confirmation, UnitDay, Way
from incidents.vietnamese import ZONE, local_time

router = APIRouter(prefix="/api/v1/unit-days", tags=["unit days"])
Day = Annotated[date | None, Query()]
COLUMNS = (
    "day", "unit", "name", "state", "late", "at", "who", "way", "told_by", "text", "corrected",
    "officers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitDayRow:
    """How the day of a unit stands; `officers` are names with telephones."""

    day: date
    unit: str
    name: str
    state: str
    is_late: bool
    at: datetime | None
    actor: str | None
    way: str | None
    told_by: str | None
    text: str | None
    corrections: int
    officers: tuple[str, ...]
    reminded: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One thing that was said of a day of a unit."""

    day: date
    at: datetime
    actor: str
    way: str
    is_clean: bool
    text: str
    told_by: str


class SayBody(BaseModel):
    """What is said of a day: nothing happened where `text` is empty.

    Attributes:
        day: The one that a text message without a day would mean, unless said.
        told_by: Who of the unit said so on the telephone.
    """

    model_config = ConfigDict(extra="forbid")
    day: date | None = None
    text: Annotated[str, Field(max_length=MOST_WORDS)] = ""
    told_by: Annotated[str, Field(max_length=100)] = ""


@router.get("")
async def unit_days(services: Use, viewer: Looking, day: Day = None) -> list[UnitDayRow]:
    """List the units with how a day stands, today unless said."""
    now = services.now()
    chosen = day or now.astimezone(ZONE).date()
    board = await services.db.read(lambda c: services.unit_days.board(c, chosen, viewer, now))
    return [row_of(board, line) for line in board.lines]


@router.get(".csv")
async def as_csv(services: Use, viewer: Looking, day: Day = None) -> Response:
    """Return the list as CSV, for a spreadsheet."""
    rows = await unit_days(services, viewer, day)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        at = "" if row.at is None else local_time(row.at)
        writer.writerow([
            row.day, row.unit, row.name, row.state, int(row.is_late), at,
            (row.actor or "").removeprefix("person:"), row.way or "", row.told_by or "",
            row.text or "", row.corrections, "; ".join(row.officers),
        ])  # fmt: skip
    chosen = day or services.now().astimezone(ZONE).date()
    headers = {"Content-Disposition": f'attachment; filename="wanwatch-days-{chosen}.csv"'}
    content = "\ufeff" + text.getvalue()  # so that spreadsheets read it as UTF-8
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{unit}")
async def said_of(services: Use, viewer: Looking, unit: str) -> list[SaidRow]:
    """List what was said of the last days of a unit, the newest first."""
    if not viewer.sees(unit):
        raise NotFoundError("unit", unit)
    shown = services.unit_days.days_shown(services.now())
    found = await services.db.read(lambda c: store.said_on(c, shown[-1], shown[0], unit=unit))
    return [
        SaidRow(one.day, one.at, one.actor, one.way, one.is_clean, one.text, one.told_by)
        for one in reversed(found)
    ]


@router.post("/{unit}", status_code=201)
async def say(
    request: Request, services: Use, caller: Caller, viewer: Looking, unit: str, body: SayBody
) -> Response:
    """Say that nothing happened on a day of a unit, or what did; a later word holds."""
    if not viewer.sees(unit):
        raise NotFoundError("unit", unit)
    check_units(services, caller, ACT, unit)
    work = saying(services, caller, unit, body, "command")
    answer = await command(request, services, work)
    services.changes.publish("unit", unit)
    return answer


def saying(
    services: Services, caller: Identity, unit: str, body: SayBody, way: Way
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of keeping what is said."""
    now, text, told_by = services.now(), body.text.strip(), body.told_by.strip()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        days = services.unit_days
        said = Confirmation(
            unit=unit,
            day=body.day or days.day_meant(connection, unit, now),
            at=now,
            actor=caller.actor,
            way="call" if told_by else way,
            is_clean=not text,
            text=text,
            told_by=told_by,
        )
        days.confirm(connection, said, now)
        return 201, {"unit": unit, "day": said.day, "is_clean": said.is_clean}

    return work


def row_of(board: Board, line: UnitDay) -> UnitDayRow:
    """Return a unit as the API shows it."""
    said = line.said
    return UnitDayRow(
        day=board.day,
        unit=line.unit,
        name=line.name,
        state=str(line.state),
        is_late=line.is_late,
        at=None if said is None else said.at,
        actor=None if said is None else said.actor,
        way=None if said is None else said.way,
        told_by=None if said is None else said.told_by,
        text=None if said is None else said.text,
        corrections=line.earlier,
        officers=tuple(
            " ".join([one.name, *map(phone_numbers.shown, one.phones)])
            for one in board.officers[line.unit]
        ),
        reminded=board.reminded.get(line.unit),
    )
