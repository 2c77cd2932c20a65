"""A report's share in the hour that a host's page shows; late reports fill it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.indicators import Indicator, Tally

if TYPE_CHECKING:
    from collector.fleet import Fleet, Host
    from collector.wire import WireReport

CPU_COUNT = "wanwatch_cpus"
MAX_LATE_SERIES = 200


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
    for sample in report.samples.rows():
        identity = fleet.identities.of(sample.name, bytes(sample.labels))
        fleet.identities.forget_unused(identity)
        if identity.role is None:
            continue
        at = sample.at + offset_seconds
        newest = max(newest, at)
        per_second = None
        if identity.role.how == "rate":
            before = _note_late(host, (sample.name, bytes(sample.labels)), sample.value, at)
            if before is not None and at > before[1]:
                per_second = (sample.value - before[0]) / (at - before[1])
        tally.add(identity.role, sample.value, per_second)
    put_indicators(host, tally, newest)


def _note_late(
    host: Host, series: tuple[str, bytes], value: float, at: float
) -> tuple[float, float] | None:
    """Return the late value before this one; devices that come and go take bounded room."""
    if len(host.late) >= MAX_LATE_SERIES and series not in host.late:
        host.late.clear()
    before, host.late[series] = host.late.get(series), (value, at)
    return before
