"""Catching up: as fast as there is room, shared out, and never at the cost of what is live."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.catch_up import (
    BEHIND_REPORTS,
    FIRST_TOTAL,
    FORGET_SECONDS,
    LEAST_PER_AGENT,
    LEAST_TOTAL,
    MOST_PER_AGENT,
    MOST_TOTAL,
    CatchUp,
    Load,
    next_total,
    per_agent,
)

IDLE = Load()


@pytest.mark.parametrize(
    ("total", "load", "expected"),
    [
        (6_000, IDLE, 6_660),
        (6_000, Load(loop_lag_seconds=0.03, waiting_reports=200), 6_660),
        (6_000, Load(loop_lag_seconds=0.05), 6_000),
        (6_000, Load(waiting_reports=500), 6_000),
        (6_000, Load(loop_lag_seconds=0.1), 3_000),
        (6_000, Load(waiting_reports=1_000), 3_000),
        (6_000, Load(disk_free_ratio=0.05), 3_000),
        (LEAST_TOTAL, Load(loop_lag_seconds=9.0), LEAST_TOTAL),
        (MOST_TOTAL, IDLE, MOST_TOTAL),
        (LEAST_TOTAL, IDLE, 720),
    ],
)
def test_total_rises_while_there_is_room_and_halves_when_there_is_none(
    total: int, load: Load, expected: int
) -> None:
    """Loop, queue and disk each say so, long before anything is shed."""
    assert next_total(total, load) == expected


@pytest.mark.parametrize(
    ("total", "behind", "expected"),
    [
        (6_000, 1, MOST_PER_AGENT),
        (6_000, 10, 600),
        (6_000, 100, 60),
        (6_000, 5_000, 1),
        (600, 5_000, 1),
        (120_000, 5_000, 24),
        (6_000, 0, MOST_PER_AGENT),
    ],
)
def test_total_is_shared_out(total: int, behind: int, expected: int) -> None:
    """One agent alone is not held up; five thousand each get a little, and never nothing."""
    assert per_agent(total, behind) == expected


def test_only_agents_that_are_behind_are_told() -> None:
    """A hiccup of a minute is no backlog; the end of one is seen at once."""
    found = CatchUp()
    assert found.note("a", "H1", BEHIND_REPORTS, IDLE, 0.0) is None
    assert found.note("a", "H1", BEHIND_REPORTS + 1, IDLE, 0.0) == MOST_PER_AGENT
    assert (len(found), found.of_unit("H1"), found.of_unit("H2")) == (1, MOST_PER_AGENT, 0)
    assert found.note("a", "H1", 0, IDLE, 1.0) is None
    assert (len(found), found.of_unit("H1"), found.total) == (0, 0, FIRST_TOTAL)


def test_agent_that_moves_or_goes_away_leaves_no_grant_behind() -> None:
    """What a unit may send more is what its agents now need."""
    found = CatchUp()
    found.note("a", "H1", 99, IDLE, 0.0)
    found.note("a", "H2", 99, IDLE, 1.0)
    assert (found.of_unit("H1"), found.of_unit("H2")) == (0, MOST_PER_AGENT)
    found.note("b", "H1", 99, IDLE, FORGET_SECONDS + 5)
    assert (len(found), found.of_unit("H2")) == (1, 0)


@given(
    capacity=st.integers(300, 8_000),
    live=st.integers(0, 250),
    agents=st.integers(1, 5_000),
    held=st.integers(50, 1_440),
)
def test_province_that_comes_back_at_once_is_drained_without_a_report_shed(
    capacity: int, live: int, agents: int, held: int
) -> None:
    """A collector of any strength: the queue stays far from its limit, the backlog gets through.

    Each step is a second of a collector that judges `capacity` reports in it. It must have room for
    the least that an agent may hand over: one report a minute.
    """
    assume(capacity >= live + 1.2 * agents * LEAST_PER_AGENT / 60)
    total, waiting, left = FIRST_TOTAL, 0.0, float(agents * held)
    seconds = 0
    while left > 0 and seconds < 3_600:
        seconds += 1
        sent = min(left, agents * per_agent(total, agents) / 60)
        left -= sent
        waiting = max(0.0, waiting + live + sent - capacity)
        lag = waiting / capacity / 10
        assert waiting < 5_000
        total = next_total(total, Load(loop_lag_seconds=lag, waiting_reports=int(waiting)))
    spare = min(capacity - live, MOST_TOTAL / 60, agents * MOST_PER_AGENT / 60)
    done = agents * held - left
    assert done >= min(agents * held, 0.3 * spare * (seconds - 60))
