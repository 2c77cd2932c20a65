"""Turns in which points are asked anew: all of them, and no line or centre above its budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.probe import typed
from agents.probe_plan import Ask
from collector.rush import ANEW_LASTS_SECONDS, ANEW_REPORT_SECONDS, Rush, rush_of
from collector.sessions.asking_turns import (
    Wanted,
    admitted,
    bits_of,
    budget_of,
    line_of,
    rounds,
    stream_bits,
)
from collector.targets.mesh import line_budget
from collector.targets.plans import plan_of
from collector.targets.target_probes import probes
from collector.targets.targets_file import read_targets
from tests.session_facts import STARTS_AT

LINES = {"": None, "l1": 256.0, "l2": 2_000.0, "l3": None, "l4": 10_000.0}
TARGETS = """
targets:
  - {name: line-a, vi: Đường A, address: 10.0.1.1, unit: H1, kind: network, rate_kbit: 2000}
  - {name: codec-a, vi: Phòng A, address: 10.0.1.2, unit: H1, kind: conference, via: [line-a],
     from: ['TT/prober'], probes: [{probe: cisco_xapi, credentials: c}, {probe: icmp}, {probe: tls, port: 443}]}
  - {name: path-a, vi: Hướng A, address: 10.0.0.1, unit: H1, kind: network, via: [line-a],
     from: ['H1/may-1'], probes: [{probe: stamp, most_bits_per_second: 60000.0}]}
"""  # noqa: E501


def bits(line: str) -> float:
    """Return the budget of a line."""
    rate = LINES[line]
    return line_budget(None if rate is None else rate * 1_000)


@st.composite
def waiting(draw: st.DrawFn) -> list[Wanted]:
    """Draw targets with their lines and what they take."""
    taken = st.floats(0, 200_000)
    lines = st.sampled_from(sorted(LINES))
    drawn = draw(st.lists(st.tuples(lines, taken), max_size=40))
    return [Wanted(f"t{number}", line, much) for number, (line, much) in enumerate(drawn)]


@given(wanted=waiting(), most=st.floats(1_000, 400_000))
def test_every_target_has_a_turn_and_no_line_is_ever_above_its_budget(
    wanted: list[Wanted], most: float
) -> None:
    """What alone is more than its budget is asked alone; what needs no line waits for nothing."""
    turns = rounds(wanted, bits, most)

    assert sorted(one for turn in turns for one in turn) == sorted(wanted)
    assert all(one in turns[0] for one in wanted if not one.line)
    for turn in turns:
        over = [one for one in turn if one.line]
        for line in {one.line for one in over}:
            there = [one.bits for one in over if one.line == line]
            assert sum(there) <= bits(line) or sum(1 for much in there if much) == 1
        assert sum(one.bits for one in over) <= most or sum(1 for one in over if one.bits) == 1


@given(asked=waiting(), wanted=waiting(), most=st.floats(1_000, 400_000))
def test_whoever_is_asked_already_counts(
    asked: list[Wanted], wanted: list[Wanted], most: float
) -> None:
    """Sessions that are checked at the same time share the lines of their points."""
    now = rounds(asked, bits, most)[0] if asked else []
    more = admitted(now, wanted, bits, most)

    for one in more:
        if one.line and one.bits:
            there = [other.bits for other in [*now, *more] if other.line == one.line]
            assert sum(there) <= bits(one.line) or sum(1 for much in there if much) == 1


def test_a_line_is_found_and_what_its_targets_take_of_it() -> None:
    """Over the line to which a target leads; a path never sends more than its share of it."""
    targets = read_targets(TARGETS)
    codec, path = targets.by_name["codec-a"], targets.by_name["path-a"]

    assert line_of(codec, targets, "TT") == line_of(path, targets, "H1") == "line-a"
    assert line_of(codec, targets, "H1") == ""
    budget = budget_of("line-a", targets)
    assert budget == stream_bits(path, budget) == bits_of(path.probes, budget) == 40_000
    taken = bits_of(codec.probes, 0.0)
    assert taken > budget
    both = [Wanted("codec-a", "line-a", taken), Wanted("path-a", "line-a", budget)]
    assert [[one.target for one in turn] for turn in rounds(both, lambda _: budget, 2e6)] == [
        ["codec-a"], ["path-a"],
    ]  # fmt: skip


def test_what_is_asked_anew_is_asked_soon_within_its_budget_and_not_for_long() -> None:
    """Under the names of the plan, so that nothing is asked twice at once; then as ever."""
    targets = read_targets(TARGETS)
    asks = [ask for name in ("codec-a", "path-a") for ask in targets.by_name[name].probes]
    rush = rush_of([], targets, STARTS_AT, 100.0, {"codec-a": 0.0, "path-a": 40_000.0})

    hurry = plan_of(asks, rush).hurry

    assert hurry is not None
    assert hurry.report_seconds == ANEW_REPORT_SECONDS
    assert rush.left_seconds(hurry, 110.0) == ANEW_LASTS_SECONDS - 10.0
    assert {ask.name for ask in hurry.asks} == {
        "cisco_xapi:codec-a",
        "icmp:codec-a",
        "stamp:path-a",
    }
    assert all(ask.every_seconds <= 10.0 for ask in hurry.asks)
    for ask in hurry.asks:
        assert typed(probes()[ask.probe].params, ask.params)
        if ask.probe == "stamp":
            assert ask.params["most_bits_per_second"] == 40_000.0
            assert not ask.params["continuous"]
    lower = [ask._replace(params={**ask.params, "most_bits_per_second": 9e3}) for ask in asks[3:]]
    (stream,) = (plan_of(lower, rush).hurry or hurry).asks
    assert stream.params["most_bits_per_second"] == 9e3
    assert plan_of([Ask("icmp", 30.0, {"target": "other"})], rush).hurry is None
    assert rush != Rush(frozenset(), frozenset())
    assert rush_of([], targets, STARTS_AT, 999.0, dict(rush.anew)) == rush
