"""Deadlines, whatever happens to an incident: clocks of law stand fast, and late stays late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from incidents.deadlines import come, next_at
from incidents.timeline import microseconds
from tests.builders import PROCEDURE
from tests.timeline_builder import File, local

MONDAY = local("2026-11-23 09:00")
BY_HAND = [d.code for d in PROCEDURE.file.deadlines if "by_hand" in d.met_by]

steps = st.one_of(
    st.tuples(st.just("after"), st.sampled_from([3, 29, 61, 300, 1500, 6000])),
    st.tuples(st.just("move"), st.integers(0, 4)),
    st.tuples(st.just("weigh"), st.sampled_from(["S1", "S2", "S3", "S4"])),
    st.tuples(st.just("meet"), st.sampled_from(BY_HAND)),
    st.tuples(st.just("extend"), st.sampled_from([d.code for d in PROCEDURE.file.deadlines])),
    st.tuples(st.just("decide"), st.sampled_from([(), ("su_co",), ("nghiem_trong",), ("ngay",)])),
    st.tuples(st.just("recover"), st.booleans()),
    st.tuples(st.just("nature"), st.sampled_from(["an_ninh", "ky_thuat"])),
)


def do(file: File, what: str, given: Any) -> None:
    """One thing that may happen; what the stages do not allow does not."""
    incident = file.incident
    if what == "after":
        file.after(minutes=given)
    elif what == "move":
        moves = file.procedure.allowed_transitions(incident.stage)
        if given < len(moves):
            file.move(moves[given].to, reopens=moves[given].reopens)
    elif what == "weigh":
        file.weigh(given)
    elif what == "meet":
        row = file.rows.get(given)
        if row is not None and row.is_running:
            file.meet(given)
    elif what == "extend":
        until = file.now + timedelta(days=3)
        file.add("deadline_extended", deadline=given, until=microseconds(until))
    elif what == "decide":
        file.decide(*given, decision="yes" if given else "no")
    elif what == "recover" and not incident.ended:
        kind = "recovered" if given else "fired_again"
        file.add(kind, actor="machine:collector", alert=1, unit="000.01")
    elif what == "nature":
        file.add("classified", nature=given)


def marks(file: File) -> set[str]:
    """Deadlines that are or were late, as their rows show it; at the due instant none is yet."""
    return {row.code for row in file.rows.values() if row.missed_before or row.late_by(file.now)}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["S1", "S2", "S3", "S4"]), st.lists(steps, max_size=14))
@example("S3", [("after", 61), ("weigh", "S1"), ("meet", "update")])
def test_deadlines_keep_their_promises_whatever_happens(
    severity: str, script: list[tuple[str, Any]]
) -> None:
    """Late stays visible, law runs from detection without a pause, points come in their order."""
    file = File(MONDAY, severity)
    late: set[str] = set()
    for what, given_value in script:
        file.after(minutes=1 / 60)  # what recovers and fires in one instant was never seen late
        do(file, what, given_value)
        assert late <= marks(file), (what, late - marks(file))
        late |= marks(file)
        for row in file.rows.values():
            if row.is_legal:
                assert row.start_at == MONDAY
                assert row.pauses == ()
                assert row.extension is None
            if row.points:
                assert [p.at for p in row.points] == sorted(p.at for p in row.points)
            assert row.met_at is None or row.stopped_at is None
        clocks, rows = file.incident.clocks, list(file.rows.values())
        following = next_at(rows, clocks)
        assert (following is not None and following <= file.now) == bool(
            come(rows, clocks, file.now)
        )
