"""Time to detect: from the first bad sample to the alert, the incident and the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.backtest.outcome import AlertLine, IncidentLine, Outcome

# An incident of the record is found again by what begins this long before or after it.
NEAR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is known to have happened: an incident of the record.

    Attributes:
        key: Its cause and class; empty where a person reported it.
        began_at: When what it is about began, as far as it is known.
        found_at: When it was detected at the time.
        is_restricted: It has readers of its own.
    """

    code: str
    key: str
    unit: str
    host: str
    class_code: str
    severity: str
    began_at: datetime
    found_at: datetime
    ended_at: datetime | None = None
    title_vi: str = ""
    title_en: str = ""
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """How long it took until an incident was there and somebody was told; seconds, None: never.

    Attributes:
        incident: Its code in this run; empty: not found.
        to_alert_seconds: From the first bad sample.
    """

    incident: str
    known: str
    first_sign_at: datetime | None
    to_alert_seconds: float | None
    to_incident_seconds: float | None
    to_page_seconds: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """Over all incidents: how many have each time, the middle one and the worst, in seconds."""

    count: int
    median_seconds: float | None
    worst_seconds: float | None


def detections(outcome: Outcome) -> list[Detection]:
    """Return how quickly each incident of a run was there and told."""
    return [_detection(one, outcome, "") for one in outcome.incidents]


def found_again(known: Iterable[Known], outcome: Outcome) -> list[Detection]:
    """Return for everything known whether and how quickly this run finds it.

    By its cause; what a person reported by its host, or by its unit and class where it names
    none. What is found lasts at that time, or begins within half an hour of it.
    """
    return [
        Detection("", one.code, None, None, None, None)
        if (found := _match(one, outcome.incidents)) is None
        else _detection(found, outcome, one.code)
        for one in known
    ]


def times(values: Iterable[float | None]) -> Times:
    """Return the middle and the worst of what there is."""
    known: Sequence[float] = sorted(value for value in values if value is not None)
    if not known:
        return Times(0, None, None)
    return Times(len(known), median(known), known[-1])


def _match(known: Known, incidents: Iterable[IncidentLine]) -> IncidentLine | None:
    near = [
        one
        for one in incidents
        if one.opened_at <= (known.ended_at or known.found_at) + NEAR
        and (one.ended_at is None or one.ended_at >= known.began_at - NEAR)
        and _is_about(known, one)
    ]
    return min(near, key=lambda one: abs(one.opened_at - known.found_at), default=None)


def _is_about(known: Known, one: IncidentLine) -> bool:
    if known.key:
        return known.key == one.key
    if known.host:
        return (known.unit, known.host) == (one.unit, one.host)
    return (known.unit, known.class_code) == (one.unit, one.class_code)


def _detection(incident: IncidentLine, outcome: Outcome, known: str) -> Detection:
    mine = [one for one in outcome.alerts if one.incident == incident.code]
    first: AlertLine | None = min(mine, key=lambda one: one.started_at, default=None)
    pages = [one.at for one in outcome.pages if (one.incident, one.kind) == (incident.code, "page")]
    page_at = min(pages, default=None)
    if first is None or first.first_sign_at is None:
        return Detection(incident.code, known, None, None, None, None)
    since = first.first_sign_at
    return Detection(
        incident.code,
        known,
        since,
        (first.started_at - since).total_seconds(),
        (incident.opened_at - since).total_seconds(),
        None if page_at is None else (page_at - since).total_seconds(),
    )
