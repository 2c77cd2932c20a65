"""The targets as people look at them: what is known of each, how old it is, and who measures it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from collector.identity.binding import bounds_of
from collector.rules.rules import Phase
from collector.targets.target_values import WORST_FIRST, Standing, Value, standing_of, value_of
from incidents.vietnamese import NOTHING, ranked, sort_key

if TYPE_CHECKING:
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.targets.plans import Plans
    from collector.targets.targets import Target, Targets
    from incidents.actor import Viewer
    from incidents.vietnamese import Search


class TargetLine(NamedTuple):
    """One line of the list.

    Attributes:
        measured_by: UNIT/HOST of the agent that is asked now; empty where nobody is.
        newest_at: Unix seconds of its newest value; None before the first.
    """

    name: str
    label_vi: str
    label_en: str
    kind: str
    unit: str
    unit_name: str
    region: str
    address: str
    circuit: str
    carrier: str
    standing: Standing
    firing: int
    measured_by: str
    newest_at: float | None


@dataclass(frozen=True, slots=True)
class TargetDetail:
    """All of one target."""

    line: TargetLine
    probes: tuple[str, ...]
    asked_by: tuple[str, ...]
    values: tuple[Value, ...]


class TargetBook:
    """Reads what the running process knows; on the event loop, without input or output."""

    def __init__(self, fleet: Fleet, plans: Plans) -> None:
        self._fleet, self._plans = fleet, plans

    def all(self, viewer: Viewer, now: datetime, search: Search = NOTHING) -> list[TargetLine]:
        """List the targets that somebody sees: the worst first, then in Vietnamese order."""
        found = [
            self._detail(target, now).line
            for target in self._fleet.targets.by_name.values()
            if viewer.sees(self._unit(target))
        ]
        found.sort(key=lambda one: (WORST_FIRST.index(one.standing), sort_key(one.label_vi)))
        return ranked(found, search, _searched) if search else found

    def one(self, name: str, viewer: Viewer, now: datetime) -> TargetDetail | None:
        """Return one target; None where there is none, or not for them."""
        target = self._fleet.targets.by_name.get(name)
        if target is None or not viewer.sees(self._unit(target)):
            return None
        return self._detail(target, now)

    @property
    def policy(self) -> Targets:
        """Return all targets as the policy has them."""
        return self._fleet.targets

    def values(self, target: Target, now: datetime) -> tuple[Value, ...]:
        """Return what was measured of a target, whoever may see it."""
        place = self._fleet.places.known(target.node)
        return () if place is None else values_of(place, target, now.timestamp())

    @property
    def own_unit(self) -> str:
        """Return the unit of the collector: the centre."""
        return self._fleet.own.unit

    def unit_name(self, code: str) -> str:
        """Return a unit's name."""
        return self._fleet.unit_name(code)

    def unit_of(self, target: Target) -> str:
        """Return the unit that a target stands in; one that names none is the province's own."""
        return self._unit(target)

    def _unit(self, target: Target) -> str:
        return target.unit or self._fleet.own.unit

    def _detail(self, target: Target, now: datetime) -> TargetDetail:
        place = self._fleet.places.known(target.node)
        values = () if place is None else values_of(place, target, now.timestamp())
        firing = [] if place is None else firing_of(place)
        measuring = self._plans.measuring(target.name)
        line = TargetLine(
            name=target.name,
            label_vi=target.label_vi,
            label_en=target.label_en,
            kind=target.kind,
            unit=self._unit(target),
            unit_name=self._fleet.unit_name(self._unit(target)),
            region=target.region,
            address=target.address,
            circuit=target.circuit,
            carrier=target.carrier,
            standing=standing_of(values, firing, is_measured=bool(target.probes)),
            firing=len(firing),
            measured_by="" if measuring is None else f"{measuring.unit}/{measuring.host}",
            newest_at=max((value.at for value in values), default=None),
        )
        probes = tuple(ask.probe for ask in target.probes)
        return TargetDetail(line, probes, target.asked_by, values)


def _searched(line: TargetLine) -> str:
    return " ".join((line.label_vi, line.label_en, line.name, line.unit_name, line.circuit))


def values_of(place: Host, target: Target, now: float) -> tuple[Value, ...]:
    """Return what was measured, by metric."""
    asked_seconds = max((ask.every_seconds for ask in target.probes), default=0.0)
    found = (
        value_of(
            series.identity.name,
            series.identity.labels,
            series.value,
            series.at,
            now=now,
            spacing_seconds=series.spacing_seconds or asked_seconds,
        )
        for series in place.series.values()
        if not series.is_new and series.identity.target
    )
    return tuple(sorted(found, key=lambda value: (value.metric, sorted(value.labels.items()))))


def firing_of(place: Host) -> list[str]:
    """Return the severities of what fires now, stored alerts not seen since the start included."""
    states = [bound.state for bound in bounds_of(place)]
    severities = [s.severity for s in states if s.phase is Phase.FIRING and s.severity is not None]
    return [*severities, *(alert.severity for alert in place.open_alerts.values())]
