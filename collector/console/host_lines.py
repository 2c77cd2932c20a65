"""A unit's hosts in their list: how each stands, and its newest indicators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.console.views import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.services import HostState

REACHABLE = frozenset({"ON_TIME", "LATE"})
OFF = frozenset({"OFF_HOURS", "STOPPED"})


@dataclass(frozen=True, slots=True)
class HostLine:
    """One host in its unit's list; the indicators are None where there is no data now."""

    agent: str
    host: str
    kind: str
    liveness: str
    last_report_at: datetime | None
    critical: int
    warning: int
    standing: Standing
    key: str
    indicators: Mapping[str, float | None]


def host_standing(liveness: str, critical: int, warning: int) -> Standing:
    """Judge a host by its alerts; one that is not heard from has no data, or nobody expects it."""
    if critical:
        return Standing.CRITICAL
    if warning:
        return Standing.WARNING
    if liveness in OFF:
        return Standing.OFF_HOURS
    return Standing.GOOD if liveness in REACHABLE else Standing.NO_DATA


def key_word(host: HostState) -> str:
    """Return what is to be said of a host's key; empty when its data counts as usual."""
    if host.quarantined_at is not None:
        return "quarantined"
    return "" if host.is_approved else "pending"


def host_lines(
    hosts: Iterable[HostState],
    alerts: Mapping[str, tuple[int, int]],
    indicators: Sequence[str],
    now: datetime,
) -> list[HostLine]:
    """Return a unit's hosts, the worst first, with the newest value of some indicators."""
    lines = []
    for host in hosts:
        critical, warning = alerts.get(host.agent, (0, 0))
        liveness = host.liveness.name
        lines.append(
            HostLine(
                agent=host.agent,
                host=host.host,
                kind=host.kind,
                liveness=liveness,
                last_report_at=host.last_report_at,
                critical=critical,
                warning=warning,
                standing=host_standing(liveness, critical, warning),
                key=key_word(host),
                indicators={name: newest(host, name, now) for name in indicators},
            )
        )
    return sorted(lines, key=lambda line: (line.standing, -line.critical, -line.warning))


def newest(host: HostState, indicator: str, now: datetime) -> float | None:
    """Return an indicator's value of this or the last minute; older ones are no data."""
    series = host.indicators.get(indicator)
    if series is None:
        return None
    *_, before, last = series.last_hour(now.timestamp())
    return before if last is None else last
