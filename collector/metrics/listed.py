"""Units, open incidents, running terms and sessions as metrics, one series each and bounded.

Dashboards find names, links and clocks by them; no title and no word of an incident is in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from prometheus_client import Metric

    from collector.metrics.metrics import Counted

# What is beyond is not listed, the worst or nearest first; the counts elsewhere hold all of it.
MOST_UNITS, MOST_INCIDENTS, MOST_TERMS, MOST_POINTS = 2_000, 500, 1_000, 2_000


class ListedUnit(NamedTuple):
    """A unit and how people call it."""

    unit: str
    name: str
    region: str


class ListedIncident(NamedTuple):
    """An open incident."""

    incident: str
    severity: str
    stage: str
    unit: str
    class_code: str
    detected_at: datetime


class ListedTerm(NamedTuple):
    """A term of an open incident whose clock runs."""

    incident: str
    deadline: str
    severity: str
    unit: str
    due_at: datetime


class ListedSession(NamedTuple):
    """A conference session that comes near, goes on, or has no closed log yet."""

    session: int
    session_class: str
    kind: str
    stage: str
    starts_at: datetime
    ends_at: datetime


class ListedPoint(NamedTuple):
    """A point of such a session, with the targets that measure it and its path."""

    session: int
    place: int
    name: str
    unit: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class Listed:
    """All of it as the tables had it last."""

    units: list[ListedUnit] = field(default_factory=list)
    incidents: list[ListedIncident] = field(default_factory=list)
    terms: list[ListedTerm] = field(default_factory=list)
    sessions: list[ListedSession] = field(default_factory=list)
    points: list[ListedPoint] = field(default_factory=list)


class ListedMetrics(Collector):
    """Shows what the housekeeping listed last, and where the console is."""

    def __init__(self, counted: Counted, console_url: str) -> None:
        self._counted, self._console_url = counted, console_url

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        return families(self._counted.listed, self._console_url)


def families(listed: Listed, console_url: str) -> Iterator[Metric]:
    """Yield the families, also those that have no series."""
    text = "Where the console is, as people reach it."
    yield _family("wanwatch_console_info", text, ("url",), [((console_url,), 1.0)])
    text = "Units by identifier code, with the name that people know."
    yield _family(
        "wanwatch_unit_info", text, ("unit", "name", "region"), ((one, 1.0) for one in listed.units)
    )
    yield _family(
        "wanwatch_incident_detected_timestamp_seconds",
        "When an open incident was detected.",
        ("incident", "severity", "stage", "unit", "class"),
        ((one[:5], one.detected_at.timestamp()) for one in listed.incidents),
    )
    yield _family(
        "wanwatch_incident_deadline_timestamp_seconds",
        "When a running term of an open incident falls due.",
        ("incident", "deadline", "severity", "unit"),
        ((one[:4], one.due_at.timestamp()) for one in listed.terms),
    )
    yield from _sessions(listed)


def _sessions(listed: Listed) -> Iterator[Metric]:
    yield _family(
        "wanwatch_session_info",
        "Conference sessions of today: near, going on, or with a log to close.",
        ("session", "class", "kind", "stage"),
        ((one[:4], 1.0) for one in listed.sessions),
    )
    for name, text, instants in (
        ("wanwatch_session_start_timestamp_seconds", "When such a session begins.",
         [one.starts_at for one in listed.sessions]),
        ("wanwatch_session_end_timestamp_seconds", "When such a session is planned to end.",
         [one.ends_at for one in listed.sessions]),
    ):  # fmt: skip
        numbers = [(one.session,) for one in listed.sessions]
        rows = ((number, at.timestamp()) for number, at in zip(numbers, instants, strict=True))
        yield _family(name, text, ("session",), rows)
    yield _family(
        "wanwatch_session_point_info",
        "Points of such a session, with the targets that measure the endpoint and its path.",
        ("session", "place", "point", "unit", "target", "path"),
        ((one, 1.0) for one in listed.points),
    )


def _family(
    name: str, text: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[object], float]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    for values, value in rows:
        family.add_metric([str(one) for one in values], value)
    return family
