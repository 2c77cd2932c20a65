"""What the running process knows of the points of a session and of the devices around them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from collector.outages.topology import above
from collector.rush import ONLY_SELDOM
from collector.targets.target_values import MIN_OLD_SECONDS, value_of
from collector.targets.targets import unit_node
from incidents.sessions.checks.firmware import usual_software
from incidents.sessions.facts import PointFacts, Reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.series import Series
    from collector.targets.targets import Target
    from collector.wire_json import Labels
    from incidents.sessions.facts import Said, Trouble, Work
    from incidents.sessions.model import Point, Session

T = TypeVar("T")
INFO = "wanwatch_endpoint_info"
# While a session goes on its points are asked every second or two.
LIVE_OLD_SECONDS = 6.0
# What a host or device beside the endpoint says of a point.
AROUND = (
    "wanwatch_interface_", "wanwatch_ups_", "wanwatch_ntp_offset_seconds",
    "node_timex_offset_seconds", "node_power_supply_online",
)  # fmt: skip
# Probes whose values are told by their name; all others report what devices say.
PREFIXES = {
    probe: f"wanwatch_{probe}_"
    for probe in ("stamp", "icmp", "tls", "path_mtu", "ntp", "trace", "http")
}
NOTHING_ASKED: Mapping[str, float] = {}
PROBES_KEPT = 50_000
# People switch these on and off, and carry them away.
NOT_AROUND = frozenset({"workstation"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables know of a session.

    Attributes:
        said: By place in the roll call; `troubles` and `works`: by node, as `target:NAME`, an
            agent or `unit:CODE`.
        rehearsals: Rehearsals of the same points about now.
    """

    said: Mapping[int, tuple[Said, ...]] = field(default_factory=dict)
    troubles: Mapping[str, tuple[Trouble, ...]] = field(default_factory=dict)
    works: Mapping[str, tuple[Work, ...]] = field(default_factory=dict)
    rehearsals: tuple[Session, ...] = ()


class Surroundings(NamedTuple):
    """What stands in a unit: devices that are measured, hosts that report."""

    targets: dict[str, list[Target]]
    hosts: dict[str, list[Host]]


class SessionFacts:
    """Reads the fleet on the event loop, without input or output.

    Args:
        least_old_seconds: Below this age no value is old.
        only: The metrics that are wanted; empty: all.
        asked: Targets that were asked anew, with the instant in Unix seconds: what is from before
            it is old, but for what changes seldom.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        least_old_seconds: float = MIN_OLD_SECONDS,
        only: Collection[str] = (),
        asked: Mapping[str, float] = NOTHING_ASKED,
    ) -> None:
        self._fleet, self._least_old_seconds, self._only = fleet, least_old_seconds, only
        self._asked = asked

    def nodes(self, session: Session) -> dict[int, list[str]]:
        """Return by point what an incident or planned work may be about to be in its way.

        Its endpoint, its path, the bridge, what these are reached through, its unit and the
        devices there.
        """
        around = self._surroundings(session.units)
        return {point.order: self._nodes(session, point, around) for point in session.points}

    def of(
        self,
        session: Session,
        known: Known,
        now: datetime,
        *,
        around: bool = True,
        points: Collection[Point] | None = None,
    ) -> list[PointFacts]:
        """Return the facts of every point, in calling order.

        Args:
            around: Whether what stands around the points counts: a live board does without.
            points: Of these alone; None: of all.
        """
        at = now.timestamp()
        standing = self._surroundings(session.units if around else ())
        usual = usual_software(self._infos(at)) if around else {}
        ours = self.ours(session, known.rehearsals)
        found = []
        for point in sorted(session.points if points is None else points, key=_order):
            nodes = self._nodes(session, point, standing) if around else []
            found.append(
                PointFacts(
                    point,
                    endpoint=tuple(self.endpoint(point, at)),
                    path=tuple(self.path(point, at)),
                    site=tuple(self._site(point, standing, at)),
                    said=known.said.get(point.order, ()),
                    troubles=_joined(known.troubles, nodes),
                    works=_joined(known.works, nodes),
                    usual_software=usual,
                    ours=ours,
                )
            )
        return found

    def endpoint(self, point: Point, at: float) -> Iterator[Reading]:
        """Yield the values of a point's endpoint; of a computer those of its own agent as well."""
        yield from self._of_target(point.target, at)
        target = self._fleet.targets.by_name.get(point.target)
        if target is not None and target.host:
            host = self._fleet.named(f"{target.unit}/{target.host}")
            if host is not None:
                yield from self._readings(host, host.host, host.series.values(), at)

    def path(self, point: Point, at: float) -> Iterator[Reading]:
        """Yield the values of what measures a point's path."""
        if point.path != point.target:
            yield from self._of_target(point.path, at)
        else:
            yield from self.endpoint(point, at)

    def ours(self, session: Session, rehearsals: Iterable[Session] = ()) -> tuple[str, ...]:
        """Return by what the far end of this session's calls is known."""
        names: list[str] = []
        for one in (session, *rehearsals):
            names.append(one.conference)
            bridge = self._fleet.targets.by_name.get(one.bridge)
            names.append(one.bridge)
            if bridge is not None:
                names += [bridge.address, bridge.label_vi, bridge.label_en]
        return tuple(dict.fromkeys(name for name in names if name))

    def newest_at(self, point: Point) -> float:
        """Return when the last value of a point's endpoint or path came, in Unix seconds."""
        places = (self._fleet.places.known(f"target:{name}") for name in (point.target, point.path))
        newest = (s.at for place in places if place for s in place.series.values())
        return max(newest, default=0.0)

    def _nodes(self, session: Session, point: Point, around: Surroundings) -> list[str]:
        targets = self._fleet.targets
        own = [f"target:{name}" for name in (point.target, point.path, session.bridge) if name]
        nodes = [*own, unit_node(point.unit)]
        nodes += [one.node for one in around.targets[point.unit]]
        nodes += [one.agent for one in around.hosts[point.unit]]
        for node in (*own, unit_node(point.unit)):
            nodes += above(node, targets.uplinks)
        return list(dict.fromkeys(nodes))

    def _surroundings(self, units: Iterable[str]) -> Surroundings:
        wanted, own = set(units), self._fleet.own.unit
        found = Surroundings(defaultdict(list), defaultdict(list))
        for target in self._fleet.targets.by_name.values():
            # Another room's endpoint says nothing of this one.
            if (target.unit or own) in wanted and target.kind != "conference":
                found.targets[target.unit or own].append(target)
        for host in self._fleet.approved():
            if host.unit in wanted and host.kind not in NOT_AROUND:
                found.hosts[host.unit].append(host)
        return found

    def _site(self, point: Point, around: Surroundings, at: float) -> Iterator[Reading]:
        for target in around.targets[point.unit]:
            if target.name not in (point.target, point.path):
                place = self._fleet.places.known(target.node)
                if place is not None:
                    yield from self._readings(place, target.name, _around(place), at)
        for host in around.hosts[point.unit]:
            yield from self._readings(host, host.host, _around(host), at)

    def _of_target(self, name: str, at: float) -> Iterator[Reading]:
        target = self._fleet.targets.by_name.get(name)
        place = None if target is None else self._fleet.places.known(target.node)
        if target is not None and place is not None:
            asked = {ask.probe: ask.every_seconds for ask in target.probes}
            since = self._asked.get(name, 0.0)
            yield from self._readings(place, name, place.series.values(), at, asked, since)

    def _infos(self, at: float) -> Iterator[Reading]:
        for place in self._fleet.places:
            series = (one for one in place.series.values() if one.identity.name == INFO)
            yield from self._readings(place, place.agent, series, at)

    def _readings(
        self,
        host: Host,
        source: str,
        series: Iterable[Series],
        at: float,
        asked: Mapping[str, float] = NOTHING_ASKED,
        since: float = 0.0,
    ) -> Iterator[Reading]:
        only = self._only
        for one in series:
            if one.is_new or isnan(one.value) or (only and one.identity.name not in only):
                continue
            found = value_of(
                one.identity.name,
                one.identity.labels,
                one.value,
                one.at,
                now=at,
                spacing_seconds=_spacing(one, asked) or host.interval_seconds,
                least_old_seconds=self._least_old_seconds,
            )
            yield Reading(
                source,
                found.metric,
                found.labels,
                found.value,
                found.age_seconds,
                found.is_old or _is_before(one, since),
                _growth(one),
            )


def _order(point: Point) -> int:
    return point.order


def _spacing(series: Series, asked: Mapping[str, float]) -> float:
    """Return how far apart values come: no further than they are asked for.

    The last two may lie on both sides of an outage.
    """
    own = _probe_of(series.identity.name, series.identity.labels)
    every_seconds = asked.get(own)
    if every_seconds is None:
        every_seconds = max((asked[one] for one in asked if one not in PREFIXES), default=0.0)
    if not every_seconds:
        return series.spacing_seconds
    return min(series.spacing_seconds or every_seconds, every_seconds)


def _is_before(series: Series, asked_at: float) -> bool:
    """Say whether a value is from before its target was asked, and would have come with it."""
    if series.at >= asked_at:
        return False
    return _probe_of(series.identity.name, series.identity.labels) not in ONLY_SELDOM


def _around(host: Host) -> Iterator[Series]:
    return (one for one in host.series.values() if one.identity.name.startswith(AROUND))


@lru_cache(maxsize=PROBES_KEPT)
def _probe_of(name: str, labels: Labels) -> str:
    """Return the probe that a value is of; empty for what devices report of themselves."""
    if (told := dict(labels).get("probe")) is not None:
        return told
    return next((probe for probe, prefix in PREFIXES.items() if name.startswith(prefix)), "")


def _growth(series: Series) -> float | None:
    """Return how fast a counter grows, as the rule about it has found."""
    if not series.identity.name.endswith("_total"):
        return None
    rates = (
        bound.value
        for bound in series.bounds
        if bound.rule.value.function == "rate" and bound.judged_at
    )
    return next(rates, None)


def _joined(by_node: Mapping[str, tuple[T, ...]], nodes: Iterable[str]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for node in nodes for one in by_node.get(node, ())))
