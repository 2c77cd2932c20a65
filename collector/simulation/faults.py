"""Which fault is at which host at an instant, and what it does there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from collector.simulation.behaviour import Effect
from collector.simulation.dice import draw

if TYPE_CHECKING:
    from collector.simulation.province import Province, SimulatedHost

Kind = Literal[
    "disk_fills", "service_dies", "link_cut", "clock_wrong", "power_off", "flood", "clone"
]
FILLS_WITHIN_SECONDS = 20.0
CLOCK_AHEAD_SECONDS = 90.0
FLOOD_REPORTS = 50
NO_EFFECT = Effect()


@dataclass(frozen=True, slots=True)
class Where:
    """What narrows the hosts; an empty text does not. `hosts`: how many of them, None: all."""

    unit: str = ""
    region: str = ""
    host: str = ""
    kind: str = ""
    hosts: int | None = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; seconds count from the start of the run."""

    kind: Kind
    at_seconds: float
    duration_seconds: float
    where: Where

    def is_on(self, elapsed_seconds: float) -> bool:
        """Say whether it lasts now; its end no longer belongs to it."""
        return self.at_seconds <= elapsed_seconds < self.at_seconds + self.duration_seconds


def chosen(province: Province, where: Where, *words: object) -> list[SimulatedHost]:
    """Return the hosts a fault strikes: those that match, of these the first few by lot."""
    matching = [
        host
        for host in province.hosts
        if where.unit in {"", host.unit}
        and where.region in {"", host.region}
        and where.host in {"", host.name}
        and where.kind in {"", host.kind}
    ]
    if where.hosts is None:
        return matching
    return sorted(matching, key=lambda host: draw(host.seed, host.name, *words))[: where.hosts]


def strike(province: Province, faults: list[Fault]) -> dict[str, list[Fault]]:
    """Return the faults of each host that will have any, by its name."""
    struck: dict[str, list[Fault]] = {}
    for number, fault in enumerate(faults):
        for host in chosen(province, fault.where, "fault", number):
            struck.setdefault(host.name, []).append(fault)
    return struck


def effect_of(faults: list[Fault], elapsed_seconds: float) -> Effect:
    """Return what the faults of one host do at an instant; of two of a kind one is enough."""
    lasting = {fault.kind: fault for fault in faults if fault.is_on(elapsed_seconds)}
    if not lasting:
        return NO_EFFECT
    disk = lasting.get("disk_fills")
    return Effect(
        disk_filled=0.0 if disk is None else _filled(disk, elapsed_seconds),
        is_service_dead="service_dies" in lasting,
        clock_ahead_seconds=CLOCK_AHEAD_SECONDS if "clock_wrong" in lasting else 0.0,
        is_cut_off="link_cut" in lasting,
        is_off="power_off" in lasting,
        reports_at_once=FLOOD_REPORTS if "flood" in lasting else 1,
        is_cloned="clone" in lasting,
    )


def _filled(fault: Fault, elapsed_seconds: float) -> float:
    """It is full after 20 s, or after a quarter of its time where that is sooner."""
    within = min(FILLS_WITHIN_SECONDS, fault.duration_seconds / 4)
    return min(1.0, (elapsed_seconds - fault.at_seconds) / within)
