"""What the report of a day is made of: everything as it is now, the events since a day before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from collector.duties.due_list import DueItem, due_items
from collector.gathering.day_lists import (
    availability,
    confirmed,
    meetings,
    midnight,
    to_sign,
    windows,
)
from collector.gathering.gatherer import Gathered, Gatherer
from collector.gathering.heard import lacking_units
from collector.liveness import MAX_SETTLING_SECONDS
from collector.oncall.desk import OncallDesk
from collector.oncall.due import oncall_items
from collector.sessions.due import session_items
from collector.storage import handovers
from collector.storage.queries.deadlines import running
from collector.storage.queries.visibility import NOBODY, visible_to
from collector.storage.schema import deadlines, incidents, units
from incidents.duties import DueState
from incidents.reports.daily import Facts, Thing, plain
from incidents.reports.kinds.daily import UNDER, gathered
from incidents.state import PERSON
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select

    from collector.gathering.gatherer import Sources

DAY = timedelta(days=1)
MACHINE = "Hệ thống giám sát lập tự động"


def gather(
    sources: Sources, connection: Connection, _kind: str, subject: str, now: datetime
) -> Gathered | None:
    """Return the facts of now for the report of a day; None: it is not today's."""
    if subject != now.astimezone(ZONE).date().isoformat():
        return None
    facts = facts_now(sources, connection, now)
    return Gathered(
        {
            UNDER: gathered(facts),
            "ca_truc": _on_duty(sources, connection, now),
            "nguoi_lap": MACHINE,
        },
        subject,
    )


def facts_now(sources: Sources, connection: Connection, now: datetime) -> Facts:
    """Return everything as it is now."""
    since, today = now - DAY, now.astimezone(ZONE).date()
    names = {row.code: row.name for row in connection.execute(select(units.c.code, units.c.name))}
    whole, lacking = lacking_units(sources, connection, now)
    due, of = _due(sources, connection, now), _units_of(connection, names)
    asked_on = sources.unit_days.last_asked(connection, NOBODY, today)
    board = None if asked_on is None else sources.unit_days.board(connection, asked_on, NOBODY, now)
    start, next_day = midnight(today), midnight(today + DAY)
    return Facts(
        at=now,
        since=since,
        units=whole,
        is_fresh=(now - sources.fleet.started_at).total_seconds() >= MAX_SETTLING_SECONDS,
        lacking=lacking,
        opened=_opened(sources, connection, names),
        new=_count(connection, since, now, "detected_at"),
        recovered=_count(connection, since, now, "recovered_at"),
        ended=_count(connection, since, now, "closed_at"),
        decisions=(
            *to_sign(connection, names, now),
            *_decisions(sources, connection, names),
        ),
        meetings=meetings(connection, names, start, next_day),
        overdue=_things(sources, due, names, of, DueState.OVERDUE),
        coming=_things(sources, due, names, of, DueState.SOON, until=now + DAY),
        tomorrow=(
            *meetings(connection, names, next_day, next_day + DAY),
            *windows(connection, names, next_day, next_day + DAY),
        ),
        availability=availability(sources, connection, names, today, now),
        **confirmed(board),
    )


def _opened(
    sources: Sources, connection: Connection, names: Mapping[str, str]
) -> tuple[Thing, ...]:
    """Return the open incidents that everybody may see: what still is broken, the worst, first."""
    severities = sources.desk.procedure.severities
    ranks = {code: rank for rank, code in enumerate(severities, 1)}
    query = _incidents().where(incidents.c.ended.is_(False))
    is_back = incidents.c.recovered_at.is_not(None)
    rows = connection.execute(
        query.order_by(is_back, incidents.c.severity, incidents.c.detected_at)
    )
    return tuple(
        Thing(
            plain(row.title, names),
            names.get(row.unit, ""),
            who=_severity(sources, row.severity),
            at=row.detected_at,
            until=row.recovered_at,
            rank=ranks.get(row.severity, 0),
        )
        for row in rows
    )


def _units_of(connection: Connection, names: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the unit of each open incident, by its code."""
    query = select(incidents.c.code, incidents.c.unit).where(incidents.c.ended.is_(False))
    return {row.code: names.get(row.unit, "") for row in connection.execute(query)}


def _severity(sources: Sources, code: str) -> str:
    found = sources.desk.procedure.severities.get(code)
    return "" if found is None else f"mức {found.vi[0].lower()}{found.vi[1:]}"


def _count(connection: Connection, since: datetime, now: datetime, column: str) -> int:
    at = incidents.c[column]
    query = select(func.count()).select_from(_incidents().where(at >= since, at < now).subquery())
    return connection.scalar(query) or 0


def _incidents() -> Select[Any]:
    return select(incidents).where(incidents.c.is_drill.is_(False), visible_to(NOBODY))


def _decisions(
    sources: Sources, connection: Connection, names: Mapping[str, str]
) -> tuple[Thing, ...]:
    """Return the running terms of those who decide, by when they are due."""
    query = (
        select(deadlines, incidents.c.title, incidents.c.unit)
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(running(NOBODY), incidents.c.is_drill.is_(False))
        .where(deadlines.c.who.in_(sources.unit_days.file.report.decided_by))
        .order_by(deadlines.c.due_at)
    )
    return tuple(
        Thing(
            plain(f"{row.name_vi}: {row.title}", names),
            names.get(row.unit, ""),
            _role(sources, row.who),
            row.due_at,
        )
        for row in connection.execute(query)
    )


def _due(sources: Sources, connection: Connection, now: datetime) -> list[DueItem]:
    oncall = OncallDesk(sources.desk)
    more = [
        *oncall_items(oncall, connection, handovers.unsigned(connection), now),
        *session_items(connection, sources.sessions.policy, NOBODY, now),
    ]
    found = due_items(connection, sources.duties, NOBODY, now, more)
    return [one for one in found if not one.is_drill]


def _things(
    sources: Sources,
    due: list[DueItem],
    names: Mapping[str, str],
    units: Mapping[str, str],
    state: DueState,
    until: datetime | None = None,
) -> tuple[Thing, ...]:
    return tuple(
        Thing(
            plain(one.name_vi, names),
            units.get(one.code, ""),
            _role(sources, one.owner),
            one.due_at,
        )
        for one in due
        if one.state is state and (until is None or one.due_at < until)
    )


def _role(sources: Sources, code: str) -> str:
    """Return the name of a role; the owner of a task is a person by name."""
    named = (role.vi for role in sources.desk.procedure.file.roles if role.code == code)
    return next(named, code.removeprefix(PERSON))


def _on_duty(sources: Sources, connection: Connection, now: datetime) -> str:
    desk = OncallDesk(sources.desk)
    shifts = desk.at(connection, now, now)
    contacts = desk.oncall.contacts

    def shown(name: str) -> str:
        contact = contacts.of(name)
        return name if contact is None else contact.shown_name

    return "; ".join(
        f"{one.name_vi}: {shown(one.primary)}"
        + (f" (dự phòng {shown(one.backup)})" if one.backup else "")
        for one in shifts
        if one.primary
    )


GATHERER = Gatherer(("daily",), gather)
