"""Ranges of settled numbers behave like a set of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.ranges import Ranges

pairs = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda p: (p[0], p[0] + p[1]))
)


@given(pairs, st.integers(0, 70))
def test_ranges_hold_what_was_put_in(added: list[tuple[int, int]], low: int) -> None:
    """Whatever the order: the same members as a set, in ranges that never touch."""
    ranges, members = Ranges(), set()
    for first, last in added:
        ranges.add(first, last)
        members |= set(range(first, last + 1))

    assert {n for n in range(80) if n in ranges} == members
    assert all(a[1] + 1 < b[0] for a, b in zip(ranges.pairs, ranges.pairs[1:], strict=False))

    ranges.discard_below(low)
    assert {n for n in range(80) if n in ranges} == {n for n in members if n >= low}


@given(pairs)
def test_ranges_come_back_from_their_pairs(added: list[tuple[int, int]]) -> None:
    """What the ledger stores is what it reads."""
    ranges = Ranges(added)

    assert Ranges(ranges.pairs).pairs == ranges.pairs


@given(pairs, st.integers(0, 70), st.integers(0, 70))
def test_ranges_know_what_is_missing(added: list[tuple[int, int]], low: int, high: int) -> None:
    """Exactly the numbers between two that are in no range."""
    ranges = Ranges(added)

    missing = {n for first, last in ranges.gaps(low, high) for n in range(first, last + 1)}

    assert missing == {n for n in range(low, high + 1) if n not in ranges}
