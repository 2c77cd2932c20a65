"""The endpoints as the running process knows them: every target, its newest values, who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from collector.endpoint_state import (
    STANDINGS,
    EndpointState,
    Figures,
    Reading,
    Standing,
    endpoint_state,
)
from collector.target_probes import probes
from incidents.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.fleet import Fleet
    from collector.series import Series
    from collector.targets import Target
    from incidents.actor import Viewer

Kind = Literal["conference", "network", "shared"]
# How far the way to an endpoint is followed.
MOST_WAY = 6


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A target and its state.

    Attributes:
        unit: The code of the unit that answers for it.
    """

    name: str
    label_vi: str
    label_en: str
    kind: str
    unit: str
    unit_name: str
    region: str
    address: str
    state: EndpointState


@dataclass(frozen=True, slots=True)
class Stage:
    """A device or line on the way to an endpoint, and what is measured to it."""

    name: str
    label_vi: str
    label_en: str
    standing: Standing
    path: dict[str, Figures]


class EndpointBook:
    """Asked by pages and the API; lives on the event loop alone."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def listed(
        self,
        viewer: Viewer,
        now: float,
        *,
        kind: Kind | None = "conference",
        unit: str | None = None,
        region: str | None = None,
        region_of: Mapping[str, str] | None = None,
        standing: Standing | None = None,
    ) -> list[Endpoint]:
        """Return what somebody sees, the worst first; no data stands above what is good.

        Args:
            now: Unix seconds.
            region_of: The regions of units, for targets without one of their own.
        """

        def lies_in(target: Target) -> str:
            return target.region or (region_of or {}).get(self._unit(target), "")

        found = [
            self._endpoint(target, now)
            for target in self._seen(viewer)
            if (kind is None or target.kind == kind)
            and (unit is None or self._unit(target) == unit)
            and (region is None or lies_in(target) == region)
        ]
        return sorted((one for one in found if standing in (None, one.state.standing)), key=_rank)

    def named(self, name: str, viewer: Viewer, now: float) -> Endpoint | None:
        """Return one that somebody sees."""
        target = self._fleet.targets.by_name.get(name)
        if target is None or not viewer.sees(self._unit(target)):
            return None
        return self._endpoint(target, now)

    def way(self, name: str, viewer: Viewer, now: float) -> list[Stage]:
        """Return the devices and lines on the way to an endpoint, the nearest first."""
        targets = self._fleet.targets
        target = targets.by_name.get(name)
        seen, ahead, stages = set[str](), [] if target is None else [target.node], list[Stage]()
        while ahead and len(stages) < MOST_WAY:
            here = ahead.pop(0)
            if here in seen:
                continue
            seen.add(here)
            one = targets.of_node(here)
            if one is not None and one.name != name and viewer.sees(self._unit(one)):
                state = self._state(one, now)
                stages.append(
                    Stage(one.name, one.label_vi, one.label_en, state.standing, state.path)
                )
            ahead += targets.uplinks.get(here, ())
        return stages

    def _seen(self, viewer: Viewer) -> Iterator[Target]:
        for target in self._fleet.targets.by_name.values():
            if viewer.sees(self._unit(target)):
                yield target

    def _unit(self, target: Target) -> str:
        return target.unit or self._fleet.own.unit

    def _endpoint(self, target: Target, now: float) -> Endpoint:
        unit = self._unit(target)
        return Endpoint(
            target.name,
            target.label_vi,
            target.label_en,
            target.kind,
            unit,
            self._fleet.unit_name(unit),
            target.region,
            target.address,
            self._state(target, now),
        )

    def _state(self, target: Target, now: float) -> EndpointState:
        place = self._fleet.places.known(target.node)
        if place is None:
            return endpoint_state((), (), now)
        every = {ask.probe: ask.every_seconds for ask in target.probes}
        readings = (
            Reading(s.identity.name, labels, s.value, s.at, _spacing(s, labels, every))
            for s in place.series.values()
            if s.at
            for labels in (dict(s.identity.labels),)
        )
        severities = [alert.severity for alert in place.open_alerts.values()]
        return endpoint_state(readings, severities, now)


def _spacing(series: Series, labels: Mapping[str, str], every: Mapping[str, float]) -> float:
    """Return how far apart values of a series are to be: as asked, or as they came.

    After a gap the last two values are far apart, and the next must not be awaited as long.
    """
    name, probe = series.identity.name, labels.get("probe", "")
    asked = [
        seconds
        for one, seconds in every.items()
        if one == probe or (not probe and one in probes() and name in probes()[one].metrics)
    ]
    came = float(series.spacing_seconds)
    if not asked:
        return came
    return min(came, 2 * max(asked)) if came else max(asked)


def _rank(one: Endpoint) -> tuple[int, float, object]:
    worst = one.state.worst_lost_ratio
    return (
        STANDINGS.index(one.state.standing),
        -(worst.value if worst else 0.0),
        sort_key(one.label_vi),
    )
