"""Figures of how the procedure is kept, each with the records that it is made of.

A figure without records has no value: nothing happened is not the same as all went well.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

Name = Literal[
    "on_time", "on_time_unit", "acknowledge", "restore", "availability_unit",
    "availability_link", "coverage",
]  # fmt: skip
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Period:
    """From `begin` until before `end`."""

    begin: datetime
    end: datetime

    def has(self, at: datetime) -> bool:
        """Say whether an instant lies in it."""
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Record:
    """What a figure counts: an incident, one of its terms, an outage, or a day of a unit.

    Attributes:
        key: The incident's code, the alert's number, or the day.
        what: The deadline, the rule, or nothing.
        until: When it was done or over; None while it is not.
        good, total: What it adds to a ratio: 1 of 1 for a term that was met.
        seconds: What it adds to a mean.
    """

    kind: Literal["incident", "alert", "day"]
    key: str
    unit: str
    what: str
    since: datetime
    until: datetime | None
    good: float = 0.0
    total: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `key` is the deadline, the severity, the unit or the link it is of.

    Attributes:
        expected_seconds: Of an availability: of how long the value is the share.
    """

    name: Name
    key: str
    value: float | None
    records: tuple[Record, ...]
    expected_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one incident; `done_at` is None while it is not met."""

    incident: str
    unit: str
    deadline: str
    start_at: datetime
    due_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handled:
    """What the means need of an incident."""

    code: str
    unit: str
    severity: str
    detected_at: datetime
    acknowledged_at: datetime | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outage:
    """A unit or a link was down; `until` is None while it is."""

    alert: str
    subject: str
    rule: str
    since: datetime
    until: datetime | None


def on_time(terms: Iterable[Term], period: Period, now: datetime) -> list[Figure]:
    """Return the on-time rate of each kind of deadline, and of each unit, of terms due in a period.

    A term that is neither met nor due yet is not judged.
    """
    judged = [
        Record(
            "incident",
            term.incident,
            term.unit,
            term.deadline,
            term.start_at,
            term.done_at,
            good=float(term.done_at is not None and term.done_at <= term.due_at),
            total=1.0,
        )
        for term in terms
        if period.has(term.due_at) and (term.done_at is not None or term.due_at <= now)
    ]
    return [
        *_ratios("on_time", judged, lambda record: record.what),
        *_ratios("on_time_unit", judged, lambda record: record.unit),
    ]


def times(incidents: Iterable[Handled], period: Period) -> list[Figure]:
    """Return the mean times to acknowledge and to restore, by severity, of a period's incidents."""
    found = [one for one in incidents if period.has(one.detected_at)]
    acknowledged = [_lasted(one, at) for one in found if (at := one.acknowledged_at)]
    restored = [_lasted(one, at) for one in found if (at := one.restored_at)]
    return [*_means("acknowledge", acknowledged), *_means("restore", restored)]


def availability(
    name: Literal["availability_unit", "availability_link"],
    subjects: Iterable[str],
    outages: Iterable[Outage],
    expected: Callable[[str], Sequence[Span]],
    now: datetime,
) -> list[Figure]:
    """Return the share of its expected time in which each subject was up.

    Args:
        expected: The spans of the period in which a subject is expected, in their order; what
            lies after `now` does not count.
    """
    by_subject: dict[str, list[Outage]] = {}
    for outage in outages:
        by_subject.setdefault(outage.subject, []).append(outage)
    figures = []
    for subject in subjects:
        spans = [(a, min(b, now)) for a, b in expected(subject) if a < now]
        whole = sum((b - a).total_seconds() for a, b in spans)
        found = by_subject.get(subject, [])
        down = _covered([(one.since, one.until or now) for one in found], spans)
        records = tuple(
            Record(
                "alert", one.alert, subject, one.rule, one.since, one.until,
                seconds=_covered([(one.since, one.until or now)], spans),
            )
            for one in found
        )  # fmt: skip
        value = None if whole <= 0 else max(0.0, 1.0 - down / whole)
        figures.append(Figure(name, subject, value, records, whole))
    return figures


def coverage(days: Iterable[Record]) -> list[Figure]:
    """Return for each unit, and for all (`key` empty), the share of expected hosts heard."""
    found = list(days)
    return [
        *_ratios("coverage", found, lambda _: ""),
        *_ratios("coverage", found, lambda record: record.unit),
    ]


def _lasted(one: Handled, until: datetime) -> Record:
    seconds = max(0.0, (until - one.detected_at).total_seconds())
    return Record(
        "incident", one.code, one.unit, one.severity, one.detected_at, until, seconds=seconds
    )


def _means(name: Name, records: list[Record]) -> list[Figure]:
    figures = []
    for key, group in groupby(sorted(records, key=_what), key=_what):
        of = tuple(group)
        figures.append(Figure(name, key, sum(record.seconds for record in of) / len(of), of))
    return figures


def _what(record: Record) -> str:
    return record.what


def _ratios(name: Name, records: list[Record], key_of: Callable[[Record], str]) -> list[Figure]:
    figures = []
    for key, group in groupby(sorted(records, key=key_of), key=key_of):
        of = tuple(group)
        total = sum(record.total for record in of)
        value = sum(record.good for record in of) / total if total else None
        figures.append(Figure(name, key, value, of))
    return figures


def _covered(parts: Sequence[Span], spans: Sequence[Span]) -> float:
    """Return for how many seconds of `spans` any of `parts` holds; overlapping ones count once."""
    seconds, reached = 0.0, None
    for begin, end in sorted(parts):
        start = begin if reached is None else max(begin, reached)
        reached = end if reached is None else max(end, reached)
        seconds += sum(max(0.0, (min(end, b) - max(start, a)).total_seconds()) for a, b in spans)
    return seconds
