"""What targets no longer have ends: series that are not measured any more, calls that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.metrics.own import OWN_METRICS
from collector.outages.topology import TARGET_PREFIX
from collector.rules.rules import Phase
from collector.series import MAX_SPACING_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.judge import Judge
    from collector.series import Series

# A codec says how many calls it has with each poll; what a poll no longer brings of a call is over.
OF_PATHS = ("wanwatch_stamp_", "wanwatch_icmp_")
CALLS, OF_CALLS = "wanwatch_endpoint_calls", "wanwatch_call_"
CALLS_SECONDS, STALE_SECONDS = 5.0, 60.0
# Values of one poll have one instant.
SAME_POLL_SECONDS = 0.5


class PlaceKeeper:
    """Looks after the targets that agents measure, as `Judge` does after hosts that report.

    Attributes:
        on_degraded: Told every few seconds the names of the targets whose path is worse than it
            should be.
    """

    def __init__(self, fleet: Fleet, judge: Judge) -> None:
        self._fleet, self._judge = fleet, judge
        self._version = fleet.version
        self._calls_at = self._stale_at = 0.0
        self.on_degraded: Callable[[Collection[str]], None] = lambda _: None

    def turn(self, now: datetime) -> None:
        """End what is due; forget the targets that are no more."""
        seconds = now.timestamp()
        if self._version != self._fleet.version:
            self._version = self._fleet.version
            self._follow_targets(now)
        if seconds - self._calls_at >= CALLS_SECONDS:
            self._calls_at = seconds
            for place in self._measured():
                self._end(place, _over(place), now)
            degraded = (place for place in self._measured() if _is_degraded(place))
            self.on_degraded({place.agent.removeprefix(TARGET_PREFIX) for place in degraded})
        if seconds - self._stale_at >= STALE_SECONDS:
            self._stale_at = seconds
            for place in self._measured():
                self._end(place, _stale(place), now)
                if place.open_alerts and seconds - _watched(place) > MAX_SPACING_SECONDS:
                    self._judge.end_open(place, now)

    def _measured(self) -> Iterator[Host]:
        return (place for place in self._fleet.places if place.newest_at)

    def _end(self, place: Host, series: list[Series], now: datetime) -> None:
        for one in series:
            self._judge.forget_value(place, one.identity.name, one.identity.labels, now)

    def _follow_targets(self, now: datetime) -> None:
        for place in list(self._fleet.places):
            if not place.agent.startswith(TARGET_PREFIX):
                continue
            target = self._fleet.targets.of_node(place.agent)
            if target is None:
                self._judge.forget(place, now)
                self._fleet.forget_place(place)
                continue
            before = (place.kind, place.unit, place.host)
            self._fleet.places.target(target, target.unit or self._fleet.own.unit)
            if before != (place.kind, place.unit, place.host):
                self._judge.rebind(place, now)


def _is_degraded(place: Host) -> bool:
    """Say whether a rule about the way to a target fires."""
    return any(
        bound.state.phase is Phase.FIRING
        for series in place.series.values()
        if series.identity.name.startswith(OF_PATHS)
        for bound in series.bounds
    )


def _watched(place: Host) -> float:
    return place.watched_since.timestamp()


def _over(place: Host) -> list[Series]:
    """Return what was measured of calls before the newest poll."""
    of_calls = [s for s in place.series.values() if s.identity.name.startswith(OF_CALLS)]
    if not of_calls:
        return []
    polled_at = max((s.at for s in place.series.values() if s.identity.name == CALLS), default=0.0)
    return [series for series in of_calls if series.at < polled_at - SAME_POLL_SECONDS]


def _stale(place: Host) -> list[Series]:
    return [
        series
        for series in place.series.values()
        if series.identity.name not in OWN_METRICS and series.is_stale(place.newest_at)
    ]
