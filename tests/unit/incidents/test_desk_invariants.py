"""Whatever happens, in whatever order: what must always hold, and what must never happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.commands import Acknowledge, Close, Extend, Meet, Move, Note, Raise, Refused
from incidents.incident import Incident, Kind, apply, fold, is_person
from incidents.outbox import OF_DUTIES
from incidents.paging import NotifyReason
from incidents.timeline import Entry, Stored, canonical_json, verify_chain
from tests.builders import AN, BINH, CHANNELS, PROCEDURE, T0, cause, desk, policy
from tests.fakes import MemoryStore

NAMED = {
    NotifyReason.SEVERITY_RAISED,
    NotifyReason.NEW_UNIT,
    NotifyReason.FIRED_AGAIN,
    NotifyReason.ACKNOWLEDGEMENT_EXPIRED,
}
POLICY = policy(CHANNELS + "acknowledgement_expires: {S1: 30m, S2: 1h}\n")

stages = st.sampled_from([*PROCEDURE.stages, "nowhere"])
root_causes = st.sampled_from(["", "system-failures", "wrong"])
duties = st.sampled_from(list(PROCEDURE.deadlines))
commands = st.one_of(
    st.just(Acknowledge()),
    st.builds(Meet, duties, st.sampled_from(["đã gọi", " "])),
    st.builds(Extend, duties, st.just(T0 + timedelta(days=9)), st.just("Bình"), st.just("chờ")),
    st.builds(Note, st.sampled_from(["đã gọi", " "])),
    st.builds(
        Move,
        stages,
        st.sampled_from(["", "lý do"]),
        st.dictionaries(st.just("root_cause"), root_causes),
    ),
    st.builds(Close, st.sampled_from(["", "xong"]), root_causes),
    st.builds(
        Raise, st.sampled_from(["I1", "I4", "I9"]), st.sampled_from(["P1", "P4"]), st.just("x")
    ),
)
actors = st.sampled_from([AN, BINH, "machine:collector", "person:"])
steps = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 5, 9, 10, 61, 300])),
    st.tuples(
        st.just("fire"),
        st.integers(1, 4),
        st.sampled_from(["I1", "I2", "I3"]),
        st.sampled_from(["000.01", "000.02"]),
    ),
    st.tuples(st.just("recover"), st.integers(1, 4)),
    st.tuples(st.just("command"), commands, actors),
)


class World:
    """A desk over a store in memory, driven step by step."""

    def __init__(self) -> None:
        self.store, self.desk, self.now = MemoryStore(), desk(POLICY), T0

    def do(self, step: Any) -> None:
        kind, *rest = step
        if kind == "wait":
            self.wait(rest[0])
        elif kind == "fire":
            told = cause(rest[0], impact=rest[1], scope="P1", unit=rest[2])
            self.desk.alert_fired(self.store, told, self.now)
        elif self.store.rows:
            self.on_last(kind, *rest)

    def on_last(self, kind: str, *rest: Any) -> None:
        last = len(self.store.rows) - 1
        if kind == "recover":
            self.desk.alert_recovered(self.store, last, rest[0], self.now)
            return
        before = list(self.store.entries[last])
        refused: Refused | None = None
        try:
            self.desk.command(self.store, last, rest[0], rest[1], self.now)
        except Refused as caught:
            refused = caught
        if refused is not None:
            assert refused.reason_vi
            assert refused.reason_en
            assert self.store.entries[last] == before

    def wait(self, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        turns = 0
        while waiting := [r.next_turn_at for r in self.store.rows if r.next_turn_at]:
            if min(waiting) > until:
                break
            self.now = max(self.now, min(waiting))
            self.desk.turn(self.store, self.now)
            turns += 1
            assert turns < 500, "the desk looks again and again without end"
        self.now = until


def states(entries: list[Entry]) -> list[tuple[Incident | None, Entry, Incident]]:
    """Each entry with the incident before and after it."""
    found, before = [], None
    for entry in entries:
        after = apply(before, entry)
        found.append((before, entry, after))
        before = after
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=25))
def test_desk_keeps_its_promises_whatever_happens(script: list[Any]) -> None:
    """The row is the fold, chains hold, moves are legal, machines never decide, pages are named."""
    world = World()
    for step in script:
        world.do(step)

    open_causes = [r.incident.dedup_key for r in world.store.rows if r.incident.dedup_key]
    assert len(open_causes) == len(set(open_causes))
    for entries, row in zip(world.store.entries, world.store.rows, strict=True):
        assert fold(entries) == row.incident
        stored = [
            Stored(
                e.seq,
                e.canonical(),
                e.hash(),
                e.at,
                e.kind,
                e.actor,
                e.salt,
                canonical_json(e.texts or {}),
            )
            for e in entries
        ]
        assert verify_chain(stored, code=row.incident.code) is None
        for before, entry, after in states(entries):
            check_step(before, entry, after)
        if row.next_turn_at is not None:
            assert row.next_turn_at > world.now or row.next_turn_at >= row.incident.detected_at


def check_step(before: Incident | None, entry: Entry, after: Incident) -> None:
    """What holds for every single entry."""
    if before is None:
        assert after.stage == "canh_bao"
        return
    if after.stage != before.stage:
        assert is_person(entry.actor)
        way = PROCEDURE.way_to(before.stage, after.stage)
        assert PROCEDURE.transition(before.stage, after.stage) or "through" in entry.data
        assert way or entry.kind == Kind.REOPENED
    if after.ended and not before.ended and after.stage == "ket_thuc":
        assert after.root_cause == "system-failures"
    if entry.kind == Kind.NOTIFIED and entry.data["kind"] == "page":
        assert not before.ended or entry.data["reason"] in OF_DUTIES
        if before.acknowledged_at is not None:
            assert entry.data["reason"] in NAMED | OF_DUTIES
        if entry.data["reason"] in OF_DUTIES:
            for name, _ in entry.data["recipients"]:
                last = before.clocks.told_at.get(name)
                assert last is None or entry.at - last >= timedelta(minutes=10)
        if entry.data["reason"] == "repeat":
            assert before.recovered_at is None
    assert not PROCEDURE.is_higher(before.severity, after.severity)
    assert after.detected_at == before.detected_at


@given(st.lists(steps, max_size=12), st.integers(0, 11))
def test_desk_says_the_same_twice_when_an_alert_is_told_twice(
    script: list[Any], place: int
) -> None:
    """After a restart the collector may tell an alert again: nothing is written."""
    world = World()
    for step in script[:place]:
        world.do(step)
    told = cause(1)
    incident = world.desk.alert_fired(world.store, told, world.now)
    entries, queued = list(world.store.entries[incident]), len(world.store.queued)

    assert world.desk.alert_fired(world.store, told, world.now) == incident
    assert (world.store.entries[incident], len(world.store.queued)) == (entries, queued)


def test_an_unknown_class_opens_an_undetermined_incident() -> None:
    """A page is never lost over a wrong code in a rule."""
    world = World()
    told = cause(class_code="typo", impact="I99", scope=None)
    incident = world.desk.alert_fired(world.store, told, T0)

    assert world.store.rows[incident].incident.class_code == "khac"
    assert world.store.rows[incident].incident.severity == "S4"


def test_a_code_counts_per_year() -> None:
    """The year is the one here: 17:00 UTC on New Year's Eve is already the next."""
    world = World()
    new_year = T0.replace(month=12, day=31, hour=17)
    world.desk.alert_fired(world.store, cause(), T0)
    world.desk.alert_fired(world.store, cause(2, dedup_key="b"), new_year)

    assert [r.incident.code for r in world.store.rows] == ["SC26-0001", "SC27-0001"]


@pytest.mark.parametrize("seq", [1, 2])
def test_fold_needs_an_opening(seq: int) -> None:
    """A timeline that lacks its beginning is an error, not an empty incident."""
    world = World()
    incident = world.desk.alert_fired(world.store, cause(), T0)

    with pytest.raises(ValueError, match=r"opened|without"):
        fold(world.store.entries[incident][seq:])
