"""A report's share in the hour that a host's page shows; late reports fill it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.indicators import Indicator, Tally

if TYPE_CHECKING:
    from collector.fleet import Fleet, Host
    from collector.wire import WireReport

CPU_COUNT = "wanwatch_cpu_count"


def tally_for(fleet: Fleet, host: Host) -> Tally:
    """Return an empty tally that knows how many processors the host has."""
    identity = fleet.identities.find(CPU_COUNT, ())
    series = None if identity is None else host.series.get(identity)
    return Tally(0.0 if series is None else series.value)


def put_indicators(host: Host, tally: Tally, at: float) -> None:
    """Set the minute of `at` (Unix seconds) to what a report added up to."""
    for name, value in tally.totals.items():
        indicator = host.indicators.get(name)
        if indicator is None:
            indicator = host.indicators[name] = Indicator()
        indicator.put(value, at)


def fill_history(fleet: Fleet, host: Host, report: WireReport, offset_seconds: float) -> None:
    """Complete the past hour from a late report; its newest values stay out of everything else."""
    tally = tally_for(fleet, host)
    newest = 0.0
    for sample in report.samples:
        identity = fleet.identities.of(sample.name, bytes(sample.labels))
        fleet.identities.forget_unused(identity)
        if identity.role is None:
            continue
        at = sample.at + offset_seconds
        newest = max(newest, at)
        per_second = None
        if identity.role.how == "rate":
            before, host.late[identity] = host.late.get(identity), (sample.value, at)
            if before is not None and at > before[1]:
                per_second = (sample.value - before[0]) / (at - before[1])
        tally.add(identity.role, sample.value, per_second)
    put_indicators(host, tally, newest)
