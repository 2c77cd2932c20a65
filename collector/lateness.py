"""Which reports are of the past: they complete history and say nothing of what holds now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.metrics.own import OWN_METRICS

if TYPE_CHECKING:
    from collector.host import Host
    from collector.identity.binding import Bound
    from collector.wire import WireReport

LATE_INTERVALS = 2
MIN_LATE_SECONDS = 5.0
MIN_OLD_SECONDS = 30.0
FRESH_SPACINGS = 3
MIN_FRESH_SECONDS = 30.0


def is_late(host: Host, newest: float, now: float) -> bool:
    """Say whether a report is too old to tell what holds now."""
    patience = LATE_INTERVALS * host.interval_seconds
    return newest < host.newest_at - max(patience, MIN_LATE_SECONDS) or newest < now - max(
        patience, MIN_OLD_SECONDS
    )


def is_clock_uncertain(host: Host, report: WireReport) -> bool:
    """Say whether a clock that was set between the making and the sending would go unseen.

    Within one boot the agent measures that time by what no setting moves; over a boot it cannot.
    """
    return report.seq < host.received.highest and report.boot != host.boot


def is_fresh(bound: Bound, now: float) -> bool:
    """Say whether the last evidence still speaks for now."""
    series, host = bound.series, bound.host
    if series is not None and series.identity.name in OWN_METRICS:
        return True
    at = host.newest_at if series is None else series.at
    spacing = max(host.interval_seconds, 0 if series is None else series.spacing_seconds)
    return now - at <= max(MIN_FRESH_SECONDS, FRESH_SPACINGS * spacing)
