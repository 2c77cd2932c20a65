"""Ranges: every number is accepted once, counted lost once, or neither; never both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ranges import MAX_RANGES, Arrival, Received, receive

NEW, DUPLICATE, TOO_MANY = Arrival.NEW, Arrival.DUPLICATE, Arrival.TOO_MANY_RANGES


@pytest.mark.parametrize(
    ("before", "seq", "oldest", "arrival", "after"),
    [
        (Received(), 1, 1, NEW, Received(((1, 1),), 1)),
        (Received(), 0, 0, NEW, Received(((0, 0),), 0)),
        (Received(), 9, 5, NEW, Received(((9, 9),), 5, lost=4)),
        (Received(((1, 4),), 1), 5, 1, NEW, Received(((1, 5),), 1)),
        (Received(((1, 4),), 1), 5, 5, NEW, Received(((5, 5),), 5)),
        (Received(((1, 4),), 1), 6, 1, NEW, Received(((1, 4), (6, 6)), 1)),
        (Received(((1, 4), (6, 9)), 1), 5, 1, NEW, Received(((1, 9),), 1)),
        (Received(((1, 4), (9, 9)), 1), 10, 8, NEW, Received(((9, 10),), 8, lost=3)),
        (Received(((5, 9),), 1), 3, 1, NEW, Received(((3, 3), (5, 9)), 1)),
        (Received(((5, 9),), 1), 4, 1, NEW, Received(((4, 9),), 1)),
        (Received(((1, 4),), 1), 4, 1, DUPLICATE, Received(((1, 4),), 1)),
        (Received(((1, 4),), 1), 2, 2, DUPLICATE, Received(((1, 4),), 1)),
        (Received(((8, 9),), 7), 6, 2, DUPLICATE, Received(((8, 9),), 7)),
    ],
)
def test_ranges_place_a_number(
    before: Received, seq: int, oldest: int, arrival: Arrival, after: Received
) -> None:
    """New numbers join their neighbours, old ones have no effect, gaps given up are lost."""
    assert receive(before, seq, oldest) == (arrival, after)


def test_ranges_refuse_the_seventeenth() -> None:
    """A key that skips for ever cannot grow the collector; nothing changes."""
    received = Received()
    for seq in range(1, 2 * MAX_RANGES, 2):
        arrival, received = receive(received, seq, 1)
        assert arrival is NEW

    assert receive(received, 101, 1) == (TOO_MANY, received)
    assert receive(received, 2, 1)[0] is NEW
    assert receive(received, 101, 90)[0] is NEW


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=60))
def test_ranges_agree_with_plain_sets(sent: list[tuple[int, int]]) -> None:
    """Whatever order numbers come in: accepted, lost and open are the sets they should be."""
    received, accepted, oldest = Received(), set[int](), 0
    for seq, distance in sent:
        arrival, received = receive(received, seq, max(0, seq - distance))
        assert (arrival is DUPLICATE) == (seq in accepted or seq < oldest)
        if arrival is NEW:
            accepted.add(seq)
            oldest = max(oldest, seq - distance)
    held = {n for low, high in received.ranges for n in range(low, high + 1)}
    assert received.oldest == oldest
    assert held == {n for n in accepted if n >= oldest}
    assert received.lost == len(set(range(1, oldest)) - accepted)
    assert all(a[1] + 1 < b[0] for a, b in zip(received.ranges, received.ranges[1:], strict=False))
    assert received.highest >= max(accepted, default=-1)
