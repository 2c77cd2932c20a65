"""Which pre-check is due: each once, the last of those missed, spread over sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from incidents.sessions.automatic import STEPS, due_run
from incidents.sessions.model import Session, Stage
from tests.session_facts import STARTS_AT, T15M, T24H, T60M, session

CHECKS = (timedelta(hours=24), timedelta(minutes=60), timedelta(minutes=15))
SECOND = timedelta(seconds=1)


def of(number: int = STEPS, **changes: object) -> Session:
    """Return a session; the number of the first is spread by nothing."""
    return session(id=number, **changes)


def test_each_check_is_due_at_its_instant_and_made_once() -> None:
    """Not a second before; what was made is not due again until the next."""
    assert due_run(of(), CHECKS, (), T24H - SECOND) is None
    first = due_run(of(), CHECKS, (), T24H)
    assert first is not None
    assert due_run(of(), CHECKS, [first.key], T60M - SECOND) is None
    second = due_run(of(), CHECKS, [first.key], T60M)
    assert second is not None
    assert second.at == T60M


def test_of_several_that_were_missed_the_last_is_made() -> None:
    """A collector that was off, or a session that was planned late."""
    run = due_run(of(), CHECKS, (), T15M + SECOND)

    assert run is not None
    assert run.at == T15M
    assert due_run(of(), CHECKS, [run.key], STARTS_AT - SECOND) is None


def test_a_moved_session_has_its_checks_anew_and_one_that_began_has_none() -> None:
    """The key names the beginning that it is before."""
    run = due_run(of(), CHECKS, (), T60M)
    assert run is not None
    moved = of(starts_at=STARTS_AT + timedelta(minutes=10))

    assert due_run(moved, CHECKS, [run.key], T60M + timedelta(minutes=10)) is not None
    assert due_run(of(began_at=T15M), CHECKS, (), T15M + SECOND) is None
    assert due_run(replace(of(), stage=Stage.CANCELLED), CHECKS, (), T60M) is None
    assert due_run(of(), CHECKS, (), STARTS_AT) is None


def test_sessions_that_begin_together_are_not_looked_at_together() -> None:
    """Spread over ten minutes a day before, over a minute an hour before."""
    runs = [due_run(of(number), CHECKS, (), T60M + timedelta(minutes=1)) for number in range(12)]
    instants = sorted(run.at for run in runs if run is not None)

    assert len(set(instants)) == STEPS
    assert instants[0] == T60M
    assert instants[-1] < T60M + timedelta(minutes=1)
