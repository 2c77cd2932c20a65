"""Which silence explains which: a child seen first, two uplinks, circles, strangers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.outages.topology import (
    HOLD_SECONDS,
    MAX_HOLD_SECONDS,
    Facts,
    Keep,
    Raise,
    State,
    Wait,
    Why,
    above,
    circle_through,
    decide,
    return_hold_seconds,
    root_of,
)

UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN
# host → unit → router → core; a second line of the unit; a switch inside the unit.
NETWORK = {
    "host": ("unit:A",),
    "pc": ("target:sw",),
    "target:sw": ("unit:A",),
    "unit:A": ("target:rt",),
    "target:rt": ("target:core",),
}
TWO_LINES = {"host": ("unit:A",), "unit:A": ("target:rt", "target:4g")}


@pytest.mark.parametrize(
    ("uplinks", "states", "node", "root"),
    [
        ({}, {}, "host", None),
        (NETWORK, {}, "host", None),
        (NETWORK, {"unit:A": UP}, "host", None),
        (NETWORK, {"unit:A": UNKNOWN}, "host", None),
        (NETWORK, {"unit:A": DOWN}, "host", "unit:A"),
        (NETWORK, {"unit:A": DOWN, "target:rt": UNKNOWN}, "host", "unit:A"),
        (NETWORK, {"unit:A": DOWN, "target:rt": DOWN}, "host", "target:rt"),
        (NETWORK, {"unit:A": DOWN, "target:rt": DOWN}, "unit:A", "target:rt"),
        (NETWORK, {"unit:A": DOWN, "target:rt": DOWN}, "target:rt", None),
        (NETWORK, dict.fromkeys(("unit:A", "target:rt", "target:core"), DOWN), "host",
         "target:core"),
        (NETWORK, {"target:rt": DOWN}, "host", None),
        (NETWORK, {"target:sw": DOWN}, "pc", "target:sw"),
        (NETWORK, {"target:sw": DOWN, "unit:A": DOWN}, "pc", "unit:A"),
        (TWO_LINES, {"unit:A": DOWN, "target:rt": DOWN, "target:4g": UP}, "host", "unit:A"),
        (TWO_LINES, {"unit:A": DOWN, "target:rt": DOWN, "target:4g": UNKNOWN}, "unit:A", None),
        (TWO_LINES, {"unit:A": DOWN, "target:rt": DOWN, "target:4g": DOWN}, "unit:A", "target:rt"),
        ({"host": ("nobody",)}, {}, "host", None),
        ({"host": ("host",)}, {"host": DOWN}, "host", None),
        ({"a": ("b",), "b": ("a",)}, {"a": DOWN, "b": DOWN}, "a", None),
        ({"a": ("b",), "b": ("a",)}, {"a": DOWN, "b": DOWN}, "b", None),
        ({"c": ("a",), "a": ("b",), "b": ("a",)}, {"a": DOWN, "b": DOWN}, "c", "a"),
    ],
)  # fmt: skip
def test_root_is_the_highest_node_that_is_known_to_be_down(
    uplinks: dict[str, tuple[str, ...]], states: dict[str, State], node: str, root: str | None
) -> None:
    """Unknown parents, one of two lines that is up, and circles explain nothing."""
    assert root_of(node, uplinks, lambda n: states.get(n, UNKNOWN)) == root


def test_node_that_was_told_is_a_root_for_what_hangs_under_it() -> None:
    """What has an incident of its own is not hidden behind another afterwards."""
    states = {"unit:A": DOWN, "target:rt": DOWN, "target:core": DOWN}

    def root(node: str) -> str | None:
        return root_of(node, NETWORK, lambda n: states.get(n, UNKNOWN), lambda n: n == "unit:A")

    assert (root("host"), root("unit:A")) == ("unit:A", None)


nodes = st.sampled_from("abcdefgh")
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=3).map(tuple), max_size=8)


@given(graphs, st.dictionaries(nodes, st.sampled_from(State)), st.sets(nodes))
def test_something_is_told_for_whatever_is_explained(
    uplinks: dict[str, tuple[str, ...]], states: dict[str, State], told: set[str]
) -> None:
    """Whatever the graph: each root is down, is above its child, and is not explained itself."""

    def root(node: str) -> str | None:
        return root_of(node, uplinks, lambda n: states.get(n, UNKNOWN), told.__contains__)

    for node in "abcdefgh":
        found = root(node)
        if found is not None:
            assert states[found] is DOWN
            assert found in above(node, uplinks)
            assert root(found) is None


@given(graphs, nodes)
def test_circle_is_found_exactly_where_a_node_is_above_itself(
    uplinks: dict[str, tuple[str, ...]], node: str
) -> None:
    """The way that is named is one: each step is an uplink."""
    way = circle_through(node, uplinks)
    assert (way is not None) is (node in above(node, uplinks))
    if way is not None:
        assert way[0] == way[-1] == node
        assert all(there in uplinks[here] for here, there in pairwise(way))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (Facts(0), Wait(HOLD_SECONDS)),
        (Facts(19), Wait(1)),
        (Facts(20), Raise()),
        (Facts(0, root="unit:A"), Wait(HOLD_SECONDS)),
        (Facts(20, root="unit:A"), Keep(Why.PARENT, "unit:A")),
        (Facts(20, is_undecided=True), Wait(2)),
        (Facts(MAX_HOLD_SECONDS, is_undecided=True), Raise()),
        (Facts(20, is_probe_open=True, root="unit:A"), Wait(2)),
        (Facts(20, is_undecided=True, root="unit:A"), Keep(Why.PARENT, "unit:A")),
        (Facts(0, is_collector_blind=True), Wait(2)),
        (Facts(9_999, is_collector_blind=True, root="unit:A"), Wait(2)),
        (Facts(20, is_usual=True), Keep(Why.USUAL)),
        (Facts(20, is_usual=True, root="mass"), Keep(Why.PARENT, "mass")),
        (Facts(25, hold_seconds=90), Wait(65)),
        (Facts(400, hold_seconds=400), Raise()),
    ],
)
def test_silence_is_told_only_when_nothing_may_still_explain_it(
    facts: Facts, verdict: object
) -> None:
    """Twenty seconds, then the open questions, at most five minutes; a blind collector first."""
    assert decide(facts) == verdict


def test_child_waits_for_its_agents_pause_after_its_parent_is_back() -> None:
    """After a short cut a little, after a long one the longest pause of an agent."""
    assert return_hold_seconds(5, 10) == HOLD_SECONDS + 15
    assert return_hold_seconds(3_600, 10) == HOLD_SECONDS + 70
