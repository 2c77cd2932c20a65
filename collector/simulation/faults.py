"""Which faults strike which hosts, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from collector.simulation.dice import draw

if TYPE_CHECKING:
    from collector.simulation.province import Province, SimulatedHost

Kind = Literal[
    "disk_fills", "disk_read_only", "raid_fails", "memory_fills", "cpu_busy", "service_dies",
    "link_cut", "line_errors", "power_off", "on_battery", "clock_wrong", "clock_drifts",
    "clock_alone", "reboot_waits", "certificate_ends", "flood", "clone",
]  # fmt: skip


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
