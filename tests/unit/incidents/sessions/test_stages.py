"""A session's stages: whatever happens, in whichever order, it goes forward and says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.conditions import Refused
from incidents.sessions.log import LogKind
from incidents.sessions.model import NEXT, Session, Stage
from incidents.sessions.stages import Moved, Rules, by_a_person, by_the_clock, next_change_at

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = Rules(pre_check=HOUR, not_held_after=24 * HOUR, left_running=12 * HOUR)
PLAN = Session(1, "Giao ban", "B", START, START + 2 * HOUR)
ORDER = [Stage.PLANNED, Stage.PRE_CHECK, Stage.LIVE, Stage.ENDED, Stage.REPORTED]
PERSON = "person:An"


@pytest.mark.parametrize(
    ("stage", "at", "expected"),
    [
        (Stage.PLANNED, START - HOUR - MINUTE, Stage.PLANNED),
        (Stage.PLANNED, START - HOUR, Stage.PRE_CHECK),
        (Stage.PRE_CHECK, START + HOUR, Stage.PRE_CHECK),
        (Stage.PRE_CHECK, START - 2 * HOUR, Stage.PLANNED),
        (Stage.PRE_CHECK, START + 26 * HOUR, Stage.CANCELLED),
        (Stage.PLANNED, START + 26 * HOUR, Stage.CANCELLED),
        (Stage.LIVE, START + 13 * HOUR, Stage.LIVE),
        (Stage.LIVE, START + 14 * HOUR, Stage.ENDED),
        (Stage.ENDED, START + 99 * HOUR, Stage.ENDED),
        (Stage.CANCELLED, START, Stage.CANCELLED),
    ],
)
def test_the_clock_moves_a_session(stage: Stage, at: datetime, expected: Stage) -> None:
    """By its planned times alone; what a person has to do, the clock does very late or never."""
    assert by_the_clock(replace(PLAN, stage=stage), RULES, at).session.stage is expected


def test_a_late_clock_says_when_it_was() -> None:
    """A collector that was down writes the instant at which it would have been."""
    (entry,) = by_the_clock(PLAN, RULES, START + HOUR).entries
    assert (entry.at, entry.noted_at) == (START - HOUR, START + HOUR)
    assert next_change_at(PLAN, RULES) == START - HOUR
    assert next_change_at(replace(PLAN, stage=Stage.ENDED), RULES) is None


def test_a_person_does_not_report_before_the_log_is_closed() -> None:
    """The refusal says what is needed."""
    ended = replace(PLAN, stage=Stage.ENDED, over_at=START)
    with pytest.raises(Refused) as refused:
        by_a_person(ended, Stage.REPORTED, PERSON, START)
    assert refused.value.needed == ("closed",)
    closed = replace(ended, closed_at=START)
    assert by_a_person(closed, Stage.REPORTED, PERSON, START).session.stage is Stage.REPORTED


def test_a_refusal_names_what_can_follow() -> None:
    """In both languages."""
    with pytest.raises(Refused) as refused:
        by_a_person(replace(PLAN, stage=Stage.ENDED), Stage.LIVE, PERSON, START)
    assert "đã báo cáo" in refused.value.reason_vi
    assert "reported" in refused.value.reason_en


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("clock"), st.integers(-120, 4000)),
        st.tuples(st.sampled_from([Stage.LIVE, Stage.ENDED, Stage.CANCELLED, Stage.REPORTED]),
                  st.integers(-120, 4000)),
        st.tuples(st.just("close"), st.integers(-120, 4000)),
    ),
    max_size=20,
)  # fmt: skip


def _step(session: Session, what: object, at: datetime) -> Moved:
    if what == "clock":
        return by_the_clock(session, RULES, at)
    if what == "close":
        closed_at = at if session.stage is Stage.ENDED else session.closed_at
        return Moved(replace(session, closed_at=closed_at))
    assert isinstance(what, Stage)
    try:
        return by_a_person(session, what, PERSON, at)
    except Refused:
        return Moved(session)


@given(STEPS)
def test_any_order_of_events_goes_forward(steps: list[tuple[object, int]]) -> None:
    """No stage is left out backwards, each change is one entry, a repeat changes nothing."""
    session, seen = PLAN, [PLAN.stage]
    for what, minutes in steps:
        at = START + minutes * MINUTE
        moved = _step(session, what, at)
        if moved.entries:
            (entry,) = moved.entries
            assert entry.kind is LogKind.STAGE
            assert entry.data["from"] == session.stage.value
            assert entry.code == moved.session.stage.value
            back = (session.stage, moved.session.stage) == (Stage.PRE_CHECK, Stage.PLANNED)
            assert back or moved.session.stage in NEXT[session.stage]
            seen.append(moved.session.stage)
        else:
            assert moved.session.stage is session.stage
        session = moved.session
        if what != "close":
            again = _step(session, what, at)
            later_by_clock = what == "clock" and again.entries
            assert later_by_clock or again.session.stage is session.stage
    assert seen.count(Stage.LIVE) <= 1
    assert (session.began_at is None) == (Stage.LIVE not in seen)
    assert (session.over_at is None) == (Stage.ENDED not in seen)
    if Stage.CANCELLED in seen:
        assert session.stage is Stage.CANCELLED
