"""What was measured of a point: the mean, the worst hundredth, and when it was in the call."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Session
from incidents.sessions.quality import (
    Figure,
    Measured,
    Measuring,
    Presence,
    Value,
    is_wanted,
    measured_in,
    measured_of,
    of_values,
    present,
)

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
LOSS, PING = "wanwatch_stamp_direction_lost_ratio", "wanwatch_icmp_lost_ratio"
CALLS = "wanwatch_endpoint_calls"


def test_worst_is_what_99_of_100_are_not_above() -> None:
    """Nearest rank: of 200 values the 198th, of fewer than 100 the largest."""
    assert of_values([float(n) for n in range(1, 201)]) == Figure(200, 100.5, 198.0)
    assert of_values([0.0, 0.0, 0.4]).worst == 0.4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_worst_lies_between_mean_and_largest(values: list[float]) -> None:
    """Whatever is measured; at most one of a hundred lies above."""
    found = of_values(values)
    assert found.worst <= max(values)
    assert sum(value > found.worst for value in values) <= len(values) // 100


def test_pings_count_where_no_reflector_answers() -> None:
    """What both say of one point is not mixed, and what lies outside of the session is left out."""
    measuring = Measuring(100.0, 200.0)
    for one in (
        Value(1, LOSS, 150, 0.02), Value(1, PING, 150, 0.5), Value(2, PING, 150, 0.1),
        Value(2, PING, 99, 0.9), Value(2, PING, 201, 0.9), Value(3, "node_load1", 150, 1.0),
    ):  # fmt: skip
        measuring.add(one)
    found = measuring.found()
    assert {point: one.figures["loss_ratio"].average for point, one in found.items()} == {
        1: 0.02,
        2: 0.1,
    }


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([(0, 0), (10, 0)], None),
        ([(0, 1), (10, 1), (20, 0), (30, 1)], Presence(0, 40, 30, 2)),
        ([(0, 0), (10, 1), (20, 1), (30, 0)], Presence(10, 30, 20, 1)),
        # A hole of 50 s: what the last poll said holds for two and a half spacings.
        ([(0, 1), (10, 1), (60, 0), (70, 0)], Presence(0, 35, 35, 1)),
        ([(0, 1), (10, 1), (60, 1), (70, 1)], Presence(0, 85, 60, 2)),
    ],
)
def test_presence(calls: list[tuple[float, float]], expected: Presence | None) -> None:
    """Joined, left, how long and how often, from polls of how many calls there are."""
    over = 85.0 if calls[-1][0] == 70 else 40.0
    assert present(calls, over) == expected


def test_measured_survives_the_log() -> None:
    """What is kept is what was measured."""
    one = Measured({"loss_ratio": Figure(3, 0.1, 0.2)}, Presence(1, 2, 1, 1))
    assert measured_of(one.data()) == one
    entry = LogEntry(NOON, "machine:x", LogKind.MEASURED, data={"points": {"4": one.data()}})
    assert measured_in([entry]) == {4: one}
    assert measured_in([]) is None


def test_measured_once_and_again_for_what_came_late() -> None:
    """After the log was closed, or should have been; again when a fault is entered afterwards."""
    half_an_hour = timedelta(minutes=30)
    session = Session(1, "x", "A", NOON, NOON, began_at=NOON, over_at=NOON)
    closed = Session(1, "x", "A", NOON, NOON, began_at=NOON, over_at=NOON, closed_at=NOON)
    at = [NOON + timedelta(minutes=minutes) for minutes in (9, 10, 29, 30)]
    assert [is_wanted(session, [], half_an_hour, now) for now in at] == [False, False, False, True]
    assert [is_wanted(closed, [], half_an_hour, now) for now in at] == [False, True, True, True]
    done = LogEntry(at[3], "m", LogKind.MEASURED, noted_at=at[3])
    late = LogEntry(NOON, "p", LogKind.SYMPTOM, noted_at=at[3] + timedelta(seconds=1))
    later = at[3] + timedelta(hours=1)
    assert not is_wanted(closed, [done], half_an_hour, later)
    assert is_wanted(closed, [done, late], half_an_hour, later)
