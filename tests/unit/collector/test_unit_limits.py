"""The limit of a unit: what its hosts may send together, and what none can take from another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.fleet import Fleet
from collector.host import AgentRow
from collector.limits import TokenBucket, Vitals
from collector.ranges import Received
from collector.rates import Rates
from collector.states import Handed
from collector.unit_limits import UnitLimits, share

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval_seconds", "expected"), [(10, 20), (60, 20), (3_600, 20), (9, 20), (1, 180), (5, 36)]
)
def test_share_is_twenty_a_minute_or_three_for_each_interval(
    interval_seconds: int, expected: float
) -> None:
    """A host that reports every second is not cut off by a limit made for ten."""
    assert share(interval_seconds) == pytest.approx(max(20, expected), abs=0.01)


def own(interval_seconds: int = 10) -> TokenBucket:
    return TokenBucket.full(share(interval_seconds), share(interval_seconds), 0.0)


def sent(limits: UnitLimits, buckets: list[TokenBucket], seconds: int, each: int) -> list[int]:
    """Let every host try `each` times a second; return what got through, host by host."""
    passed = [0] * len(buckets)
    for second in range(seconds):
        for number, bucket in enumerate(buckets):
            for _ in range(each):
                passed[number] += limits.wait_seconds("H1", bucket, 0.0, float(second)) == 0
    return passed


def test_unit_sends_twenty_times_its_hosts_a_minute() -> None:
    """Thirty hosts that flood get their burst and then 600 requests a minute, all together."""
    limits = UnitLimits()
    limits.set_hosts(("H1", 10) for _ in range(30))
    buckets = [own() for _ in range(30)]
    first_hour = sum(sent(limits, buckets, 3_600, each=1))
    assert first_hour <= 600 * 60 + 2_000 + 600
    assert first_hour >= 600 * 59


def test_one_host_that_floods_takes_nothing_from_the_others() -> None:
    """Whoever stays within their share is served, however empty the unit's bucket is."""
    limits = UnitLimits()
    limits.set_hosts(("H1", 10) for _ in range(30))
    flood, quiet = own(), own()
    refused = 0
    for second in range(1_800):
        for _ in range(100):
            limits.wait_seconds("H1", flood, 0.0, float(second))
        if second % 10 == 0:
            refused += limits.wait_seconds("H1", quiet, 0.0, float(second)) > 0
    assert refused == 0


def test_unit_of_one_host_may_send_what_a_host_may() -> None:
    """There the limit of the agent is the narrower one."""
    limits = UnitLimits()
    limits.set_hosts([("H1", 10)])
    assert sum(sent(limits, [own()], 600, each=3)) == 1_800


def test_grant_raises_the_limit_for_its_length() -> None:
    """While a unit catches up it may send more; afterwards it may not."""
    limits = UnitLimits()
    limits.set_hosts(("H1", 10) for _ in range(10))
    bucket = own()
    for _ in range(3_000):
        limits.wait_seconds("H1", bucket, 0.0, 0.0)
    assert limits.wait_seconds("H1", bucket, 0.0, 0.0) > 0
    passed = sum(limits.wait_seconds("H1", bucket, 6_000.0, 1.0) == 0 for _ in range(200))
    assert 90 <= passed <= 110
    assert limits.wait_seconds("H1", bucket, 0.0, 1.0) > 0


def test_unit_that_left_the_inventory_leaves_no_bucket() -> None:
    """Memory follows the inventory."""
    limits = UnitLimits()
    for number in range(50):
        limits.set_hosts([(f"H{number}", 10)])
        limits.wait_seconds(f"H{number}", own(), 0.0, 0.0)
    assert len(limits) == 1


def test_hosts_of_a_live_session_may_report_every_second() -> None:
    """As many of a unit as take part; afterwards as ever."""
    rates, fleet = Rates(Vitals()), Fleet(started_at=NOW, monotonic=lambda: 0.0)
    for name in "abcdefgh":
        row = AgentRow(
            name, "H1", name, "server", "always", bytes(32), 10, None, "", Received(), Handed()
        )
        fleet.add(row)
    hosts = list(fleet.hosts.values())
    rates.set_hosts(hosts)

    def refused(minutes: int, start: float) -> int:
        seconds = range(minutes * 60)
        return sum(rates.count(h, start + s) is not None for s in seconds for h in hosts)

    rates.set_hurried(hosts)
    assert refused(30, 0.0) == 0
    rates.set_hurried(())
    assert refused(30, 1_800.0) > 0
    assert {host.share.per_minute for host in hosts} == {share(10)}
