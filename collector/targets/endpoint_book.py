"""The endpoints as the running process knows them: every target, its newest values, who sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from agents.probe import COMMON
from collector.targets.endpoint_state import (
    STANDINGS,
    EndpointState,
    Figures,
    Reading,
    Standing,
    endpoint_state,
)
from collector.targets.target_book import firing_of
from collector.targets.target_probes import probes
from incidents.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from collector.fleet import Fleet
    from collector.series import Series
    from collector.targets.targets import Target
    from incidents.actor import Viewer

Kind = Literal["conference", "network", "shared"]
# How far the way to an endpoint is followed.
MOST_WAY = 6
STAMP = "stamp"
# So many take a few milliseconds.
AT_ONCE = 25
# What a line of the list is made of: a device in a call has many more values.
AT_A_GLANCE = frozenset(
    f"wanwatch_{name}"
    for name in (
        "probe_alive", "probe_answer_code", "endpoint_info", "endpoint_registered",
        "endpoint_calls", "endpoint_standby", "endpoint_peripheral_up", "bridge_zone_up",
        "call_lost_ratio", "call_jitter_seconds",
    )
)  # fmt: skip


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

    async def listed(
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

        Everything else has its turn between some endpoints and the next ones.

        Args:
            now: Unix seconds.
            region_of: The regions of units, for targets without one of their own.
        """

        def lies_in(target: Target) -> str:
            return target.region or (region_of or {}).get(self._unit(target), "")

        asked = [
            target
            for target in self._seen(viewer)
            if (kind is None or target.kind == kind)
            and (unit is None or self._unit(target) == unit)
            and (region is None or lies_in(target) == region)
        ]
        found = []
        for start in range(0, len(asked), AT_ONCE):
            found += [self._endpoint(one, now, AT_A_GLANCE) for one in asked[start:][:AT_ONCE]]
            await asyncio.sleep(0)
        return sorted((one for one in found if standing in (None, one.state.standing)), key=_rank)

    def named(self, name: str, viewer: Viewer, now: float) -> Endpoint | None:
        """Return one that somebody sees."""
        target = self._fleet.targets.by_name.get(name)
        if target is None or not viewer.sees(self._unit(target)):
            return None
        return self._endpoint(target, now)

    def way(self, name: str, viewer: Viewer, now: float) -> list[Stage]:
        """Return the devices and lines on the way to an endpoint, the nearest first.

        After them come the paths that are measured from its unit: they share its line.
        """
        own = self._fleet.targets.by_name.get(name)
        if own is None:
            return []
        measured = [
            one
            for one in self._seen(viewer)
            if self._unit(one) == self._unit(own) and any(a.probe == STAMP for a in one.probes)
        ]
        found = {one.name: one for one in (*self._uplinks(own, viewer), *measured)}
        found.pop(name, None)
        return [self._stage(one, now) for one in list(found.values())[:MOST_WAY]]

    def _uplinks(self, own: Target, viewer: Viewer) -> Iterator[Target]:
        targets = self._fleet.targets
        seen, ahead = set[str](), [own.node]
        while ahead:
            here = ahead.pop(0)
            one = targets.of_node(here)
            if one is not None and viewer.sees(self._unit(one)):
                yield one
            seen.add(here)
            ahead += [node for node in targets.uplinks.get(here, ()) if node not in seen]

    def _stage(self, one: Target, now: float) -> Stage:
        state = self._state(one, now)
        return Stage(one.name, one.label_vi, one.label_en, state.standing, state.path)

    def _seen(self, viewer: Viewer) -> Iterator[Target]:
        for target in self._fleet.targets.by_name.values():
            if viewer.sees(self._unit(target)):
                yield target

    def _unit(self, target: Target) -> str:
        return target.unit or self._fleet.own.unit

    def _endpoint(
        self, target: Target, now: float, names: Container[str] | None = None
    ) -> Endpoint:
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
            self._state(target, now, names),
        )

    def _state(
        self, target: Target, now: float, names: Container[str] | None = None
    ) -> EndpointState:
        place = self._fleet.places.known(target.node)
        if place is None:
            return endpoint_state((), (), now)
        asked = _asked(tuple((ask.probe, ask.every_seconds) for ask in target.probes))
        readings = [
            Reading(
                series.identity.name,
                dict(series.identity.labels),
                series.value,
                series.at,
                _spacing(series, asked),
            )
            for series in place.series.values()
            if series.at and (names is None or series.identity.name in names)
        ]
        return endpoint_state(readings, firing_of(place), now)


@lru_cache(maxsize=256)
def _asked(probes_asked: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Return how far apart the values of each metric are asked for."""
    found: dict[str, float] = {}
    for name, seconds in probes_asked:
        probe = probes().get(name)
        for metric in (*COMMON, *(probe.metrics if probe is not None else ())):
            found[metric] = max(seconds, found.get(metric, 0.0))
    return found


def _spacing(series: Series, asked: Mapping[str, float]) -> float:
    """Return how far apart values of a series are to be: as asked, or as they came.

    After a gap the last two values are far apart, and the next must not be awaited as long.
    """
    seconds = asked.get(series.identity.name)
    came = float(series.spacing_seconds)
    if seconds is None:
        return came
    return min(came, 2 * seconds) if came else seconds


def _rank(one: Endpoint) -> tuple[int, float, object]:
    worst = one.state.worst_lost_ratio
    return (
        STANDINGS.index(one.state.standing),
        -(worst.value if worst else 0.0),
        sort_key(one.label_vi),
    )
