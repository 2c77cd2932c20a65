"""`/api/v1/session-…`: what is taken in at once, what calendars say, the policy, the figures."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Looking, Use, check_units, may, viewer_for
from collector.api.once import command
from collector.api.session_bodies import ImportBody, seen
from collector.api.sessions import PLAN, Work, answered_for, told
from collector.services import Services
from collector.sessions.csv_form import read as read_csv
from collector.sessions.following import follow
from collector.storage import sessions as store
from collector.storage.queries import sessions as queries
from collector.storage.queries.visibility import Viewer
from incidents.conditions import Refused
from incidents.sessions.calendar_file import Wanted
from incidents.sessions.calendar_file import read as read_ics
from incidents.sessions.figures import Figures, figures_of
from incidents.sessions.policy_parts import ClassPart, Peak, Symptom, Threshold
from incidents.vietnamese import ZONE
from incidents.yaml_problems import InvalidDocument

router = APIRouter(prefix="/api/v1", tags=["sessions"])
Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", alias="month")]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A calendar that is followed; `error` says what was wrong the last time."""

    name: str
    read_at: datetime
    good_at: datetime | None
    events: int
    error: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a board needs of sessions.yaml: classes, symptoms with their keys, thresholds, peaks.

    Attributes:
        checks_seconds: How long before a session its points are checked.
    """

    classes: list[ClassPart]
    symptoms: list[Symptom]
    thresholds: dict[str, Threshold]
    peaks: list[Peak]
    pre_check_seconds: int
    checks_seconds: list[int]


@router.post("/session-imports", status_code=201, dependencies=[Depends(may(PLAN))])
async def take_in(request: Request, services: Use, caller: Caller, body: ImportBody) -> Response:
    """Take sessions in from CSV or a calendar; the same again changes nothing."""
    wanted, notes = await asyncio.to_thread(wanted_of, services, body)
    numbers: list[int] = []
    answer = await command(request, services, taking(services, wanted, notes, caller, numbers))
    for number in numbers:
        told(services, number)
    return answer


@router.get("/session-calendars")
async def calendars(services: Use, _viewer: Looking) -> list[FeedRow]:
    """Return the calendars that are followed, and how they were found last."""
    return await services.db.read(lambda c: [FeedRow(**row) for row in store.load_feeds(c)])


@router.get("/session-policy")
async def words(services: Use, _viewer: Looking) -> Words:
    """Return what sessions.yaml says for a board."""
    file = services.sessions.policy.file
    return Words(
        list(file.classes), list(file.symptoms), file.thresholds, list(file.peaks),
        int(file.pre_check.total_seconds()),
        [int(check.total_seconds()) for check in file.checks],
    )  # fmt: skip


@router.get("/session-figures")
async def figures(services: Use, viewer: Looking, month: Month = "") -> Figures:
    """Return the figures of a month, this one unless said, of the sessions that the caller sees."""
    start, end = month_of(month, services.now())
    return await services.db.read(lambda c: figures_between(services, c, viewer, start, end))


def month_of(month: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of a month and of the one after it; of this one if it is empty."""
    local = now.astimezone(ZONE)
    year, number = map(int, month.split("-")) if month else (local.year, local.month)
    start = datetime(year, number, 1, tzinfo=ZONE)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return start.astimezone(UTC), end.astimezone(UTC)


def figures_between(
    services: Services, connection: Connection, viewer: Viewer, start: datetime, end: datetime
) -> Figures:
    """Return the figures of a span of time."""
    found = queries.sessions_between(connection, viewer, start, end)
    logs = ((one, queries.log_of(connection, one.id, viewer)) for one in found)
    return figures_of(logs, services.sessions.policy.losing, services.now())


def wanted_of(services: Services, body: ImportBody) -> tuple[list[Wanted], list[str]]:
    """Return the sessions of a file, and what in it is none.

    Raises:
        Refused: It cannot be read; names every mistake.
    """
    policy, now = services.sessions.policy, services.now()
    if bool(body.csv) == bool(body.ics):
        raise Refused("Cần một tệp CSV hoặc một tệp lịch.", "Give one of csv and ics.", ["csv"])
    if body.ics:
        return read_ics(body.ics, policy, now, now + policy.file.ahead)
    try:
        return read_csv(body.csv, policy), []
    except InvalidDocument as error:
        lines = "; ".join(str(problem) for problem in error.problems[:10])
        lines_vi = "; ".join(problem.in_vietnamese for problem in error.problems[:10])
        raise Refused(
            f"Tệp CSV có lỗi: {lines_vi}", f"The CSV is wrong: {lines}", ["csv"]
        ) from error


def taking(
    services: Services,
    wanted: list[Wanted],
    notes: list[str],
    caller: Identity,
    numbers: list[int],
) -> Work:
    """Return the work of taking sessions in."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        for one in wanted:
            seen(list(one.session.points), viewer)
            check_units(services, caller, PLAN, *one.session.units)
            known = store.find_occurrence(connection, one.session.occurrence)
            if known is not None:
                answered_for(services, connection, known[0].id, caller, PLAN)
        done = follow(connection, services.sessions, wanted, caller.actor, now, source="tệp nhập")
        numbers.extend(done.numbers)
        return 201, {
            "made": done.made, "changed": done.changed, "cancelled": done.cancelled,
            "known": done.known, "problems": [*notes, *done.problems],
        }  # fmt: skip

    return work
