"""Who is let in, how much of it is told, and how often it makes a device be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.gate import MOST_SOURCES, OVER_RATE, STRANGER, Gate, plain_address
from agents.receivers.hints import Hints
from agents.receivers.out import Out
from agents.report import Event


def test_only_listed_networks_are_let_in() -> None:
    """Every other address is a stranger, and none is remembered of it."""
    gate = Gate(["10.42.0.0/16", "fd00::/8"], 60)
    assert gate.refuses("10.42.3.4", 0) == ""
    assert gate.refuses("fd00::1", 0) == ""
    assert gate.refuses("10.43.0.1", 0) == STRANGER


@pytest.mark.parametrize(
    ("text", "plain"),
    [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("fe80::1%eth0", "fe80::1")],
)
def test_an_address_is_the_same_whatever_port_heard_it(text: str, plain: str) -> None:
    """Of IPv4 on a port of IPv6, and of a link."""
    assert plain_address(text) == plain


def test_each_source_has_its_own_pace() -> None:
    """A minute's worth at once, then as many as a minute brings; the neighbour is not hit."""
    gate = Gate(["10.0.0.0/8"], 60)
    assert [gate.refuses("10.0.0.1", 0) for _ in range(61)] == [""] * 60 + [OVER_RATE]
    assert gate.refuses("10.0.0.2", 0) == ""
    assert gate.refuses("10.0.0.1", 1) == ""
    assert gate.refuses("10.0.0.1", 1) == OVER_RATE


def test_forged_sources_cost_a_bounded_memory() -> None:
    """The ones that were silent longest are forgotten first."""
    gate = Gate(["10.0.0.0/8"], 1)
    assert gate.refuses("10.0.0.1", 0) == ""
    for number in range(MOST_SOURCES):
        gate.refuses(f"10.1.{number // 256}.{number % 256}", 0)
    assert gate.refuses("10.0.0.1", 0) == ""


def test_an_address_is_given_out_at_most_once_in_ten_seconds() -> None:
    """What is said in between makes it due once more when they are over."""
    hints = Hints()
    assert hints.note("10.0.0.1", 100)
    assert not hints.note("10.0.0.1", 101)
    assert hints.take(101) == {"10.0.0.1"}
    assert not hints.note("10.0.0.1", 102)
    assert hints.note("10.0.0.2", 102)
    assert hints.take(103) == {"10.0.0.2"}
    assert hints.take(110.9) == set()
    assert hints.take(111) == {"10.0.0.1"}
    assert hints.take(200) == set()


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 3), st.booleans()), max_size=80))
def test_no_hint_is_lost_and_none_comes_too_soon(steps: list[tuple[int, float, bool]]) -> None:
    """Whatever is noted is given out once its pause is over, and never within it."""
    hints, now = Hints(), 0.0
    last: dict[str, float] = {}
    waiting: set[str] = set()
    for number, pause, is_noted in steps:
        now += pause
        if is_noted:
            hints.note(str(number), now)
            waiting.add(str(number))
            continue
        taken = hints.take(now)
        assert taken == {one for one in waiting if now - last.get(one, -11.0) >= 10}
        waiting -= taken
        last |= dict.fromkeys(taken, now)


def test_hints_are_bounded() -> None:
    """A flood of addresses costs the oldest of them."""
    hints = Hints(most=2)
    for address in ("a", "b", "c"):
        hints.note(address, 0)
    assert hints.take(1) == {"b", "c"}


def test_events_go_at_a_pace_and_hints_do_not() -> None:
    """One source cannot use up what all may tell; whatever is not told is counted."""
    told: list[Event] = []
    hints = Hints()
    out = Out("trap", told.append, hints.note, 0)
    for _ in range(15):
        out.tell(Event("trap.link", 0), "10.0.0.1", 0)
    out.tell(Event("trap.link", 0), "10.0.0.2", 0)
    assert (len(told), out.told, out.untold) == (11, 11, 5)
    assert hints.take(0) == {"10.0.0.1", "10.0.0.2"}
    for number in range(100):
        out.tell(Event("trap.link", 0), f"10.0.1.{number}", 0)
    assert out.told == 60
    assert {one.labels["result"]: one.value for one in out.observe()} == {
        "told": 60, "over_pace": 56,
    }  # fmt: skip
