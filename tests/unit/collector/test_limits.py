"""Limits: bursts pass, floods wait, and shortage refuses metrics, never events."""

from __future__ import annotations

import pytest

from collector.limits import Pressure, TokenBucket, retry_after, shed_reason


def test_bucket_lets_a_burst_pass_and_then_the_rate() -> None:
    """600 at once, then 3 a second; who is refused learns when to come."""
    bucket = TokenBucket.full(180, 600, at=0)

    assert sum(bucket.wait_seconds(1, 0) == 0 for _ in range(700)) == 600
    assert bucket.wait_seconds(1, 0) == pytest.approx(1 / 3)
    assert bucket.wait_seconds(1, 0.34) == 0
    assert bucket.wait_seconds(1, 0.34) > 0


def test_bucket_ignores_a_clock_that_goes_back() -> None:
    """No tokens are lost or won by a clock that steps back."""
    bucket = TokenBucket.full(60, 2, at=100)

    assert [bucket.wait_seconds(1, 50) for _ in range(2)] == [0, 0]
    assert bucket.wait_seconds(1, 50) == 1


@pytest.mark.parametrize(
    ("pressure", "reason"),
    [
        (Pressure(), None),
        (Pressure(disk_free_ratio=0.02), None),
        (Pressure(disk_free_ratio=0.0199), "disk"),
        (Pressure(loop_lag_seconds=0.25), None),
        (Pressure(loop_lag_seconds=0.26), "loop"),
        (Pressure(waiting_reports=4_999), None),
        (Pressure(waiting_reports=5_000), "queue"),
    ],
)
def test_shortage_refuses_metrics_and_never_events(pressure: Pressure, reason: str | None) -> None:
    """Every kind of shortage sheds reports without events, and no other."""
    assert shed_reason(pressure, has_events=False) == reason
    assert shed_reason(pressure, has_events=True) is None


def test_retry_after_is_a_whole_number_of_seconds_in_bounds() -> None:
    """The header is never 0 and never more than five minutes."""
    assert [retry_after(s) for s in (0, 0.1, 1, 1.2, 9_999)] == [1, 1, 1, 2, 300]
