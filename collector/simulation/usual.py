"""What goes wrong in a province in usual days, and the few things that must not be missed.

The rates are assumptions of ours, per thousand hosts (or a hundred units) and day; whoever knows
better changes a line of the tables. All instants are seconds from the first Monday's midnight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.simulation.dice import draw, pick
from collector.simulation.faults import Fault, Kind, Where
from collector.simulation.province import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.simulation.province import Province, SimulatedHost

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
UPS_SECONDS = 25 * MINUTE
PATCH_DAY, PATCHED_RATIO = 1, 0.15
When = Literal["any", "office", "night"]
_WINDOWS: dict[When, tuple[float, float]] = {
    "any": (0.0, 24 * HOUR), "office": (8 * HOUR, 16 * HOUR), "night": (22 * HOUR, 28 * HOUR),
}  # fmt: skip


class Trouble(NamedTuple):
    """One thing that goes wrong.

    Attributes:
        rules: Which rules may find it, where it must be found; empty for the usual.
        host, unit: Whom it concerns; `host` is empty where it is a whole unit.
    """

    name: str
    faults: tuple[Fault, ...]
    unit: str
    host: str = ""
    rules: tuple[str, ...] = ()

    @property
    def is_serious(self) -> bool:
        """Say whether it must become an incident."""
        return bool(self.rules)

    @property
    def starts_at(self) -> float:
        """Return when it begins."""
        return min(fault.at_seconds for fault in self.faults)

    @property
    def ends_at(self) -> float:
        """Return when it is over."""
        return max(fault.at_seconds + fault.duration_seconds for fault in self.faults)


class Usual(NamedTuple):
    """A kind of fault and how often it comes: per thousand hosts of these kinds and day."""

    kind: Kind
    hosts: str
    rate: float
    shortest: float
    longest: float
    when: When = "any"


USUAL = (
    Usual("power_off", "workstation", 15, 3 * MINUTE, 10 * MINUTE, "office"),
    Usual("disk_fills", "workstation", 1, 8 * HOUR, 4 * DAY, "office"),
    Usual("memory_fills", "workstation", 5, 10 * MINUTE, HOUR, "office"),
    Usual("service_dies", "workstation", 2, 30 * MINUTE, 30 * HOUR, "office"),
    Usual("clock_drifts", "workstation", 0.3, DAY, 3 * DAY),
    Usual("clock_alone", "workstation", 0.3, DAY, 3 * DAY),
    Usual("line_errors", "workstation", 0.3, 20 * MINUTE, 90 * MINUTE, "office"),
    Usual("cpu_busy", "server", 15, 20 * MINUTE, 90 * MINUTE, "night"),
    Usual("memory_fills", "server", 5, 4 * MINUTE, 25 * MINUTE),
    Usual("service_dies", "server", 5, 2 * MINUTE, 6 * HOUR),
    Usual("disk_fills", "server", 1, HOUR, 12 * HOUR),
    Usual("power_off", "server", 5, 2 * MINUTE, 8 * MINUTE, "night"),
    Usual("clock_drifts", "server", 1, HOUR, DAY),
    Usual("certificate_ends", "server", 0.5, DAY, 3 * DAY, "office"),
    Usual("line_errors", "server", 0.5, 20 * MINUTE, 3 * HOUR),
    Usual("power_off", "network", 2, 2 * MINUTE, 5 * MINUTE, "night"),
    Usual("line_errors", "network", 1, 20 * MINUTE, 3 * HOUR),
    Usual("power_off", "conference", 10, 2 * MINUTE, 10 * MINUTE, "office"),
)
BLIPS_PER_100_UNITS, CUTS_PER_100_UNITS, MAINS_PER_100_UNITS = 7.0, 1.7, 0.7


def usual_troubles(province: Province, days: int) -> list[Trouble]:
    """Return what goes wrong within some days; the same province always has the same."""
    troubles: list[Trouble] = []
    for usual in USUAL:
        hosts = [h for h in province.hosts if h.kind == usual.hosts]
        troubles += _of_hosts(usual, hosts, days)
    troubles += _of_units(province, days)
    troubles += _patch_day(province) if days > PATCH_DAY else ()
    return sorted(troubles, key=lambda trouble: trouble.starts_at)


def serious_troubles(province: Province) -> list[Trouble]:
    """Return what must be found, within the first ten days: one of each kind."""
    shared = [h for h in province.hosts if h.kind == "shared"]
    servers = [h for h in province.hosts if h.kind == "server" and h.unit != ROOT]
    network = [h for h in province.hosts if h.kind == "network" and h.unit == ROOT]
    (a, b, c, d), (e, f, g, h) = shared[:4], servers[3:7]
    cut = province.units[-7].code
    dark = [unit for unit in province.units if unit.region == province.units[-5].region]
    return [
        _serious("disk_fills", a, 0 * DAY + 10 * HOUR, 5 * HOUR, "FilesystemAlmostFull"),
        _serious("raid_fails", e, 1 * DAY + 3 * HOUR, 30 * HOUR, "RaidDiskFailed"),
        _serious("memory_fills", b, 1 * DAY + 9 * HOUR, 2 * HOUR, "MemoryHigh"),
        _serious("service_dies", c, 2 * DAY + 8.5 * HOUR, 3 * HOUR, "SharedServiceFailed"),
        _serious("disk_read_only", f, 3 * DAY + 14 * HOUR, 4 * HOUR, "FilesystemReadOnly"),
        _serious("clock_wrong", d, 4 * DAY + 11 * HOUR, 6 * HOUR, "ClockBehind", "ClockAhead"),
        _serious("power_off", g, 5 * DAY + 2 * HOUR, 9 * HOUR, *SILENCE),
        _serious("power_off", network[0], 7 * DAY + 10 * HOUR, 2 * HOUR, *SILENCE),
        _serious("certificate_ends", h, 8 * DAY + 7 * HOUR, 20 * HOUR, "CertificateExpiring"),
        _serious("on_battery", e, 9 * DAY + 9 * HOUR, 55 * MINUTE, "BatteryLow"),
        _whole("line of a unit", cut, "link_cut", 2 * DAY + 14 * HOUR, 2 * HOUR, SILENCE),
        *(
            _whole("line of a region", unit.code, "link_cut", 8 * DAY + 9 * HOUR, HOUR, SILENCE)
            for unit in dark[:1]
        ),
        *(
            _whole("line of a region", unit.code, "link_cut", 8 * DAY + 9 * HOUR, HOUR, ())
            for unit in dark[1:]
        ),
    ]


SILENCE = ("AgentSilent", "UnitSilent", "MassSilence")


def _serious(kind: Kind, host: SimulatedHost, at: float, seconds: float, *rules: str) -> Trouble:
    fault = Fault(kind, at, seconds, Where(host=host.name))
    return Trouble(f"{kind} of a {host.kind}", (fault,), host.unit, host.name, rules)


def _whole(
    name: str, unit: str, kind: Kind, at: float, seconds: float, rules: tuple[str, ...]
) -> Trouble:
    return Trouble(name, (Fault(kind, at, seconds, Where(unit=unit, hosts=None)),), unit, "", rules)


def _of_hosts(usual: Usual, hosts: Sequence[SimulatedHost], days: int) -> Iterator[Trouble]:
    words = ("usual", usual.kind, usual.hosts)
    for day in range(days):
        for number in range(_count(usual.rate * len(hosts) / 1000, *words, day)):
            host = pick(hosts, host_seed(hosts), *words, day, number)
            at = _instant(day, usual.when, *words, day, number)
            span = usual.longest - usual.shortest
            # Most are short: the square of an even draw.
            seconds = usual.shortest + span * draw(*words, "length", day, number) ** 2
            fault = Fault(usual.kind, at, seconds, Where(host=host.name))
            yield Trouble(usual.kind, (fault,), host.unit, host.name)


def _of_units(province: Province, days: int) -> Iterator[Trouble]:
    units = [unit.code for unit in province.units if unit.code != ROOT]
    kinds = (
        ("blip", BLIPS_PER_100_UNITS, 20.0, 100.0),
        ("cut", CUTS_PER_100_UNITS, 4 * MINUTE, 4 * HOUR),
        ("mains", MAINS_PER_100_UNITS, 20 * MINUTE, 3 * HOUR),
    )
    for name, rate, shortest, longest in kinds:
        for day in range(days):
            for number in range(_count(rate * len(units) / 100, name, day)):
                unit = pick(units, name, "unit", day, number)
                at = _instant(day, "any", name, day, number)
                length = draw(name, "length", day, number) ** 2
                seconds = shortest + (longest - shortest) * length
                yield Trouble(name, tuple(_line_or_mains(name, unit, at, seconds)), unit)


def _line_or_mains(name: str, unit: str, at: float, seconds: float) -> Iterator[Fault]:
    """A line cuts off all hosts at once; without mains some run on as long as the UPS lasts."""
    if name != "mains":
        yield Fault("link_cut", at, seconds, Where(unit=unit, hosts=None))
        return
    for kind in ("workstation", "conference"):
        yield Fault("power_off", at, seconds, Where(unit=unit, kind=kind, hosts=None))
    for kind in ("server", "network"):
        held = min(seconds, UPS_SECONDS)
        yield Fault("on_battery", at, held, Where(unit=unit, kind=kind, hosts=None))
        if seconds > held:
            where = Where(unit=unit, kind=kind, hosts=None)
            yield Fault("power_off", at + held, seconds - held, where)


def _patch_day(province: Province) -> Iterator[Trouble]:
    """Patches wait for a restart on many workstations at once."""
    for host in province.hosts:
        if host.kind == "workstation" and draw(host.name, "patched") < PATCHED_RATIO:
            at = PATCH_DAY * DAY + 9 * HOUR + HOUR * draw(host.name, "patched at")
            fault = Fault("reboot_waits", at, 3 * DAY, Where(host=host.name))
            yield Trouble("reboot_waits", (fault,), host.unit, host.name)


def host_seed(hosts: Sequence[SimulatedHost]) -> int:
    """Return the seed of the province that the hosts belong to."""
    return hosts[0].seed if hosts else 0


def _count(mean: float, *words: object) -> int:
    """Return a whole number with this mean: the rest is drawn."""
    whole = int(mean)
    return whole + (draw("count", *words) < mean - whole)


def _instant(day: int, when: When, *words: object) -> float:
    first, last = _WINDOWS[when]
    return day * DAY + first + (last - first) * draw("at", *words)
