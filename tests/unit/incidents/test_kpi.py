"""Figures of how the procedure is kept, recomputed from the records behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.kpi import Handled, Outage, Period, Record, Term, availability, on_time, times
from incidents.kpi import coverage as coverage_of

T0 = datetime(2026, 11, 2, tzinfo=UTC)
PERIOD = Period(T0, T0 + timedelta(days=30))
MINUTE = timedelta(minutes=1)


def term(name: str, *, due: int, done: int | None, unit: str = "H1") -> Term:
    done_at = None if done is None else T0 + done * MINUTE
    return Term(name, unit, "ack", T0, T0 + due * MINUTE, done_at)


def test_a_term_counts_once_it_is_met_or_has_passed() -> None:
    """Met in time, met late, missed; one that is still running is not judged."""
    terms = [
        term("in time", due=5, done=5),
        term("late", due=5, done=6),
        term("missed", due=5, done=None, unit="H2"),
        term("running", due=500, done=None),
        term("early", due=500, done=3),
        term("another month", due=60 * 24 * 31, done=3),
    ]
    figures = {(f.name, f.key): f for f in on_time(terms, PERIOD, T0 + 100 * MINUTE)}
    assert figures["on_time", "ack"].value == 2 / 4
    assert [r.key for r in figures["on_time", "ack"].records] == [
        "in time", "late", "missed", "early",
    ]  # fmt: skip
    assert figures["on_time_unit", "H1"].value == 2 / 3
    assert figures["on_time_unit", "H2"].value == 0.0


def test_mean_times_are_of_the_incidents_that_have_them() -> None:
    """By severity; one that nobody acknowledged yet adds nothing to the mean."""
    found = [
        Handled("A", "H1", "S1", T0, T0 + 2 * MINUTE, T0 + 60 * MINUTE),
        Handled("B", "H1", "S1", T0, T0 + 4 * MINUTE, None),
        Handled("C", "H2", "S1", T0, None, None),
        Handled("D", "H2", "S2", T0 - timedelta(days=1), T0, T0),
    ]
    figures = {(f.name, f.key): f.value for f in times(found, PERIOD)}
    assert figures == {("acknowledge", "S1"): 180.0, ("restore", "S1"): 3600.0}


def test_time_outside_of_hours_is_no_outage() -> None:
    """Only the part within the expected spans counts, and two alerts at once count once."""
    hour = timedelta(hours=1)
    spans = [(T0 + 8 * hour, T0 + 12 * hour), (T0 + 13 * hour, T0 + 17 * hour)]
    outages = [
        Outage("1", "H1", "UnitSilent", T0 + 11 * hour, T0 + 14 * hour),
        Outage("2", "H1", "UnitSilent", T0 + 11 * hour, T0 + 12 * hour),
        Outage("3", "H1", "UnitSilent", T0 + 20 * hour, None),
    ]
    now = T0 + 24 * hour
    (one, other) = availability("availability_unit", ["H1", "H2"], outages, lambda _: spans, now)
    assert one.value == pytest.approx(1 - 2 / 8)
    assert len(one.records) == 3
    assert (other.value, other.records) == (1.0, ())
    (none,) = availability("availability_unit", ["H3"], [], lambda _: [], now)
    assert none.value is None


@given(
    st.lists(
        st.tuples(st.integers(0, 600), st.integers(1, 300)).map(lambda p: (p[0], p[0] + p[1])),
        max_size=8,
    )
)
def test_overlapping_outages_are_the_minutes_that_any_covers(parts: list[tuple[int, int]]) -> None:
    """The same as counting minute by minute."""
    spans = [(T0 + 100 * MINUTE, T0 + 300 * MINUTE), (T0 + 400 * MINUTE, T0 + 700 * MINUTE)]
    outages = [
        Outage(str(n), "H1", "x", T0 + a * MINUTE, T0 + b * MINUTE)
        for n, (a, b) in enumerate(parts)
    ]
    now = T0 + 2_000 * MINUTE
    (figure,) = availability("availability_unit", ["H1"], outages, lambda _: spans, now)
    expected = [*range(100, 300), *range(400, 700)]
    down = sum(any(a <= minute < b for a, b in parts) for minute in expected)
    assert figure.value == pytest.approx(1 - down / len(expected))


def test_coverage_is_of_expected_hosts() -> None:
    """For all units together, and for each."""
    days = [
        Record("day", "2026-11-02", "H1", "", T0, None, good=90, total=100),
        Record("day", "2026-11-02", "H2", "", T0, None, good=0, total=100),
    ]
    figures = {figure.key: figure.value for figure in coverage_of(days)}
    assert figures == {"": 0.45, "H1": 0.9, "H2": 0.0}
