"""Values: what a rule sees of a series, and when it sees nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.rules.expression import parse_duration, parse_value
from collector.rules.matching import parse_matcher
from collector.rules.values import SLOTS, Memory, Value, evaluate
from collector.wording import (
    english_number,
    english_percent,
    fill,
    placeholders,
    vietnamese_number,
    vietnamese_percent,
)


def run(
    text: str, samples: list[tuple[float, float]], other: float | None = None
) -> list[float | None]:
    """Evaluate (instant, value) pairs one after the other."""
    value, memory = parse_value(text), Memory()
    return [evaluate(value, memory, sample, other, at, at) for at, sample in samples]


def test_last_and_ratio_and_age() -> None:
    """The plain ones; a ratio over nothing is nothing."""
    assert run("last(m)", [(0, 5)]) == [5]
    assert run("ratio(m, n)", [(0, 5)], other=20) == [0.25]
    assert run("ratio(m, n)", [(0, 5)], other=0) == [None]
    assert run("ratio(m, n)", [(0, 5)]) == [None]
    assert run("age(m)", [(1_000, 400)]) == [600]


def test_rate_is_growth_per_second_and_nothing_after_a_reset() -> None:
    """A counter that restarts gives no value, never a negative one."""
    rates = run("rate(m)", [(0, 100), (10, 150), (20, 20), (30, 50), (30, 60)])
    assert rates == [None, 5, None, 3, None]


def test_increase_sums_growth_within_its_window() -> None:
    """A reset is left out, what is older than the window too."""
    grown = run("increase(m, 5m)", [(0, 7), (60, 9), (120, 1), (180, 4), (330, 4), (600, 5)])
    assert grown == [None, 2, None, 5, 5, 1]


def test_averages_wait_for_half_their_window() -> None:
    """One spike just after a start is no average."""
    samples = [(at, 10.0 if at < 300 else 20.0) for at in range(0, 601, 30)]
    averages = run("avg(m, 10m)", samples)
    assert averages[:10] == [None] * 10
    assert averages[10] == pytest.approx(120 / 11)
    assert run("min(m, 10m)", samples)[-1] == 10
    assert run("max(m, 10m)", samples)[-1] == 20


def test_fills_within_tells_where_the_trend_leads() -> None:
    """A disk that grows by a hundredth an hour from 80 % is at 104 % in a day."""
    hours = 3_600.0
    samples = [(at * 360.0, 0.80 + at * 360 / hours / 100) for at in range(61)]
    ratios = run("fills_within(m, 1, 24h)", samples, other=1.0)
    assert ratios[29] is None
    assert ratios[60] == pytest.approx(0.86 + 0.24, abs=0.01)


def test_fills_within_is_calm_about_a_disk_with_room_or_without_growth() -> None:
    """Below 60 % no trend counts; a shrinking disk is as full as it is."""
    low = [(at * 360.0, 0.10 + at / 150) for at in range(61)]
    assert run("fills_within(m, 1, 24h)", low, other=1.0)[-1] == pytest.approx(0.5)
    down = [(at * 360.0, 0.90 - at / 1_000) for at in range(61)]
    assert run("fills_within(m, 1, 24h)", down, other=1.0)[-1] == pytest.approx(0.84)


@given(
    st.lists(st.tuples(st.floats(0.5, 200), st.floats(0, 1e9)), min_size=2, max_size=200),
    st.sampled_from(["rate(m)", "increase(m, 5m)", "avg(m, 5m)", "min(m, 60m)", "max(m, 1m)"]),
)
def test_memory_is_bounded_and_counters_never_fall(
    steps: list[tuple[float, float]], text: str
) -> None:
    """Any samples: at most 61 slots, no negative rate, least ≤ average ≤ greatest."""
    value, memory, now, seen = parse_value(text), Memory(), 0.0, list[float]()
    for gap, sample in steps:
        now += gap
        seen.append(sample)
        found = evaluate(value, memory, sample, None, now, now)
        assert memory.window is None or len(memory.window.slots) <= SLOTS + 1
        if found is not None and value.function in ("rate", "increase"):
            assert found >= 0
        elif found is not None:
            assert min(seen) * 0.999 <= found <= max(seen) * 1.001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last(node_load1)", Value("last", "node_load1")),
        (" ratio( a , b ) ", Value("ratio", "a", "b")),
        ("increase(a, 5m)", Value("increase", "a", None, 300)),
        ("fills_within(a, 1, 24h)", Value("fills_within", "a", 1.0, 86_400)),
        ("fills_within(a, b, 2d)", Value("fills_within", "a", "b", 172_800)),
        ("absent(a:b)", Value("absent", "a:b")),
    ],
)
def test_expression_reads_the_closed_language(text: str, expected: Value) -> None:
    """Each function has one form."""
    assert parse_value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a", "last(a) > 5", "last(last(a))", "sum(a)", "last()", "last(a, b)", "last(1a)",
        "avg(a)", "avg(a, 61m)", "avg(a, 2h)", "avg(a, 30s)", "increase(a, 5)", "ratio(a, 1)",
        "fills_within(a, b)", "fills_within(a, 0, 24h)", "__import__('os')", "last(a){x}",
    ],
)  # fmt: skip
def test_expression_refuses_everything_else(text: str) -> None:
    """No arithmetic, no nesting, no unbounded window."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_value(text)


def test_durations_need_a_unit() -> None:
    """30 of what?"""
    assert [parse_duration(t) for t in ("0s", "5m", "24h", "2d")] == [0, 300, 86_400, 172_800]
    for text in ("30", "5 m", "-5m", "1.5h", ""):
        with pytest.raises(ValueError, match="unit"):
            parse_duration(text)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("ext4", "ext4", True), ("ext4", "ext3", False), ("= ext4", "ext4", True),
        ("!= ext4", "ext4", False), ("!= ext4", "", True), ("=~ ext[34]", "ext3", True),
        ("=~ ext", "ext3", False), ("!~ tmpfs|overlay", "overlay", False),
        ("!~ tmpfs|overlay", "overlayfs", True), ("a.b", "axb", False),
    ],
)  # fmt: skip
def test_matcher_is_anchored_and_missing_is_empty(text: str, value: str, expected: bool) -> None:
    """As in Prometheus; plain text is equality and no expression."""
    labels = {"fstype": value} if value else {}
    assert parse_matcher("fstype", text).matches(labels) is expected


def test_matcher_refuses_a_broken_expression() -> None:
    """The message shows it."""
    with pytest.raises(ValueError, match="regular expression"):
        parse_matcher("a", "=~ (")


def test_sentence_is_filled_without_reading_the_words() -> None:
    """A mount point that looks like a placeholder stays text."""
    words = {"mountpoint": "{value}{0.__class__}", "value": "5"}
    assert fill("Ổ {mountpoint}: {value} {gone}", words) == "Ổ {value}{0.__class__}: 5 –"
    assert placeholders("a {value} b {mount_point}") == {"value", "mount_point"}
    for template in ("{", "{}", "{0}", "{a.b}", "{a!r}", "{{a}}"):
        with pytest.raises(ValueError, match="braces"):
            placeholders(template)


def test_numbers_are_written_as_each_language_does() -> None:
    """A decimal comma here, a point there."""
    assert vietnamese_percent(0.045) == "4,5 %"
    assert english_percent(0.045) == "4.5 %"
    assert [vietnamese_number(v) for v in (3.0, 1234.56, 0.0512)] == ["3", "1.234,6", "0,051"]
    assert [english_number(v) for v in (3.0, 1234.56, 0.0512)] == ["3", "1,234.6", "0.051"]
