"""The budget of a line: held however late or often it is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.probes.pace import Budget, wire_bits

RATE = 64_000.0


@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(52, 1_472)), max_size=60),
    st.floats(0, 1e9),
)
def test_no_stretch_of_time_has_more_than_its_share(
    asked: list[tuple[float, int]], start: float
) -> None:
    """Between any two instants at most rate x time and one burst, after pauses as well."""
    burst = wire_bits(1_472, 4)
    budget = Budget(RATE, burst, start)
    now, spent = start, []
    for pause, size in asked:
        now += pause
        if budget.spend(wire_bits(size, 4), now):
            spent.append((now, wire_bits(size, 4)))
    for first in range(len(spent)):
        for last in range(first, len(spent)):
            total = sum(bits for _, bits in spent[first : last + 1])
            assert total <= RATE * (spent[last][0] - spent[first][0]) + burst + 1


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=40))
def test_who_waits_as_long_as_is_said_may_spend(late: list[float]) -> None:
    """The wait that is told is enough, and not much more than needed."""
    bits = wire_bits(1_200, 4)
    budget = Budget(RATE, bits, 0.0)
    now = 0.0
    for more in late:
        wait = budget.wait_seconds(bits, now)
        assert wait <= bits / RATE + 1e-9
        now += wait
        assert budget.spend(bits, now)
        now += more


def test_what_is_larger_than_the_burst_is_never_sent() -> None:
    """And a clock that steps back gives nothing."""
    budget = Budget(RATE, 8_000, 10.0)
    assert budget.wait_seconds(8_001, 10.0) == float("inf")
    assert budget.spend(8_000, 10.0)
    assert not budget.spend(8_000, 9.0)
    assert budget.wait_seconds(8_000, 9.0) == 0.125


def test_headers_count() -> None:
    """20 and 8 bytes over IPv4, 40 and 8 over IPv6."""
    assert (wire_bits(52, 4), wire_bits(52, 6)) == (640, 800)
