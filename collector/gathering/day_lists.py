"""Lists of the report of a day that come from one table each, in words for people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from collector.kpi_book import period_of
from collector.storage.queries import reports
from collector.storage.queries.sessions import sessions_between
from collector.storage.queries.visibility import NOBODY
from collector.storage.schema import mutes
from incidents import phone_numbers
from incidents.reports.daily import Thing, plain
from incidents.reports.document_json import loaded
from incidents.reports.life import Deed
from incidents.sessions.model import Stage
from incidents.unit_day import State
from incidents.vietnamese import ZONE, local_time, number, sort_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from collector.duties.unit_day_desk import Board
    from collector.gathering.gatherer import Sources
    from incidents.sessions.model import Session

DAY = timedelta(days=1)


def meetings(
    connection: Connection, names: Mapping[str, str], start: datetime, end: datetime
) -> tuple[Thing, ...]:
    """Return the sessions of a span of time that are not cancelled, in their order."""
    found = sessions_between(connection, NOBODY, start, end)
    return tuple(
        Thing(
            f"{_words(one)}, {len(one.points)} điểm cầu, "
            f"{sum(point.is_confirmed for point in one.points)} đã xác nhận kỹ thuật",
            next((names.get(p.unit, "") for p in one.points if p.is_main), ""),
            at=one.began_at or one.starts_at,
            until=one.over_at or one.ends_at,
        )
        for one in found
        if one.stage is not Stage.CANCELLED
    )


def _words(session: Session) -> str:
    return f"{session.name} (chạy thử)" if session.kind == "rehearsal" else session.name


def to_sign(connection: Connection, names: Mapping[str, str], now: datetime) -> tuple[Thing, ...]:
    """Return what waits for a signature, of what everybody may see."""
    found = []
    for report in reports.waiting(connection, NOBODY, now):
        about = loaded(report.document).about if report.document else report.subject
        asked = [one.at for one in report.done if one.deed is Deed.ASKED]
        since = local_time(asked[-1] if asked else report.made_at)
        words = plain(f"Ký báo cáo: {about}", names)
        found.append(Thing(words, names.get(report.unit, ""), f"trình từ {since}"))
    return tuple(found)


def windows(
    connection: Connection, names: Mapping[str, str], start: datetime, end: datetime
) -> tuple[Thing, ...]:
    """Return the maintenance windows that touch a span of time."""
    query = (
        select(mutes)
        .where(mutes.c.kind == "maintenance", mutes.c.ended_at.is_(None))
        .where(mutes.c.starts_at < end, mutes.c.ends_at > start)
        .order_by(mutes.c.starts_at)
    )
    return tuple(
        Thing(f"Bảo trì: {row.reason}", names.get(row.unit, ""), row.owner, row.starts_at)
        for row in connection.execute(query)
    )


def availability(
    sources: Sources,
    connection: Connection,
    names: Mapping[str, str],
    today: date,
    now: datetime,
) -> tuple[Thing, ...]:
    """Return the share of yesterday in which each unit was not silent, the worst first."""
    period = period_of(today - DAY, today - DAY)
    found = sources.kpi.figures(connection, period, NOBODY, now)
    known = [
        (one.value, names.get(one.key, one.key))
        for one in found
        if one.name == "availability_unit" and one.value is not None
    ]
    known.sort(key=lambda one: (one[0], sort_key(one[1])))
    return tuple(Thing(percent(value), name) for value, name in known)


def percent(value: float) -> str:
    """Return a ratio in percent; what is not whole is never rounded up to all."""
    return "100 %" if value == 1.0 else f"{number(min(value * 100, 99.99), 2)} %"


def confirmed(board: Board | None) -> dict[str, Any]:
    """Return what the units said of the last day that they were asked."""
    if board is None:
        return {}
    count = board.count
    silent = (State.OPEN, State.REMINDED, State.MISSING)
    return {
        "asked_on": board.day,
        "asked": count.asked,
        "confirmed": count.confirmed,
        "off": count.off,
        "happened": tuple(
            Thing(one.said.text, one.name, at=one.said.at)
            for one in board.lines
            if one.state is State.HAPPENED and one.said is not None
        ),
        "unconfirmed": tuple(
            Thing(
                ", ".join(
                    " ".join([officer.name, *map(phone_numbers.shown, officer.phones)])
                    for officer in board.officers[one.unit]
                ),
                one.name,
            )
            for one in board.lines
            if one.state in silent
        ),
    }


def midnight(day: date) -> datetime:
    """Return the first instant of a day where the province is."""
    return datetime.combine(day, time(), tzinfo=ZONE)
