"""How much the hosts of one unit may send together, without one of them taking it from the others.

A host has a share of its own that is always served; what it sends beyond it must find room in
what the unit has left.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from collector.limits import REQUEST_BURST, REQUESTS_PER_MINUTE, TokenBucket

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_HOST = 20
# A host that reports more often than every ten seconds needs more than the usual share.
REQUESTS_PER_INTERVAL = 3
_BURST_MINUTES = REQUEST_BURST / REQUESTS_PER_MINUTE


def share(interval_seconds: float) -> float:
    """Return a host's own share: 20 requests a minute, or three for each of its intervals."""
    return max(PER_HOST, REQUESTS_PER_INTERVAL * 60 / interval_seconds)


class UnitLimits:
    """A bucket for each unit; its size follows the hosts that the inventory has there."""

    def __init__(self) -> None:
        self._buckets: dict[str, TokenBucket] = {}
        self._per_minute: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def set_hosts(self, hosts: Iterable[tuple[str, int]]) -> None:
        """Take over how many hosts each unit has, as (unit, interval in seconds) of each."""
        shares: defaultdict[str, float] = defaultdict(float)
        for unit, interval_seconds in hosts:
            shares[unit] += share(interval_seconds)
        # One host alone may send what any host may: the limit of the agent is the narrower one.
        self._per_minute = {u: max(n, REQUESTS_PER_MINUTE) for u, n in shares.items()}
        for unit in self._buckets.keys() - self._per_minute.keys():
            del self._buckets[unit]

    def wait_seconds(self, unit: str, own: TokenBucket, granted: float, now: float) -> float:
        """Count one request and return 0, or return when to come again; monotonic seconds.

        Args:
            own: The host's own share, full at the start.
            granted: What the unit may send more a minute, because it catches up.
        """
        per_minute = self._per_minute.get(unit, REQUESTS_PER_MINUTE) + granted
        bucket = self._buckets.get(unit)
        if bucket is None:
            burst = per_minute * _BURST_MINUTES
            bucket = self._buckets[unit] = TokenBucket.full(per_minute, burst, now)
        bucket.per_minute, bucket.burst = per_minute, per_minute * _BURST_MINUTES
        if own.wait_seconds(1, now) == 0:
            bucket.draw(1, now)
            return 0.0
        return bucket.wait_seconds(1, now)
