"""Levels, whatever happens in whatever order: nobody is forgotten, nobody called twice at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.commands import Acknowledge, Move, Note, PassOn, Raise, Refused
from incidents.escalation import is_answered
from incidents.incident import fold
from incidents.outbox import OF_DUTIES
from incidents.paging import NotifyReason
from incidents.quiet import silent_until
from tests.builders import PROCEDURE, T0, cause, desk, policy
from tests.fakes import MemoryStore
from tests.switchboards import CHANNELS, ESCALATION, switchboard

BOTH = ESCALATION.replace(
    "- targets: [{schedule: local}]",
    "- {targets: [{schedule: local, post: both}], all_must_acknowledge: true}",
)
BOARDS = [switchboard(), switchboard(escalation=BOTH)]
# Why an incident that is answered may page all the same.
NAMED = {
    NotifyReason.SEVERITY_RAISED,
    NotifyReason.NEW_UNIT,
    NotifyReason.FIRED_AGAIN,
    NotifyReason.ACKNOWLEDGEMENT_EXPIRED,
    NotifyReason.PASSED_ON,
    NotifyReason.ACKNOWLEDGEMENT_AWAITED,
    NotifyReason.RECOVERED,
    *OF_DUTIES,
}
actors = st.sampled_from([f"person:{name}" for name in ("an", "binh", "chi", "dung", "giang")])
commands = st.sampled_from(
    [
        Acknowledge(),
        PassOn(),
        PassOn("đang bận"),
        Note("đã gọi"),
        Move("xac_minh", "", {}),
        Raise("I4", "P4", "nặng hơn"),
    ]
)
steps = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 5, 10, 31, 61, 700])),
    st.tuples(st.just("fire"), st.integers(1, 3), st.sampled_from(["000.01", "000.02"])),
    st.tuples(st.just("recover"), st.integers(1, 3)),
    st.tuples(st.just("mute"), st.booleans()),
    st.tuples(st.just("command"), commands, actors),
)


class Store(MemoryStore):
    """A store whose turns can be put off, as mutes do."""

    def postpone(self, incident: int, until: datetime) -> None:
        self.rows[incident] = replace(self.rows[incident], next_turn_at=until)


class World:
    """A desk with levels over a store in memory."""

    def __init__(self, number: int, impact: str) -> None:
        board = BOARDS[number]
        self.store, self.now, self.impact = Store(), T0, impact
        self.desk = desk(policy(CHANNELS), switchboard=board)
        self.desk.people = board.people

    def do(self, step: Any) -> None:
        kind, *rest = step
        if kind == "wait":
            self.wait(rest[0])
        elif kind == "fire":
            told = cause(rest[0], impact=self.impact, scope="P2", unit=rest[1])
            self.desk.alert_fired(self.store, told, self.now)
        elif self.store.rows and kind == "recover":
            self.desk.alert_recovered(self.store, 0, rest[0], self.now)
        elif kind == "mute":
            self.store.muted = {0} if rest[0] else set()
        elif self.store.rows:
            try:
                self.desk.command(self.store, 0, rest[0], rest[1], self.now)
            except Refused:
                return

    def wait(self, minutes: int) -> None:
        until, turns = self.now + timedelta(minutes=minutes), 0
        while waiting := [r.next_turn_at for r in self.store.rows if r.next_turn_at]:
            if min(waiting) > until:
                break
            self.now = max(self.now, min(waiting))
            self.desk.turn(self.store, self.now)
            turns += 1
            assert turns < 500, "the desk looks again and again without end"
        self.now = until


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1), st.sampled_from(["I2", "I4"]), st.lists(steps, min_size=1, max_size=15))
def test_nobody_is_forgotten_and_nobody_is_called_twice(
    number: int, impact: str, script: list[Any]
) -> None:
    """The row is the fold; one page a person, channel and reason; who has it is left alone.

    And while nobody has an open incident, the desk looks again before the next call is due.
    """
    world = World(number, impact)
    for step in [("fire", 1, "000.01"), *script]:
        world.do(step)
        incident, row = world.store.rows[0].incident, world.store.rows[0]
        assert fold(world.store.entries[0]) == incident
        quiet = silent_until(incident, world.desk.policy.quiet, PROCEDURE, world.now)
        is_open = not incident.ended and incident.recovered_at is None
        if is_open and not is_answered(incident) and not world.store.muted and not quiet:
            assert row.next_turn_at is not None
            every = (
                timedelta(minutes=10) if incident.severity in ("S1", "S2") else timedelta(hours=1)
            )
            assert row.next_turn_at <= world.now + every

    pages = [(at, out) for at, out in world.store.queued if out.kind == "page"]
    counts = Counter((at, out.recipient, out.channel, out.reason) for at, out in pages)
    assert max(counts.values(), default=0) <= 1
    _check_answered(world)


def _check_answered(world: World) -> None:
    """Hold every page against what the incident was when it was decided."""
    entries = world.store.entries[0]
    for place, entry in enumerate(entries):
        if entry.kind != "notified" or place == 0:
            continue
        before = fold(entries[:place])
        if is_answered(before):
            assert entry.data["reason"] in NAMED, entry.data


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["pass", "wait"]), actors), max_size=20))
def test_passing_on_always_leaves_somebody(script: list[tuple[str, str]]) -> None:
    """However often it is passed on, somebody else is called, or it is refused."""
    world = World(0, "I4")
    world.do(("fire", 1, "000.01"))
    for what, actor in script:
        if what == "wait":
            world.wait(3)
            continue
        before = len(world.store.queued)
        try:
            world.desk.command(world.store, 0, PassOn(), actor, world.now)
        except Refused:
            assert len(world.store.queued) == before
            continue
        told = [out for _, out in world.store.queued[before:] if out.reason == "passed_on"]
        assert told
        assert actor.removeprefix("person:") not in {out.recipient for out in told}
