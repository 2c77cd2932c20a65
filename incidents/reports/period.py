"""Months, half-years and years: which days they are, their tables, and the figures of these.

Every figure of the report is counted from the tables and from nothing else; the tables go with the
report as CSV, so that anybody can count again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from incidents.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DAY = timedelta(days=1)
_QUARTERS = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}
_FORM = re.compile(r"(2[0-9]{3})(?:-(0[1-9]|1[0-2])|-H([12]))?")
Row = dict[str, str]
# The tables by name, each with its columns. Instants are ISO with their offset; yes is 1.
TABLES: Mapping[str, tuple[str, ...]] = {
    "incidents": (
        "code", "unit", "unit_name", "class", "class_name", "statistics", "severity", "detected_at",
        "acknowledged_at", "restored_at", "closed_at", "root_cause",
    ),
    "terms": ("incident", "unit", "unit_name", "deadline", "name", "start_at", "due_at", "done_at"),
    "coverage": ("unit", "unit_name", "day", "expected", "heard"),
    "availability": ("subject", "name", "kind", "expected_seconds", "down_seconds"),
    "unit_days": ("unit", "unit_name", "day", "is_asked", "is_confirmed", "is_late", "happened"),
    "sessions": (
        "id", "name", "class", "kind", "starts_at", "is_held", "is_cancelled", "faults",
        "lost_seconds",
    ),
    "duties": ("duty", "name", "period", "due_at", "done_at"),
    "sent": ("report", "number", "day", "made_at"),
    "before": ("which", "period", "incidents"),
}  # fmt: skip
Tables = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a half-year or a year, from its first day to its last one.

    Attributes:
        code: `2026-11`, `2026-H2`, `2026`.
    """

    code: str
    first: date
    last: date
    words: str

    @property
    def is_month(self) -> bool:
        """Say whether it is one; else it is told by the rows of Mẫu 05 as well."""
        return len(self.code) == len("2026-11") and "H" not in self.code


def period_of(code: str) -> Period | None:
    """Return a period by its code; None: it is none.

    A year runs from 15/12 of the one before to 14/12. Source: NĐ 331/2026/NĐ-CP, Điều 35.
    """
    found = _FORM.fullmatch(code)
    if found is None:
        return None
    year, month, half = int(found[1]), found[2], found[3]
    if month:
        first = date(year, int(month), 1)
        after = date(year + int(month) // 12, int(month) % 12 + 1, 1)
        return Period(code, first, after - DAY, f"tháng {int(month)} năm {year}")
    if half == "1":
        return Period(code, date(year, 1, 1), date(year, 6, 30), f"6 tháng đầu năm {year}")
    if half == "2":
        return Period(code, date(year, 7, 1), date(year, 12, 31), f"6 tháng cuối năm {year}")
    return Period(code, date(year - 1, 12, 15), date(year, 12, 14), f"năm {year}")


def in_words(code: str) -> str:
    """Return a period as it is said: `2026-11` is tháng 11/2026, `2026-Q3` quý III/2026."""
    year, *rest = code.split("-")
    if len(rest) == 2:
        return f"ngày {rest[1]}/{rest[0]}/{year}"
    if rest and rest[0].isdecimal():
        return f"tháng {int(rest[0])}/{year}"
    if rest and rest[0] in _QUARTERS:
        return f"quý {_QUARTERS[rest[0]]}/{year}"
    found = period_of(code)
    return code if found is None else found.words


def before_of(period: Period) -> tuple[Period, Period]:
    """Return the period just before one, and the same one of the year before."""
    year = int(period.code[:4])
    if period.is_month:
        last_month = f"{period.first - DAY:%Y-%m}"
        same = f"{year - 1}{period.code[4:]}"
    elif "H" in period.code:
        last_month = f"{year}-H1" if period.code.endswith("2") else f"{year - 1}-H2"
        same = f"{year - 1}{period.code[4:]}"
    else:
        last_month = same = f"{year - 1}"
    found = period_of(last_month), period_of(same)
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, of something with a name."""

    name: str
    good: int
    whole: int

    @property
    def value(self) -> float | None:
        """The ratio; None where there is nothing to speak of."""
        return self.good / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean in seconds over so many."""

    name: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Meetings:
    """Conference sessions; rehearsals are counted apart."""

    planned: int
    held: int
    cancelled: int
    rehearsals: int
    with_faults: int
    lost_seconds: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the report says in numbers.

    Attributes:
        by_class: Number by class (name) and severity; `by_statistics` by row of Mẫu 05.
    """

    incidents: int
    by_class: dict[str, dict[str, int]]
    by_severity: dict[str, int]
    by_statistics: dict[str, int]
    closed: int
    before: dict[str, int]
    on_time: list[Share]
    on_time_units: list[Share]
    acknowledge: list[Mean]
    restore: list[Mean]
    coverage: Share
    coverage_units: list[Share]
    availability: list[Share]
    links: list[Share]
    unit_days: Share
    unit_days_units: list[Share]
    happened: int
    meetings: Meetings
    causes: dict[str, int]
    duties: Share
    duties_late: list[str]


def figures_of(tables: Tables, now: datetime) -> Figures:
    """Return the figures of the tables as of an instant.

    A term or duty that is neither done nor due yet is not judged. A down time never exceeds the
    time in which something was expected.
    """
    found = tables["incidents"]
    terms = [row for row in tables["terms"] if row["done_at"] or _at(row["due_at"]) <= now]
    meetings = [row for row in tables["sessions"] if row["kind"] != "rehearsal"]
    held = [row for row in meetings if row["is_held"] == "1"]
    asked = [row for row in tables["unit_days"] if row["is_asked"] == "1"]
    duties = [row for row in tables["duties"] if row["done_at"] or _at(row["due_at"]) <= now]
    by_class: dict[str, Counter[str]] = {}
    for row in found:
        by_class.setdefault(row["class_name"], Counter())[row["severity"]] += 1
    return Figures(
        incidents=len(found),
        by_class={name: dict(counts) for name, counts in sorted(by_class.items())},
        by_severity=dict(sorted(Counter(row["severity"] for row in found).items())),
        by_statistics=dict(Counter(row["statistics"] for row in found if row["statistics"])),
        closed=sum(bool(row["closed_at"]) for row in found),
        before={row["which"]: int(row["incidents"]) for row in tables["before"]},
        on_time=_shares(terms, "name", _was_on_time),
        on_time_units=_shares(terms, "unit_name", _was_on_time),
        acknowledge=_means(found, "acknowledged_at"),
        restore=_means(found, "restored_at"),
        coverage=_summed("", tables["coverage"]),
        coverage_units=_worst(
            _summed(name, rows) for name, rows in _by(tables["coverage"], "unit_name")
        ),
        availability=_up(tables["availability"], "unit"),
        links=_up(tables["availability"], "link"),
        unit_days=Share("", sum(row["is_confirmed"] == "1" for row in asked), len(asked)),
        unit_days_units=_shares(asked, "unit_name", lambda row: row["is_confirmed"] == "1"),
        happened=sum(row["happened"] == "1" for row in tables["unit_days"]),
        meetings=Meetings(
            planned=len(meetings),
            held=len(held),
            cancelled=sum(row["is_cancelled"] == "1" for row in meetings),
            rehearsals=len(tables["sessions"]) - len(meetings),
            with_faults=sum(int(row["faults"]) > 0 for row in held),
            lost_seconds=sum(int(row["lost_seconds"]) for row in held),
        ),
        causes=dict(Counter(row["root_cause"] for row in found if row["root_cause"]).most_common()),
        duties=Share("", sum(map(_was_on_time, duties)), len(duties)),
        duties_late=[
            f"{row['name']} ({in_words(row['period'])})" for row in duties if not _was_on_time(row)
        ],
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _was_on_time(row: Row) -> bool:
    return bool(row["done_at"]) and _at(row["done_at"]) <= _at(row["due_at"])


def _by(rows: Iterable[Row], column: str) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return sorted(found.items())


def _shares(rows: Iterable[Row], column: str, is_good: Callable[[Row], bool]) -> list[Share]:
    return _worst(
        Share(name, sum(map(is_good, group)), len(group)) for name, group in _by(rows, column)
    )


def _worst(shares: Iterable[Share]) -> list[Share]:
    known = [one for one in shares if one.whole]
    return sorted(known, key=lambda one: (one.good / one.whole, sort_key(one.name)))


def _summed(name: str, rows: Sequence[Row]) -> Share:
    heard, expected = (sum(int(row[column]) for row in rows) for column in ("heard", "expected"))
    return Share(name, heard, expected)


def _up(rows: Iterable[Row], kind: str) -> list[Share]:
    return _worst(
        Share(row["name"], max(0, whole - int(row["down_seconds"])), whole)
        for row in rows
        if row["kind"] == kind
        for whole in [int(row["expected_seconds"])]
    )


def _means(rows: Iterable[Row], column: str) -> list[Mean]:
    found = []
    for severity, group in _by((row for row in rows if row[column]), "severity"):
        spent = [
            max(0.0, (_at(row[column]) - _at(row["detected_at"])).total_seconds()) for row in group
        ]
        found.append(Mean(severity, len(spent), sum(spent) / len(spent)))
    return found
