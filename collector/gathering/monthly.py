"""What the report of a month, half-year or year is made of: its tables, a row for each thing."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from collector.gathering.gatherer import Gathered, Gatherer
from collector.kpi_book import period_of as span_of
from collector.storage import duties as duty_store
from collector.storage import unit_days as day_store
from collector.storage.coverage import days_of
from collector.storage.queries import kpi as queries
from collector.storage.queries.sessions import log_of, sessions_between
from collector.storage.queries.visibility import NOBODY, visible_to
from collector.storage.report_tables import reports
from collector.storage.schema import entries, incidents, units
from incidents.duties import occurrences
from incidents.reports.found import shipped_kinds
from incidents.reports.kinds.monthly import UNDER
from incidents.reports.life import State as ReportState
from incidents.reports.period import before_of, period_of
from incidents.reports.period_tables import packed
from incidents.sessions.minutes import lost_of
from incidents.sessions.model import Stage
from incidents.unit_day import State
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from collector.gathering.gatherer import Sources
    from incidents.kpi import Period as Span
    from incidents.reports.period import Period, Row, Tables

DAY = timedelta(days=1)


def gather(
    sources: Sources, connection: Connection, _kind: str, subject: str, now: datetime
) -> Gathered | None:
    """Return the tables of a period that has begun, and the words that the report needs."""
    period = period_of(subject)
    if period is None or period.first > now.astimezone(ZONE).date():
        return None
    file = sources.desk.procedure.file
    facts = {
        "period": period.code,
        "at": now.astimezone(ZONE).isoformat(),
        "severities": {code: names.vi for code, names in sources.desk.procedure.severities.items()},
        "statistics": [[code, names.vi] for code, names in file.statistics.items()],
        "causes": {code: names.vi for code, names in file.root_causes.items()},
        UNDER: packed(tables_of(sources, connection, period, now)),
    }
    return Gathered(facts, period.code)


def tables_of(sources: Sources, connection: Connection, period: Period, now: datetime) -> Tables:
    """Return every table of a period, as far as everybody may see it."""
    span = span_of(period.first, period.last)
    names = {row.code: row.name for row in connection.execute(select(units.c.code, units.c.name))}
    return {
        "incidents": _incidents(sources, connection, span, names),
        "terms": _terms(sources, connection, span, names),
        "coverage": _coverage(connection, span, names),
        "availability": _availability(sources, connection, period, now, names),
        "unit_days": _unit_days(sources, connection, period, now),
        "sessions": _sessions(sources, connection, span, now),
        "duties": _duties(sources, connection, period),
        "sent": _sent(connection, span),
        "before": _before(connection, period),
    }


def _incidents(
    sources: Sources, connection: Connection, span: Span, names: Mapping[str, str]
) -> list[Row]:
    procedure = sources.desk.procedure
    handled = {one.code: one for one in queries.handled(connection, span, NOBODY, None)}
    causes = _root_causes(connection, span)
    found = []
    for row in _detected(connection, span):
        one, named = handled[row.code], procedure.classes.get(row.class_code)
        found.append({
            "code": row.code,
            "unit": row.unit,
            "unit_name": names.get(row.unit, row.unit),
            "class": row.class_code,
            "class_name": named.vi if named else row.class_code,
            "statistics": (named.statistics if named else None) or "",
            "severity": row.severity,
            "detected_at": _text(row.detected_at),
            "acknowledged_at": _text(one.acknowledged_at),
            "restored_at": _text(one.restored_at),
            "closed_at": _text(row.closed_at),
            "root_cause": causes.get(row.id, ""),
        })  # fmt: skip
    return found


def _detected(connection: Connection, span: Span) -> list[Any]:
    query = select(incidents).where(
        incidents.c.detected_at >= span.begin,
        incidents.c.detected_at < span.end,
        incidents.c.is_drill.is_(False),
        visible_to(NOBODY),
    )
    return list(connection.execute(query.order_by(incidents.c.detected_at, incidents.c.id)))


def _root_causes(connection: Connection, span: Span) -> dict[int, str]:
    """Return the last root cause that people gave of each incident."""
    query = (
        select(entries.c.incident, entries.c.canonical)
        .join_from(entries, incidents, incidents.c.id == entries.c.incident)
        .where(incidents.c.detected_at >= span.begin, incidents.c.detected_at < span.end)
        .where(entries.c.canonical.like('%"root_cause":"%'))
        .order_by(entries.c.incident, entries.c.seq)
    )
    found = {}
    for row in connection.execute(query):
        cause = json.loads(row.canonical)["data"].get("root_cause")
        if cause:
            found[row.incident] = cause
    return found


def _terms(
    sources: Sources, connection: Connection, span: Span, names: Mapping[str, str]
) -> list[Row]:
    known = sources.desk.procedure.deadlines
    return [
        {
            "incident": one.incident,
            "unit": one.unit,
            "unit_name": names.get(one.unit, one.unit),
            "deadline": one.deadline,
            "name": known[one.deadline].vi if one.deadline in known else one.deadline,
            "start_at": _text(one.start_at),
            "due_at": _text(one.due_at),
            "done_at": _text(one.done_at),
        }
        for one in queries.terms(connection, span, NOBODY, None)
    ]


def _coverage(connection: Connection, span: Span, names: Mapping[str, str]) -> list[Row]:
    return [
        {
            "unit": one.unit,
            "unit_name": names.get(one.unit, one.unit),
            "day": one.key,
            "expected": str(round(one.total)),
            "heard": str(round(one.good)),
        }
        for one in days_of(connection, span, NOBODY, None)
    ]


def _availability(
    sources: Sources,
    connection: Connection,
    period: Period,
    now: datetime,
    names: Mapping[str, str],
) -> list[Row]:
    span = span_of(period.first, period.last)
    kinds = {"availability_unit": "unit", "availability_link": "link"}
    targets = sources.fleet.targets.by_name
    found = []
    for one in sources.kpi.figures(connection, span, NOBODY, now):
        if one.name not in kinds or one.value is None:
            continue
        whole = round(one.expected_seconds)
        target = targets.get(one.key)
        name = target.label_vi if target is not None else one.key
        found.append({
            "subject": one.key,
            "name": names.get(one.key, name),
            "kind": kinds[one.name],
            "expected_seconds": str(whole),
            "down_seconds": str(round((1.0 - one.value) * whole)),
        })  # fmt: skip
    return found


def _unit_days(
    sources: Sources, connection: Connection, period: Period, now: datetime
) -> list[Row]:
    """Return a row for each unit and day that was asked, or that was confirmed unasked."""
    desk, today = sources.unit_days, now.astimezone(ZONE).date()
    first = max(period.first, day_store.first_day(connection) or today)
    found = []
    for day, lines in desk.history(connection, first, min(period.last, today), NOBODY, now):
        for line in lines:
            if line.state is State.OFF or (day == today and line.said is None):
                continue  # today is not over
            said = line.said
            found.append({
                "unit": line.unit,
                "unit_name": line.name,
                "day": day.isoformat(),
                "is_asked": "1",
                "is_confirmed": str(int(said is not None)),
                "is_late": str(int(line.is_late)),
                "happened": str(int(said is not None and not said.is_clean)),
            })  # fmt: skip
    return found


def _sessions(sources: Sources, connection: Connection, span: Span, now: datetime) -> list[Row]:
    losing = sources.sessions.policy.losing
    found = []
    for one in sessions_between(connection, NOBODY, span.begin, span.end):
        lost = lost_of(one, log_of(connection, one.id, NOBODY), losing, now)
        found.append({
            "id": str(one.id),
            "name": one.name,
            "class": one.session_class,
            "kind": one.kind,
            "starts_at": _text(one.began_at or one.starts_at),
            "is_held": str(int(one.began_at is not None)),
            "is_cancelled": str(int(one.stage is Stage.CANCELLED)),
            "faults": str(len(lost.faults)),
            "lost_seconds": str(round(lost.seconds)),
        })  # fmt: skip
    return found


def _duties(sources: Sources, connection: Connection, period: Period) -> list[Row]:
    """Return every time a duty fell due in the period, since the register is in use."""
    book, done = sources.duties, duty_store.load_done(connection)
    since = duty_store.first_day(connection, period.last + DAY)
    return [
        {
            "duty": duty.code,
            "name": duty.vi,
            "period": one.period,
            "due_at": _text(one.due_at),
            "done_at": _text(known.done_at if known else None),
        }
        for duty in book.register
        for one in occurrences(duty, book.calendar, max(period.first, since), period.last)
        for known in [done.get((duty.code, one.period))]
    ]


def _sent(connection: Connection, span: Span) -> list[Row]:
    """Return the reports that were sent, of those that everybody may see, by their number."""
    seen = select(incidents.c.id).where(visible_to(NOBODY))
    query = select(reports).where(
        reports.c.state == ReportState.SENT.value,
        reports.c.made_at >= span.begin,
        reports.c.made_at < span.end,
        reports.c.incident.is_(None) | reports.c.incident.in_(seen),
    )
    kinds = shipped_kinds()
    return [
        {
            "report": kinds[row.kind].vi if row.kind in kinds else row.kind,
            "number": row.number,
            "day": f"{date.fromisoformat(row.numbered_on):%d/%m/%Y}" if row.numbered_on else "",
            "made_at": _text(row.made_at),
        }
        for row in connection.execute(query.order_by(reports.c.made_at))
    ]


def _before(connection: Connection, period: Period) -> list[Row]:
    """Return the numbers to compare with; nothing of a time before the first incident."""
    first = connection.scalar(select(func.min(incidents.c.detected_at)))
    found = []
    for which, one in zip(("before", "year_before"), before_of(period), strict=True):
        span = span_of(one.first, one.last)
        if first is None or span.end <= first:
            continue
        number = len(_detected(connection, span))
        found.append({"which": which, "period": one.code, "incidents": str(number)})
    return found


def _text(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZONE).isoformat()


GATHERER = Gatherer(("monthly",), gather)
