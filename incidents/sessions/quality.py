"""What was measured of a session's points: averages, the worst hundredth, who was in the call.

A figure that nobody measured is absent, never zero.
"""

from __future__ import annotations

import itertools
from array import array
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from incidents.sessions.log import LogKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Session

# Metric → figure. Of the values of both directions, and of all media, each counts.
FIGURES: Mapping[str, str] = {
    "wanwatch_stamp_direction_lost_ratio": "loss_ratio",
    "wanwatch_stamp_jitter_seconds": "jitter_seconds",
    "wanwatch_stamp_rtt_mean_seconds": "rtt_seconds",
    "wanwatch_call_lost_ratio": "call_loss_ratio",
    "wanwatch_endpoint_calls": "calls",
}
# Where no reflector answers, pings say what they can.
INSTEAD: Mapping[str, str] = {
    "wanwatch_icmp_lost_ratio": "loss_ratio",
    "wanwatch_icmp_rtt_mean_seconds": "rtt_seconds",
}
CALLS = "calls"
# "Quality by the worst 1 % and by the average".
WORST_PERCENT = 99
# A poll that is missing says nothing; two and a half missing ones end what the last one said.
KEPT_SPACINGS = 2.5
# What agents had not sent when the session ended has come by then.
SETTLING = timedelta(minutes=10)
OF_FAULTS = frozenset({LogKind.SYMPTOM, LogKind.RESTORED, LogKind.FALLBACK})


class Value(NamedTuple):
    """One value of one point; `at` in Unix seconds."""

    point: int
    metric: str
    at: float
    value: float


class Figure(NamedTuple):
    """Some values as two: the mean, and what 99 of 100 are not above."""

    values: int
    average: float
    worst: float


class Presence(NamedTuple):
    """When an endpoint was in a call, by Unix seconds; `times` is how often it came in."""

    joined_at: float
    left_at: float
    seconds: float
    times: int


class Measured(NamedTuple):
    """What was measured of one point."""

    figures: Mapping[str, Figure]
    presence: Presence | None = None

    def data(self) -> dict[str, Any]:
        """Return it as the log keeps it."""
        figures = {name: list(one) for name, one in self.figures.items()}
        return {"figures": figures, "presence": list(self.presence) if self.presence else None}


def measured_of(data: Mapping[str, Any]) -> Measured:
    """Return what the log keeps."""
    kept = data["presence"]
    figures = {name: Figure(*one) for name, one in data["figures"].items()}
    return Measured(figures, Presence(*kept) if kept else None)


class Measuring:
    """Takes one value after the other; those outside of the session do not count."""

    def __init__(self, began: float, over: float) -> None:
        self._began, self._over = began, over
        self._values: dict[int, dict[str, array[float]]] = {}
        self._calls: dict[int, list[tuple[float, float]]] = {}

    def add(self, one: Value) -> None:
        """Take a value; a metric that no figure is made of is left out."""
        if not self._began <= one.at <= self._over:
            return
        if FIGURES.get(one.metric) == CALLS:
            self._calls.setdefault(one.point, []).append((one.at, one.value))
        elif one.metric in FIGURES or one.metric in INSTEAD:
            of_point = self._values.setdefault(one.point, {})
            of_point.setdefault(one.metric, array("d")).append(one.value)

    def found(self) -> dict[int, Measured]:
        """Return what they came to, by point."""
        points = sorted(self._values.keys() | self._calls.keys())
        return {point: self._of(point) for point in points}

    def _of(self, point: int) -> Measured:
        figures: dict[str, Figure] = {}
        found = self._values.get(point, {})
        for metric, figure in (*FIGURES.items(), *INSTEAD.items()):
            if figure not in figures and (values := found.get(metric)):
                figures[figure] = of_values(values)
        calls = sorted(self._calls.get(point, ()))
        return Measured(figures, present(calls, self._over) if calls else None)


def of_values(values: Sequence[float]) -> Figure:
    """Return the figure of at least one value; the worst is by nearest rank."""
    ordered = sorted(values)
    rank = max(1, ceil(WORST_PERCENT * len(ordered) / 100))
    return Figure(len(ordered), sum(ordered) / len(ordered), ordered[rank - 1])


def present(pairs: Sequence[tuple[float, float]], over: float) -> Presence | None:
    """Return when an endpoint was in a call, from how many calls it said it had, in order.

    What a poll said holds until the next one, at most for two and a half usual spacings.
    """
    gaps = sorted(after[0] - before[0] for before, after in itertools.pairwise(pairs))
    usual = gaps[len(gaps) // 2] if gaps else over - pairs[0][0]
    joined: float | None = None
    left = seconds = 0.0
    times, was_in_until = 0, None
    for place, (at, calls) in enumerate(pairs):
        if calls <= 0:
            was_in_until = None
            continue
        following = pairs[place + 1][0] if place + 1 < len(pairs) else over
        until = min(following, at + KEPT_SPACINGS * usual, over)
        times += was_in_until != at
        joined = at if joined is None else joined
        left, was_in_until = until, until
        seconds += until - at
    return None if joined is None else Presence(joined, left, seconds, times)


def is_wanted(
    session: Session, log: Sequence[LogEntry], close_within: timedelta, now: datetime
) -> bool:
    """Say whether a session is to be measured now: its log is closed or late, and has news.

    What was entered offline comes late: then it is measured again.
    """
    if session.over_at is None or now < session.over_at + SETTLING:
        return False
    if session.closed_at is None and now < session.over_at + close_within:
        return False
    newest = max(
        (one.noted_at for one in log if one.kind is LogKind.MEASURED and one.noted_at), default=None
    )
    return newest is None or any(
        one.kind in OF_FAULTS and one.noted_at is not None and one.noted_at > newest for one in log
    )


def measured_in(log: Sequence[LogEntry]) -> dict[int, Measured] | None:
    """Return what the newest measuring found, by point; None: none yet."""
    newest = next((one for one in reversed(log) if one.kind is LogKind.MEASURED), None)
    if newest is None:
        return None
    return {int(place): measured_of(data) for place, data in newest.data["points"].items()}
