"""From plain rows and the fleet's state to the units at a glance, the worst first."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from collector.services import HostState
    from collector.storage.queries.alerts import FiringCount
    from collector.storage.queries.incidents import OpenCount
    from collector.storage.queries.units import UnitRow

GRAVE = frozenset({"S1", "S2"})
AWAITED = frozenset({"LATE", "SILENT", "LOST"})


class Standing(IntEnum):
    """How something stands, worst first; no data and off hours are never good."""

    CRITICAL = 0
    WARNING = 1
    NO_DATA = 2
    OFF_HOURS = 3
    GOOD = 4

    @property
    def word(self) -> str:
        """Return the name that style sheet and texts use."""
        return self.name.lower()


@dataclass(slots=True)
class HostCounts:
    """How many hosts of a unit are in each state of liveness."""

    on_time: int = 0
    late: int = 0
    silent: int = 0
    lost: int = 0
    stopped: int = 0
    off_hours: int = 0
    never: int = 0

    def add(self, liveness: str) -> None:
        """Count one host by the name of its liveness."""
        name = liveness.lower()
        setattr(self, name, getattr(self, name) + 1)

    @property
    def total(self) -> int:
        """Return the number of hosts that the inventory knows."""
        return sum(getattr(self, name) for name in HostCounts.__slots__)

    @property
    def off(self) -> int:
        """Return how many nobody waits for now."""
        return self.off_hours + self.stopped

    @property
    def missed(self) -> int:
        """Return how many somebody waits for in vain."""
        return self.silent + self.lost


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar of 100 units of width."""

    name: str
    x: float
    width: float


@dataclass(slots=True)
class Troubles:
    """What is wrong in one unit, counted."""

    critical: int = 0
    warning: int = 0
    incidents: int = 0
    unacknowledged: int = 0
    worst_severity: str | None = None


@dataclass(frozen=True, slots=True)
class UnitCard:
    """One unit at a glance."""

    unit: UnitRow
    hosts: HostCounts
    troubles: Troubles
    standing: Standing

    @property
    def label(self) -> str:
        """Return the standing's word; a unit that is heard in part says so."""
        heard = self.hosts.on_time + self.hosts.off > 0
        return "part_data" if self.standing == Standing.NO_DATA and heard else self.standing.word

    @property
    def segments(self) -> list[Segment]:
        """Return the hosts' liveness as a bar, the good first."""
        parts, x = [], 0.0
        for name in HostCounts.__slots__:
            width = 100 * getattr(self.hosts, name) / max(1, self.hosts.total)
            if width:
                parts.append(Segment(name, round(x, 3), round(width, 3)))
            x += width
        return parts


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole network at a glance."""

    units: int
    hosts: HostCounts
    critical: int
    warning: int
    incidents: int
    unacknowledged: int
    by_severity: Mapping[str, int] = field(default_factory=dict)


def unit_standing(hosts: HostCounts, troubles: Troubles, awaited: int) -> Standing:
    """Judge a unit: grave incidents and critical alerts, then any trouble, then missing data.

    Args:
        awaited: Hosts that must always be on and are late or missed; others come and go.
    """
    if troubles.critical or troubles.worst_severity in GRAVE:
        return Standing.CRITICAL
    if troubles.warning or troubles.incidents:
        return Standing.WARNING
    if hosts.on_time + hosts.late + hosts.off == 0:
        return Standing.NO_DATA
    if awaited:
        return Standing.WARNING
    if hosts.never:
        return Standing.NO_DATA
    return Standing.GOOD if hosts.on_time else Standing.OFF_HOURS


def units_at_a_glance(
    units: Sequence[UnitRow],
    hosts: Iterable[HostState],
    firing: Iterable[FiringCount],
    opened: Iterable[OpenCount],
) -> list[UnitCard]:
    """Return every unit, the worst first; equals stay in the order in which they came."""
    counts: defaultdict[str, HostCounts] = defaultdict(HostCounts)
    awaited: Counter[str] = Counter()
    for host in hosts:
        counts[host.unit].add(host.liveness.name)
        awaited[host.unit] += host.is_always and host.liveness.name in AWAITED
    troubles = _troubles(firing, opened)
    cards = []
    for unit in units:
        trouble = troubles.get(unit.code, Troubles())
        standing = unit_standing(counts[unit.code], trouble, awaited[unit.code])
        cards.append(UnitCard(unit, counts[unit.code], trouble, standing))
    return sorted(cards, key=_worst_first)


def _troubles(
    firing: Iterable[FiringCount], opened: Iterable[OpenCount]
) -> defaultdict[str, Troubles]:
    troubles: defaultdict[str, Troubles] = defaultdict(Troubles)
    for count in firing:
        trouble = troubles[count.unit]
        trouble.critical, trouble.warning = count.critical, count.warning
    for incident in opened:
        trouble = troubles[incident.unit]
        trouble.incidents += incident.open
        trouble.unacknowledged += incident.unacknowledged
        trouble.worst_severity = min(trouble.worst_severity or "S9", incident.severity)
    return troubles


def _worst_first(card: UnitCard) -> tuple[int, str, int, int, int]:
    troubles = card.troubles
    return (
        card.standing,
        troubles.worst_severity or "S9",
        -troubles.critical,
        -card.hosts.missed,
        -troubles.warning,
    )


def totals(cards: Sequence[UnitCard], opened: Iterable[OpenCount]) -> Totals:
    """Return the sums over all units; open incidents also by severity."""
    hosts = HostCounts()
    for card in cards:
        for name in HostCounts.__slots__:
            setattr(hosts, name, getattr(hosts, name) + getattr(card.hosts, name))
    by_severity: defaultdict[str, int] = defaultdict(int)
    unacknowledged = 0
    for count in opened:
        by_severity[count.severity] += count.open
        unacknowledged += count.unacknowledged
    return Totals(
        units=len(cards),
        hosts=hosts,
        critical=sum(card.troubles.critical for card in cards),
        warning=sum(card.troubles.warning for card in cards),
        incidents=sum(by_severity.values()),
        unacknowledged=unacknowledged,
        by_severity=by_severity,
    )
