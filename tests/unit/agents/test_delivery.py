"""What every answer does to a report, and which report goes next."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.delivery import (
    MAX_PAUSE_SECONDS,
    MAX_WAIT_SECONDS,
    MOST_BACKLOG_PER_MINUTE,
    Allowance,
    Answer,
    Lane,
    Outcome,
    Step,
    Verdict,
    after,
    next_step,
    wait_seconds,
)


def decide(
    answer: Answer, *, failures: int = 0, first: bool = True, jitter: float = 0.5
) -> Outcome:
    return after(answer, failures=failures, is_first_attempt=first, jitter=jitter)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(202, {"state": "a", "plan": "b"}), Verdict.ACKNOWLEDGED),
        (Answer(202, {}), Verdict.ACKNOWLEDGED),
        (Answer(202, {"duplicate": True}), Verdict.ACKNOWLEDGED),
        (Answer(202, {"duplicate": True, "next": 9}), Verdict.RENUMBER),
        (Answer(202, {"duplicate": True, "next": "9"}), Verdict.ACKNOWLEDGED),
        (Answer(202, {"duplicate": False, "next": 9}), Verdict.ACKNOWLEDGED),
        (Answer(202, {"duplicate": True, "next": True}), Verdict.ACKNOWLEDGED),
        (Answer(202, {"duplicate": True, "next": 1 << 60}), Verdict.ACKNOWLEDGED),
        (Answer(202, None), Verdict.KEEP),
        (Answer(413, {"field": "samples"}), Verdict.REFUSED),
        (Answer(422, None), Verdict.REFUSED),
        (Answer(401, {}), Verdict.KEEP),
        (Answer(409, {}), Verdict.KEEP),
        (Answer(503, {}), Verdict.KEEP),
        (Answer(None, reason="connection refused"), Verdict.KEEP),
        *[
            (Answer(s), Verdict.KEEP)
            for s in (200, 204, 301, 302, 400, 403, 404, 429, 500, 502, 504)
        ],
    ],
)
def test_delivery_decides_every_answer(answer: Answer, verdict: Verdict) -> None:
    """Only a clear yes or a clear never lets go of a report."""
    outcome = decide(answer)

    assert outcome.verdict is verdict
    assert (outcome.wait_seconds > 0) is (verdict is Verdict.KEEP)
    assert outcome.reason


def test_delivery_acknowledges_a_duplicate_of_a_report_that_may_have_arrived() -> None:
    """After a time-out a duplicate is the report itself; no new number."""
    outcome = decide(Answer(202, {"duplicate": True, "next": 9}), first=False)

    assert outcome.verdict is Verdict.ACKNOWLEDGED
    assert outcome.next_seq is None


def test_delivery_keeps_state_and_plan_of_a_202() -> None:
    """What the collector hands out is remembered; what is no text is not."""
    outcome = decide(Answer(202, {"state": "s1", "plan": 7}))

    assert (outcome.state, outcome.plan) == ("s1", None)


def test_delivery_names_what_to_do_when_the_key_is_unknown() -> None:
    """The one line in the log is enough to act on."""
    assert "wanwatch-agent enrol" in decide(Answer(401)).reason
    assert "--new-key" in decide(Answer(409)).reason


@pytest.mark.parametrize(
    ("failures", "retry_after", "jitter", "expected"),
    [
        (1, None, 0.0, 0.5),
        (1, None, 0.999, pytest.approx(1.0, abs=0.01)),
        (4, None, 0.0, 4.0),
        (7, None, 0.0, 30.0),
        (5000, None, 0.999, pytest.approx(60.0, abs=0.1)),
        (1, 20.0, 0.0, 20.0),
        (1, 20.0, 0.8, 24.0),
        (7, 1.0, 0.0, 30.0),
        (1, 3600.0, 0.0, 60.0),
    ],
)
def test_delivery_backs_off(
    failures: int, retry_after: float | None, jitter: float, expected: float
) -> None:
    """Doubling with jitter; what the collector asks for is the least; never above a minute."""
    assert wait_seconds(failures, retry_after, jitter) == expected


@given(
    st.integers(1, 10_000),
    st.none() | st.floats(0, 1e6),
    st.floats(0, 1, exclude_max=True),
)
def test_delivery_never_waits_longer_than_a_minute_nor_shorter_than_asked(
    failures: int, retry_after: float | None, jitter: float
) -> None:
    """Bounded above for recovery, below for the collector."""
    wait = wait_seconds(failures, retry_after, jitter)

    assert 0 < wait <= MAX_WAIT_SECONDS
    assert wait >= min(retry_after or 0.0, MAX_WAIT_SECONDS)


FULL = Allowance(100.0)
EMPTY = Allowance(100.6)


@pytest.mark.parametrize(
    ("live", "backlog", "not_before", "allowance", "expected"),
    [
        (None, None, 0, FULL, Step()),
        (None, None, 200, FULL, Step()),
        (9, 3, 0, FULL, Step(9, Lane.LIVE)),
        (9, 3, 0, EMPTY, Step(9, Lane.LIVE)),
        (None, 3, 0, FULL, Step(3, Lane.BACKLOG)),
        (None, 3, 0, EMPTY, Step(wait_seconds=pytest.approx(0.6))),
        (9, 3, 130, FULL, Step(wait_seconds=30)),
        (None, 3, 130, FULL, Step(wait_seconds=30)),
    ],
)
def test_delivery_chooses_the_newest_first(
    live: int | None, backlog: int | None, not_before: float, allowance: Allowance, expected: Step
) -> None:
    """Live before backlog, backlog as far as allowed, nothing while backing off."""
    step = next_step(
        live=live,
        backlog=backlog,
        backlog_first=False,
        not_before=not_before,
        allowance=allowance,
        now=100.0,
    )

    assert step == expected


@pytest.mark.parametrize(
    ("live", "backlog", "allowance", "expected"),
    [
        (9, 3, FULL, Step(3, Lane.BACKLOG)),
        (9, 3, EMPTY, Step(3, Lane.BACKLOG)),
        (9, None, FULL, Step(9, Lane.LIVE)),
        (None, 3, FULL, Step(3, Lane.BACKLOG)),
    ],
)
def test_delivery_tries_the_oldest_once_after_a_live_report_was_put_off(
    live: int | None, backlog: int | None, allowance: Allowance, expected: Step
) -> None:
    """The collector may keep no more gaps between numbers: only the oldest closes one."""
    step = next_step(
        live=live,
        backlog=backlog,
        backlog_first=True,
        not_before=0.0,
        allowance=allowance,
        now=100.0,
    )

    assert step == expected


@pytest.mark.parametrize(
    ("live_not_before", "backlog", "expected"),
    [
        (101, 3, Step(3, Lane.BACKLOG)),
        (100, 3, Step(9, Lane.LIVE)),
        (101, None, Step(9, Lane.LIVE)),
    ],
)
def test_delivery_sends_the_oldest_at_once_while_only_they_are_taken(
    live_not_before: float, backlog: int | None, expected: Step
) -> None:
    """Whatever the pace says; the live report is tried again when the collector said."""
    step = next_step(
        live=9,
        backlog=backlog,
        backlog_first=False,
        not_before=0.0,
        live_not_before=live_not_before,
        allowance=EMPTY,
        now=100.0,
    )

    assert step == expected


@pytest.mark.parametrize(
    ("body", "live_wait_seconds"),
    [({"oldest_first": True}, 2), ({"oldest_first": "yes"}, 0), ({}, 0), (None, 0)],
)
def test_delivery_reads_that_only_the_oldest_are_taken(
    body: dict[str, object] | None, live_wait_seconds: float
) -> None:
    """That is no failure, and no other request waits for it."""
    outcome = decide(Answer(503, body, retry_after_seconds=2))

    assert outcome.verdict is Verdict.KEEP
    assert outcome.live_wait_seconds == live_wait_seconds
    assert bool(outcome.wait_seconds) is not bool(live_wait_seconds)


@given(
    st.lists(st.tuples(st.floats(0, 120), st.integers(1, 600)), min_size=1, max_size=400),
)
@example([(0.0, 53), (7.0, 1), (0.0, 2), (1.0, 1)])
def test_delivery_backlog_never_exceeds_its_pace(turns: list[tuple[float, int]]) -> None:
    """Between two reports lies at least an interval of the fastest of the paces since."""
    allowance, now, last, paces = Allowance(0.0), 0.0, None, [100]
    for pause, per_minute in turns:
        now += pause
        if allowance.wait_seconds(now) == 0:
            assert last is None or now - last >= 60.0 / max(paces) - 1e-6
            allowance, last, paces = allowance.after_one(now), now, [allowance.per_minute]
        allowance = allowance.at_pace(per_minute, 0.0, now)
        paces.append(per_minute)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1), (600, 600), (10**9, 6000), (0, 100), (-5, 100), (True, 100), ("9", 100), (9.5, 100),
     (None, 100)],
)  # fmt: skip
def test_delivery_takes_a_pace_only_as_agreed(value: object, expected: int) -> None:
    """A whole number of at least one; anything else, or nothing, is the agent's own pace."""
    outcome = after(
        Answer(202, {"state": "s", "backlog_per_minute": value}),
        failures=0, is_first_attempt=True, jitter=0.5,
    )  # fmt: skip

    assert outcome.backlog_per_minute == expected
    assert outcome.pause_seconds == 0


@pytest.mark.parametrize(("jitter", "expected"), [(0.0, 30.0), (1.0, 37.5)])
def test_delivery_pauses_the_backlog_as_a_202_asks(jitter: float, expected: float) -> None:
    """At least as long as asked, a quarter more at most."""
    outcome = after(
        Answer(202, {"state": "s"}, retry_after_seconds=30),
        failures=0, is_first_attempt=True, jitter=jitter,
    )  # fmt: skip

    assert (outcome.wait_seconds, outcome.pause_seconds) == (0.0, expected)


def test_answer_can_make_an_agent_do_nothing_else() -> None:
    """Of an answer the agent reads a state, a tag and bounded numbers; no order."""
    orders = {
        "command": "rm -rf /", "run": ["sh"], "url": "http://10.0.0.1/new", "update": {"v": 9},
        "plan": {"checks": ["x"]}, "state": ["a"], "next": -1, "duplicate": "yes",
    }  # fmt: skip
    outcome = decide(Answer(202, orders))
    assert outcome == Outcome(Verdict.ACKNOWLEDGED, "202 accepted")
    beyond = decide(Answer(202, {"backlog_per_minute": 10**9}, retry_after_seconds=1e9))
    assert beyond.backlog_per_minute == MOST_BACKLOG_PER_MINUTE
    assert MAX_PAUSE_SECONDS <= beyond.pause_seconds <= 1.25 * MAX_PAUSE_SECONDS
