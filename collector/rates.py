"""How often a host may come, alone and with its unit, and how fast it may hand over a backlog."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from collector.catch_up import CatchUp, Load
from collector.limits import REQUESTS_PER_MINUTE
from collector.rush import REPORT_SECONDS
from collector.unit_limits import UnitLimits, share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.fleet import Host
    from collector.limits import Vitals


_HURRIED = share(REPORT_SECONDS)


class TooMany(NamedTuple):
    """When to come again, and whose limit it was: `rate_limited` (agent) or `unit_limited`."""

    seconds: float
    result: str
    reason: str


class Rates:
    """The limits of the door for reports; monotonic seconds.

    Attributes:
        catch_up: Who is behind, and how fast they may hand over what they kept.
    """

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self.catch_up = CatchUp()
        self._units = UnitLimits()
        self._hurried: dict[str, Host] = {}
        self._hurried_of: Counter[str] = Counter()

    def set_hosts(self, hosts: Iterable[Host]) -> None:
        """Take over which hosts the inventory has."""
        self._units.set_hosts((host.unit, host.interval_seconds) for host in hosts)

    def set_hurried(self, hosts: Iterable[Host]) -> None:
        """Take over who is asked to report every second now: they may, whatever their interval."""
        hurried = {host.agent: host for host in hosts}
        for agent in self._hurried.keys() - hurried.keys():
            host = self._hurried[agent]
            host.share.per_minute = host.share.burst = share(host.interval_seconds)
        for host in hurried.values():
            host.share.per_minute = host.share.burst = _HURRIED
        self._hurried = hurried
        self._hurried_of = Counter(host.unit for host in hurried.values())

    def count(self, host: Host, now: float) -> TooMany | None:
        """Count a request; return None when it may be looked at."""
        wait = host.bucket.wait_seconds(1, now)
        if wait > 0:
            return TooMany(wait, "rate_limited", "too many requests from this agent")
        granted = self.catch_up.of_unit(host.unit) + _HURRIED * self._hurried_of[host.unit]
        wait = self._units.wait_seconds(host.unit, host.share, granted, now)
        if wait > 0:
            return TooMany(wait, "unit_limited", "too many requests from this unit")
        return None

    def granted(self, host: Host, waiting_reports: int, now: float) -> dict[str, int]:
        """Return what the answer says of the backlog; empty for a host that has none."""
        vitals, received = self._vitals, host.received
        load = Load(vitals.loop_lag_seconds, waiting_reports, vitals.disk_free_ratio)
        held = received.highest - received.oldest
        per_minute = self.catch_up.note(host.agent, host.unit, held, load, now)
        host.bucket.per_minute = REQUESTS_PER_MINUTE + (per_minute or 0)
        return {} if per_minute is None else {"backlog_per_minute": per_minute}
