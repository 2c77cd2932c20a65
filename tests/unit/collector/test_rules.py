"""Rules: pending, firing, resolved, as Prometheus; two severities; hysteresis; no flapping."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.rules.rules import (
    INACTIVE,
    AlertState,
    Flapping,
    Phase,
    Rule,
    Threshold,
    dedup_key,
    due_at,
    fingerprint,
    judge,
    level_of,
    outcome_of,
    remember,
    wait,
)
from collector.rules.values import Value


def rule(**changes: Any) -> Rule:
    fields: dict[str, Any] = {
        "name": "Hot",
        "value": Value("last", "heat"),
        "warning": Threshold(80, is_upper=True),
        "critical": Threshold(90, is_upper=True),
        "class_code": "kt_qua_tai",
        "runbook": "hot",
        "summary_vi": "nóng {value}",
        "summary_en": "hot {value}",
    }
    return Rule(**{**fields, **changes})


def play(subject: Rule, *values: tuple[float, float]) -> list[AlertState]:
    """Judge (instant, value) pairs; return the state after each."""
    state, states = INACTIVE, []
    for at, value in values:
        state = judge(subject, state, value, at)
        states.append(state)
    return states


def phases(states: list[AlertState]) -> list[tuple[str, str | None]]:
    return [(state.phase.value, state.severity) for state in states]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(79.9, None), (80, "warning"), (89.9, "warning"), (90, "critical"), (1e9, "critical")],
)
def test_value_equal_to_a_threshold_has_reached_it(value: float, expected: str | None) -> None:
    """Above means at or above."""
    assert level_of(rule(), value, None) == expected


def test_below_is_the_mirror_of_above() -> None:
    """Below means at or below, and clears upwards."""
    low = rule(
        warning=Threshold(0.10, is_upper=False),
        critical=Threshold(0.05, is_upper=False),
        clear=0.02,
    )
    assert [level_of(low, v, None) for v in (0.11, 0.10, 0.05)] == [None, "warning", "critical"]
    assert level_of(low, 0.11, "warning") == "warning"
    assert level_of(low, 0.1201, "warning") is None
    assert level_of(low, 0.06, "critical") == "critical"


def test_alert_fires_at_once_without_a_for_and_resolves_with_the_value() -> None:
    """The plain case: fire, rise, fall, resolve: one alert."""
    states = play(rule(), (0, 50), (10, 85), (20, 95), (30, 85), (40, 79))

    assert phases(states) == [
        ("inactive", None),
        ("firing", "warning"),
        ("firing", "critical"),
        ("firing", "warning"),
        ("inactive", None),
    ]
    assert states[1].started_at == states[3].started_at == 10


def test_alert_fires_when_its_for_has_passed() -> None:
    """Sixty seconds of breach, not fifty-nine, by evidence or by time alone."""
    slow = rule(for_seconds=60)
    states = play(slow, (0, 85), (59, 85), (60, 85))
    assert phases(states) == [("pending", None), ("pending", None), ("firing", "warning")]
    assert due_at(slow, states[0]) == 60
    assert wait(slow, states[0], 59.9).phase is Phase.PENDING
    assert wait(slow, states[0], 60).phase is Phase.FIRING


def test_for_starts_again_when_the_value_recovers() -> None:
    """A recovery in between is the end of the wait."""
    states = play(rule(for_seconds=60), (0, 85), (30, 10), (50, 85), (70, 85), (110, 85))
    assert phases(states)[-2:] == [("pending", None), ("firing", "warning")]


def test_severity_rises_only_after_the_for_and_falls_at_once() -> None:
    """A blip over the critical limit does not page at night."""
    slow = rule(for_seconds=60)
    states = play(slow, (0, 85), (60, 85), (70, 95), (80, 85), (90, 95), (149, 95), (150, 95))
    assert [severity for _, severity in phases(states)] == [
        *(None, "warning", "warning", "warning", "warning", "warning", "critical")
    ]
    assert due_at(slow, states[4]) == 150


def test_alert_clears_only_beyond_its_hysteresis() -> None:
    """With a clear of 5, eighty clears at seventy-five."""
    states = play(rule(clear=5), (0, 80), (10, 78), (20, 75.1), (30, 75))
    assert phases(states) == [("firing", "warning")] * 3 + [("inactive", None)]


def test_alert_keeps_firing_for_a_while_after_its_condition_ended() -> None:
    """A minute without the condition resolves it; a breach in between starts the minute again."""
    sticky = rule(keep_firing_seconds=60)
    states = play(sticky, (0, 85), (10, 10), (69, 10), (69.5, 85), (80, 10), (139, 10))
    assert {phase for phase, _ in phases(states)} == {"firing"}
    assert due_at(sticky, states[-1]) == 140
    assert wait(sticky, states[-1], 140).phase is Phase.INACTIVE


def test_flapping_alert_stays_firing_until_it_is_quiet() -> None:
    """The fifth change within half an hour is the last one anybody hears of."""
    values = [(60.0 * n, 85.0 if n % 2 == 0 else 10.0) for n in range(20)]
    states = play(rule(), *values)

    assert [s.phase for s in states[:5]] == [
        *(Phase.FIRING, Phase.INACTIVE, Phase.FIRING, Phase.INACTIVE, Phase.FIRING)
    ]
    assert all(s.phase is Phase.FIRING and s.is_flapping for s in states[4:])
    last = states[-1]
    assert due_at(rule(), last) == 19 * 60 + 600
    assert wait(rule(), last, 19 * 60 + 599).is_flapping
    assert wait(rule(), last, 19 * 60 + 600) is INACTIVE


def test_flapping_alert_that_stays_bad_is_a_plain_alert_again() -> None:
    """Ten minutes of steady breach end the mark, not the alert."""
    states = play(rule(), *[(60.0 * n, 85.0 if n % 2 == 0 else 10.0) for n in range(5)])
    steady = judge(rule(), states[-1], 85, 240 + 600)
    assert (steady.phase, steady.is_flapping) == (Phase.FIRING, False)


def test_slow_changes_are_no_flapping() -> None:
    """Five changes in more than half an hour are five changes."""
    states = play(rule(), *[(600.0 * n, 85.0 if n % 2 == 0 else 10.0) for n in range(8)])
    assert not any(state.is_flapping for state in states)


def test_steady_values_return_the_same_object() -> None:
    """The hot path allocates nothing."""
    firing = play(rule(), (0, 85))[0]
    assert judge(rule(), INACTIVE, 10, 5) is INACTIVE
    assert judge(rule(), firing, 86, 10) is firing


def test_past_reports_run_timers_but_raise_and_resolve_nothing() -> None:
    """After a restart the wait goes on where it was; the next live value decides."""
    slow = rule(for_seconds=60)
    state = INACTIVE
    for at in (0, 30, 90):
        state = remember(slow, state, 85, at)
    assert state.phase is Phase.PENDING
    assert judge(slow, state, 85, 100).phase is Phase.FIRING
    assert judge(slow, state, 10, 100) is INACTIVE
    firing = AlertState(Phase.FIRING, "critical", "critical", 0, 0, 0)
    remembered = remember(rule(), firing, 10, 50)
    assert (remembered.phase, remembered.severity) == (Phase.FIRING, "critical")
    assert judge(rule(), remembered, 10, 60).phase is Phase.INACTIVE


@pytest.mark.parametrize(
    ("severity", "kind", "expected"),
    [
        ("critical", "server", "incident"),
        ("critical", "network", "incident"),
        ("critical", "conference", "incident"),
        ("critical", "shared", "incident"),
        ("critical", "workstation", "worklist"),
        ("warning", "server", "worklist"),
        ("warning", "workstation", "worklist"),
        ("critical", "printer", "record"),
        ("warning", "printer", "worklist"),
    ],
)
def test_outcome_follows_severity_and_kind_of_host(severity: Any, kind: str, expected: str) -> None:
    """The defaults of the design."""
    assert outcome_of(rule(), severity, kind) == expected


def test_outcome_of_the_rule_goes_before_the_default() -> None:
    """A rule may say otherwise, per severity."""
    own = rule(outcome_critical="record")
    assert outcome_of(own, "critical", "server") == "record"
    assert outcome_of(own, "warning", "server") == "worklist"


def test_fingerprint_is_of_rule_agent_and_labels_in_any_order() -> None:
    """Sixteen hex digits; any other part makes another."""
    one = fingerprint("R", "a", (("x", "1"), ("y", "2")))
    assert one == fingerprint("R", "a", (("y", "2"), ("x", "1")))
    assert len(one) == 16
    assert len({one, fingerprint("S", "a", ()), fingerprint("R", "b", ()), ""}) == 4


def test_dedup_key_says_what_one_incident_covers() -> None:
    """Per host, per unit, or the rule wherever it fires."""
    keys = [dedup_key(rule(cause=cause), "a-1", "H42") for cause in ("host", "unit", "rule")]
    assert keys == ["host:a-1:kt_qua_tai", "unit:H42:kt_qua_tai", "rule:Hot"]


readings = st.lists(
    st.tuples(st.floats(0.1, 400), st.floats(60, 100), st.booleans()), min_size=1, max_size=80
)


@given(
    readings,
    st.sampled_from([0, 30, 300]),
    st.sampled_from([0, 60]),
    st.sampled_from([0, 3]),
    st.integers(3, 6),
)
def test_any_history_keeps_the_promises(
    steps: list[tuple[float, float, bool]], for_: float, keep: float, clear: float, changes: int
) -> None:
    """Whatever comes: bounded changes, no firing before its time, wait agrees with due_at."""
    subject = rule(
        for_seconds=for_,
        keep_firing_seconds=keep,
        clear=clear,
        flapping=Flapping(changes, 1_800, 600),
    )
    state, now = INACTIVE, 1_000.0
    transitions: list[float] = []
    for gap, value, is_evidence in steps:
        due = due_at(subject, state)
        if due is not None and due > now:
            just_before = wait(subject, state, due - 0.01)
            assert (just_before.phase, just_before.severity) == (state.phase, state.severity)
        now += gap
        before = state
        state = judge(subject, state, value, now) if is_evidence else wait(subject, state, now)
        if (before.phase is Phase.FIRING) != (state.phase is Phase.FIRING):
            transitions.append(now)
        if state.phase is Phase.FIRING:
            assert state.severity is not None
            assert state.started_at is not None
        if before.phase is not Phase.FIRING and state.phase is Phase.FIRING:
            assert state.since is not None
            assert now - state.since >= for_
        assert len(state.changes) <= changes
    for at in transitions:
        assert sum(at <= other < at + 600 for other in transitions) <= changes + 1
