"""What is measured more often while a session goes on, and that it ends with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agents.probe_plan import Ask
from collector.rush import LIVE_SECONDS, NO_RUSH, REPORT_SECONDS, rush_of
from collector.targets.plans import plan_of
from collector.targets.targets import Target, Targets
from incidents.sessions.model import Session, Stage
from tests.session_facts import STARTS_AT, point, session

TARGETS = Targets(
    by_name={
        name: Target(name, name, name, unit="H42.01", host=host)
        for name, host in (("codec-1", ""), ("path-1", ""), ("codec-2", "pc-02"), ("mcu", ""))
    }
)


def live(**changes: object) -> Session:
    """A session of two points that goes on."""
    of = session(points=(point(1), point(2, way="software")), stage=Stage.LIVE)
    return replace(of, **changes)  # type: ignore[arg-type]


def ask(probe: str, target: str, every: float = 60.0) -> Ask:
    """Return an ask of a target."""
    return Ask(probe, every, {"target": target, "address": "10.0.0.1"})


def test_only_what_a_live_session_needs_is_hurried() -> None:
    """Its endpoints, paths and bridge, as often as devices bear; all else as before."""
    asks = [ask("cisco_xapi", "codec-1"), ask("stamp", "path-1"), ask("tls", "codec-1", 3_600.0)]
    rush = rush_of([live()], TARGETS, STARTS_AT, 100.0)

    hurry = plan_of([*asks, ask("icmp", "other")], rush).hurry

    assert hurry is not None
    assert hurry.report_seconds == REPORT_SECONDS
    assert {one.name: one.every_seconds for one in hurry.asks} == {
        "cisco_xapi:codec-1": 10.0,
        "stamp:path-1": LIVE_SECONDS["stamp"],
    }
    assert plan_of([ask("icmp", "other")], rush).hurry is None
    assert plan_of([], rush, is_point=True).hurry is not None
    assert rush.hosts == {"H42.01/pc-02"}


def test_a_plan_is_the_same_while_the_session_is_and_the_former_one_after_it() -> None:
    """Another turn of the clock changes nothing; the end of the session takes it back."""
    asks = [ask("stamp", "path-1")]
    first = rush_of([live()], TARGETS, STARTS_AT, 100.0)
    later = rush_of([live()], TARGETS, STARTS_AT + timedelta(minutes=5), 400.01)

    assert first == later
    assert first.ends_at == 100.0 + 3_600
    over = rush_of([live(stage=Stage.ENDED)], TARGETS, STARTS_AT, 100.0)
    assert over == NO_RUSH
    assert plan_of(asks, over) == plan_of(asks)
    assert plan_of(asks, first).tag != plan_of(asks).tag


def test_a_session_that_goes_on_past_its_plan_is_given_half_an_hour_at_a_time() -> None:
    """It never ends in the middle of one, and a plan is another one seldom."""
    of = live()
    at = of.ends_at + timedelta(minutes=1)

    rushes = {rush_of([of], TARGETS, at + timedelta(minutes=m), 0.0).tag for m in range(58)}

    assert len(rushes) == 2
    assert rush_of([of], TARGETS, at, 0.0).ends_at == 29 * 60
