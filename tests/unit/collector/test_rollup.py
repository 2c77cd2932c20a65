"""One host, part of a unit, a whole unit, many units, everybody: what falls silent together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.rollup import (
    Member,
    UnitState,
    fell_together,
    is_blind,
    is_line_proven,
    is_mass,
    unit_state,
)

NOW = 1_000_000.0


def heard(agent: str, *, at: float = NOW, is_always: bool = True) -> Member:
    return Member(agent, 10, at, None, is_always)


def fallen(agent: str, *, at: float = NOW - 40, is_always: bool = True) -> Member:
    return Member(agent, 10, at, at + 30, is_always)


def unit(fallen_count: int, heard_count: int, *, is_always: bool = True) -> list[Member]:
    return [fallen(f"f{n}", is_always=is_always) for n in range(fallen_count)] + [
        heard(f"h{n}", is_always=is_always) for n in range(heard_count)
    ]


HOURS_AGO = NOW - 7_200


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ([], UnitState.QUIET),
        (unit(0, 5), UnitState.HEARD),
        (unit(1, 0), UnitState.HEARD),
        (unit(2, 0), UnitState.CUT),
        (unit(2, 1), UnitState.HEARD),
        (unit(3, 1), UnitState.PARTLY),
        (unit(3, 7), UnitState.PARTLY),
        (unit(3, 8), UnitState.HEARD),
        ([fallen("a", at=HOURS_AGO), fallen("b")], UnitState.CUT),
        ([fallen("a", at=HOURS_AGO), fallen("b", at=HOURS_AGO), fallen("c"), heard("d")],
         UnitState.HEARD),
        (unit(2, 0, is_always=False), UnitState.CUT),
        ([fallen("a", at=HOURS_AGO, is_always=False), fallen("b", is_always=False)],
         UnitState.HEARD),
        (unit(9, 1, is_always=False), UnitState.HEARD),
    ],
)  # fmt: skip
def test_unit_is_told_as_a_whole_from_its_shares_on(
    members: list[Member], state: UnitState
) -> None:
    """Nobody heard: cut. Three and 30 % together: partly. One of one host is the host's own."""
    assert unit_state(members) is state


@pytest.mark.parametrize(
    ("usual_present", "state"),
    [(10, UnitState.PARTLY), (8, UnitState.PARTLY), (7, UnitState.HEARD), (0, UnitState.HEARD)],
)
def test_part_of_a_unit_is_compared_with_former_days(usual_present: int, state: UnitState) -> None:
    """Four of ten at lunch is news only where at least three more are usually there."""
    members = unit(5, 5, is_always=False)
    assert unit_state(members, usual_present=usual_present) is state


def test_line_is_proven_by_a_host_heard_after_the_missed_report() -> None:
    """Heard just before the report stayed away proves nothing about the line."""
    child = fallen("c", at=NOW - 40)
    assert not is_line_proven(child, [child, heard("h", at=NOW - 31)])
    assert is_line_proven(child, [child, heard("h", at=NOW - 30)])
    assert not is_line_proven(child, [child])


def test_hosts_with_long_intervals_still_fall_together() -> None:
    """Two minutes beside the own interval."""
    slow = Member("s", 300, NOW - 400, NOW, is_always=True)
    quick = fallen("q", at=NOW)
    old = fallen("o", at=NOW - 131)
    assert [m.agent for m in fell_together([slow, quick, old])] == ["s", "q"]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_mass_is_ten_hosts_in_three_units(counts: list[int]) -> None:
    """Neither many hosts of two units nor few of many."""
    expected = sum(counts) >= 10 and sum(count > 0 for count in counts) >= 3
    assert is_mass(counts) is expected


@pytest.mark.parametrize(
    ("heard_count", "fallen_count", "units", "expected"),
    [
        (0, 3, 2, True),
        (1, 3, 2, True),
        (2, 3, 2, False),
        (0, 2, 2, False),
        (0, 50, 1, False),
        (50, 950, 60, True),
        (51, 950, 60, False),
    ],
)
def test_collector_that_hears_almost_nobody_is_blind(
    heard_count: int, fallen_count: int, units: int, expected: bool
) -> None:
    """One unit alone is that unit's fault; one host left may be the collector's own agent."""
    assert is_blind(heard=heard_count, fallen=fallen_count, fallen_units=units) is expected
