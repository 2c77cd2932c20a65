"""Who is rung, and when, while somebody looks at the board of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.sessions.board_presence import AWAY_SECONDS, BoardPresence
from incidents.in_session import Around, InSession
from incidents.paging import Decision
from incidents.sessions.at_board import NOBODY_THERE, AtBoard, seconds_at, wait_until
from tests.builders import T0, cause, desk, opened, policy
from tests.fakes import MemoryStore
from tests.session_facts import point, session
from tests.switchboards import CHANNELS, switchboard

if TYPE_CHECKING:
    from incidents.state import Incident

PAGE = Decision(True, "first", "Trực ca", "mail", "truc@example.vn")
SECOND = replace(PAGE, recipient="Dự bị")
THERE = AtBoard(("An",), ("Dự bị",))
PART = InSession(1, "Giao ban", "A", points=(2,))


def incident(part: InSession | None = PART) -> Incident:
    """An incident that began in a session, or in none."""
    return replace(opened(), around=Around(part))


@pytest.mark.parametrize(
    ("decision", "board", "minutes"),
    [
        (SECOND, THERE, 2),
        (PAGE, THERE, 4),
        (PAGE, AtBoard(("An",)), 2),
        (PAGE, replace(THERE, people=()), None),
        (replace(PAGE, kind="notice"), THERE, None),
    ],
)
def test_the_board_has_two_minutes_then_the_second_technician_then_who_is_on_call(
    decision: Decision, board: AtBoard, minutes: int | None
) -> None:
    """Without anybody at the board, and for what is no page, nothing waits."""
    wanted = None if minutes is None else T0 + timedelta(minutes=minutes)

    assert wait_until(incident(), decision, board, T0) == wanted
    if wanted is not None:
        assert wait_until(incident(), decision, board, wanted) is None


@pytest.mark.parametrize("part", [None, replace(PART, is_live=False), replace(PART, left_at=T0)])
def test_only_a_live_session_is_the_boards(part: InSession | None) -> None:
    """Before it begins, after it, and elsewhere telephones ring as ever."""
    assert wait_until(incident(part), PAGE, THERE, T0) is None


def test_a_second_technician_who_is_at_the_board_is_not_rung() -> None:
    """Each once, those of the points that are hit alone."""
    seconds = {1: "An", 2: "Dự bị", 3: "dự bị", 4: "Người khác"}

    assert seconds_at(seconds, (1, 2, 2), ("an",)).seconds == ("Dự bị",)


def test_who_comes_back_within_a_moment_was_never_away() -> None:
    """A stream that is opened anew is no absence; one that stays closed is."""
    now = [0.0]
    presence = BoardPresence(lambda: now[0])
    of = session(points=(point(2, second="Dự bị"),))

    with presence.at(of, "An"), presence.at(of, "An"):
        assert presence.of(incident()) == THERE
    now[0] += AWAY_SECONDS - 1
    assert presence.people(1) == ("An",)
    now[0] += 1
    assert presence.of(incident()).people == ()
    assert presence.of(incident(None)) == NOBODY_THERE


def told(board: AtBoard, *, live: bool = True) -> dict[str, tuple[str, timedelta | None]]:
    """Return why each message of an incident that opens waits, and how long."""
    store, made = MemoryStore(), desk(policy(CHANNELS), switchboard=switchboard())
    made.people = switchboard().people
    made.around = lambda _tx, _where, _now: Around(PART if live else None)
    made.at_board = lambda _incident: board
    made.alert_fired(store, cause(1, impact="I3", scope="P2", unit="000.01"), T0)
    return {
        sent.recipient: (sent.held_for, sent.held_until and sent.held_until - T0)
        for at, sent in store.queued
    }


def test_the_desk_lets_pages_wait_and_calls_the_second_technician_too() -> None:
    """Chi is called at two minutes because she stands by, who is on call at four."""
    plain = told(NOBODY_THERE)
    assert plain
    assert {wait for _, wait in plain.values()} == {None}
    assert "chi" not in plain

    held = told(AtBoard(("giang",), ("chi",)))

    assert held.pop("chi") == ("board", timedelta(minutes=2))
    assert held.keys() == plain.keys()
    assert set(held.values()) == {("board", timedelta(minutes=4))}
    assert told(AtBoard((), ("chi",))) == plain
    assert {wait for _, wait in told(AtBoard(("giang",)), live=False).values()} == {None}
