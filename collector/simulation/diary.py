"""What a rehearsal came to: incidents and pages a day, what they were of, what was found when."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from collector.fleet import OWN_AGENT
from collector.storage.schema import alerts, incidents, outbox
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from collector.simulation.usual import Trouble


class Found(NamedTuple):
    """A trouble that had to be found, and after how many seconds an incident covered it."""

    trouble: Trouble
    seconds: float | None


class Diary(NamedTuple):
    """Counts by day and by what they were of."""

    days: tuple[date, ...]
    incidents: Counter[tuple[date, str]]
    pages: Counter[tuple[date, str]]
    alerts: Counter[str]

    def incidents_on(self, day: date) -> int:
        """Return how many incidents were opened on a day."""
        return sum(count for (on, _), count in self.incidents.items() if on == day)

    def pages_on(self, day: date) -> int:
        """Return how many pages left on a day."""
        return sum(count for (on, _), count in self.pages.items() if on == day)

    def table(self) -> str:
        """Return the days and, below, what opened incidents and what paged."""
        lines = [f"{'day':14}{'incidents':>10}{'pages':>8}"]
        lines += [
            f"{day:%a %d.%m.}    {self.incidents_on(day):>10}{self.pages_on(day):>8}"
            for day in self.days
        ]
        for title, counts in (("incidents by rule", self.incidents), ("pages", self.pages)):
            lines += ["", f"{title:40}{'all':>6}{'a day':>8}{'most':>6}"]
            for name in sorted({name for _, name in counts}):
                by_day = [counts[day, name] for day in self.days]
                mean = sum(by_day) / len(self.days)
                lines.append(f"{name:40}{sum(by_day):>6}{mean:>8.2f}{max(by_day):>6}")
        lines += ["", "alerts of every outcome"]
        lines += [f"{name:40}{count:>6}" for name, count in sorted(self.alerts.items())]
        return "\n".join(lines)


def read_diary(connection: Connection, days: Sequence[date]) -> Diary:
    """Return what the tables say of a rehearsal."""
    opened: Counter[tuple[date, str]] = Counter()
    first = _first_rules(connection)
    for row in connection.execute(select(incidents)):
        opened[_day(row.detected_at), f"{row.severity} {first.get(row.id, '?')}"] += 1
    pages: Counter[tuple[date, str]] = Counter()
    columns = (outbox.c.created_at, outbox.c.severity, outbox.c.reason, outbox.c.incident)
    for row in connection.execute(select(*columns).where(outbox.c.kind == "page")):
        what = f"{row.severity} {first.get(row.incident, '?')}: {row.reason}"
        pages[_day(row.created_at), what] += 1
    fired = Counter(
        f"{row.outcome} {row.rule}"
        for row in connection.execute(select(alerts.c.rule, alerts.c.outcome))
    )
    return Diary(tuple(days), opened, pages, fired)


def found_table(items: Sequence[Found]) -> str:
    """Return the serious troubles and after how many seconds each was found."""
    lines = ["", f"{'serious troubles':40}{'found after':>12}"]
    for item in items:
        seconds = "missed" if item.seconds is None else f"{item.seconds:.0f} s"
        lines.append(f"{item.trouble.name:40}{seconds:>12}")
    return "\n".join(lines)


def as_json(diary: Diary, items: Sequence[Found]) -> dict[str, Any]:
    """Return everything for a program."""
    return {
        "days": [
            {"day": f"{day}", "incidents": diary.incidents_on(day), "pages": diary.pages_on(day)}
            for day in diary.days
        ],
        "incidents": _sums(diary.incidents),
        "pages": _sums(diary.pages),
        "alerts": dict(sorted(diary.alerts.items())),
        "serious": [{"trouble": i.trouble.name, "found_after_seconds": i.seconds} for i in items],
    }


def _sums(counts: Counter[tuple[date, str]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for (_, name), count in counts.items():
        sums[name] += count
    return dict(sorted(sums.items()))


def found(connection: Connection, troubles: Sequence[Trouble], midnight: datetime) -> list[Found]:
    """Return for each serious trouble when an alert of an incident spoke of it."""
    columns = (
        alerts.c.rule, alerts.c.agent, alerts.c.host, alerts.c.unit, alerts.c.started_at,
        alerts.c.incident, incidents.c.detected_at,
    )  # fmt: skip
    query = select(*columns).join(incidents, incidents.c.id == alerts.c.incident)
    rows = list(connection.execute(query))
    answers = []
    for trouble in troubles:
        if not trouble.is_serious:
            continue
        starts_at = midnight.timestamp() + trouble.starts_at
        ends_at = midnight.timestamp() + trouble.ends_at
        seconds = [
            max(row.started_at, row.detected_at).timestamp() - starts_at
            for row in rows
            if row.rule in trouble.rules
            and _concerns(row, trouble)
            and starts_at <= row.started_at.timestamp() <= ends_at
        ]
        answers.append(Found(trouble, min(seconds, default=None)))
    return answers


def _concerns(row: Any, trouble: Trouble) -> bool:
    """A silence of many units is told of the collector, which alone sees them all."""
    if row.agent == OWN_AGENT:
        return True
    return bool(row.host == trouble.host if trouble.host else row.unit == trouble.unit)


def _first_rules(connection: Connection) -> dict[int, str]:
    query = select(alerts.c.incident, alerts.c.rule).where(alerts.c.incident.is_not(None))
    first: dict[int, str] = {}
    for row in connection.execute(query.order_by(alerts.c.id)):
        first.setdefault(row.incident, row.rule)
    return first


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
