"""Rules of conference devices, paths and services: what is at a threshold, and on which kinds."""

from __future__ import annotations

import pytest

from collector.rules.rulebook import load_rulebook
from collector.rules.rules import (
    INACTIVE,
    Outcome,
    Phase,
    Severity,
    judge,
    level_of,
    outcome_of,
    wait,
)
from collector.rules.values import evaluate

RULES = {rule.name: rule for rule in load_rulebook(None).rules}
NOW = 1_795_000_000.0
DAY = 86_400


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("CallLossReceiving", 0.0049, None),
        ("CallLossReceiving", 0.005, "warning"),
        ("CallLossReceiving", 0.01, "critical"),
        ("CallUnusable", 0.0299, None),
        ("CallUnusable", 0.03, "critical"),
        ("CallJitterHigh", 0.02, "warning"),
        ("CallJitterHigh", 0.035, "critical"),
        ("CallLatencyHigh", 0.15, "warning"),
        ("CallLatencyHigh", 0.25, "critical"),
        ("CallRoundTripHigh", 0.29, None),
        ("EndpointRestarted", 601, None),
        ("EndpointRestarted", 600, "warning"),
        ("EndpointUnreachable", 1, None),
        ("EndpointUnreachable", 0, "critical"),
        ("PathBurst", 0.05, "warning"),
        ("PathLossForward", 0.01, "critical"),
        ("PathMtuLow", 1_200, None),
        ("PathMtuLow", 1_196, "warning"),
        ("DeviceClockAhead", -2, None),
        ("DeviceClockBehind", -1, "critical"),
        ("HttpServiceFailed", 200, None),
        ("HttpServiceFailed", 404, "warning"),
        ("HttpServiceFailed", 503, "critical"),
        ("DnsAnswerWrong", 2, None),
        ("DnsAnswerWrong", 8, "critical"),
    ],
)
def test_a_value_at_its_threshold_has_reached_it(
    name: str, value: float, severity: Severity | None
) -> None:
    """As docs/rules.md says, for each limit that somebody may argue about."""
    assert level_of(RULES[name], value, None) == severity


@pytest.mark.parametrize(
    ("height", "best", "severity"),
    [(1080, 1080, None), (720, 1080, "warning"), (360, 720, "critical"), (360, 1080, "critical")],
)
def test_a_picture_that_became_smaller_is_told(
    height: float, best: float, severity: Severity | None
) -> None:
    """Against the best that this very call has had."""
    rule = RULES["CallPictureSmall"]
    value = evaluate(rule.value, None, height, best, NOW, NOW)
    assert value is not None
    assert level_of(rule, value, None) == severity


@pytest.mark.parametrize(("days", "severity"), [(31, None), (29, "warning"), (6, "critical")])
def test_a_certificate_is_told_in_time(days: float, severity: Severity | None) -> None:
    """Thirty and seven days before it ends."""
    rule = RULES["TlsCertificateExpiring"]
    value = evaluate(rule.value, None, NOW + days * DAY, None, NOW, NOW)
    assert value is not None
    assert level_of(rule, value, None) == severity


def test_one_bad_poll_of_a_call_is_no_alert() -> None:
    """Loss must last a minute; a second poll that is fine takes it back."""
    rule = RULES["CallLossReceiving"]
    state = judge(rule, INACTIVE, 0.02, NOW)
    assert state.phase is Phase.PENDING
    assert judge(rule, state, 0.0, NOW + 10).phase is Phase.INACTIVE
    assert wait(rule, state, NOW + 60).phase is Phase.FIRING


def test_one_bad_sample_of_a_path_is_no_alert() -> None:
    """Sampled every five minutes: the next one is waited for, and late by a little at that."""
    rule = RULES["PathLossForward"]
    state = judge(rule, INACTIVE, 0.02, NOW)
    assert wait(rule, state, NOW + 320).phase is Phase.PENDING
    assert judge(rule, state, 0.0, NOW + 320).phase is Phase.INACTIVE
    again = judge(rule, state, 0.02, NOW + 320)
    assert wait(rule, again, NOW + 360).phase is Phase.FIRING


@pytest.mark.parametrize(
    ("name", "label", "value", "is_judged"),
    [
        ("EndpointMicrophoneLost", "kind", "microphone", True),
        ("EndpointMicrophoneLost", "kind", "camera", False),
        ("EndpointPartLost", "kind", "touch_panel", True),
        ("EndpointPartLost", "kind", "display", False),
        ("EndpointUnreachable", "probe", "cisco_xapi", True),
        ("EndpointUnreachable", "probe", "stamp", False),
        ("PathSilent", "probe", "stamp", True),
        ("ServiceUnreachable", "probe", "http", True),
        ("ServiceUnreachable", "probe", "stamp", False),
        ("CallPictureSmall", "media", "content", False),
    ],
)
def test_a_rule_judges_its_own_series(
    name: str, label: str, value: str, *, is_judged: bool
) -> None:
    """No part of a device is judged by two rules, and no path by a device's."""
    assert all(one.matches({label: value}) for one in RULES[name].where) is is_judged


@pytest.mark.parametrize(
    ("name", "severity", "kind", "outcome"),
    [
        ("EndpointUnreachable", "critical", "conference", "incident"),
        ("CallLossReceiving", "warning", "conference", "worklist"),
        ("CallLossReceiving", "critical", "conference", "incident"),
        ("EndpointRestarted", "warning", "conference", "record"),
        ("PathLossReverse", "critical", "network", "incident"),
        ("PathBurst", "warning", "network", "worklist"),
        ("HttpContentWrong", "critical", "shared", "incident"),
    ],
)
def test_their_outcomes_are_those_of_the_design(
    name: str, severity: Severity, kind: str, outcome: Outcome
) -> None:
    """Critical on conference, network and shared systems becomes an incident."""
    assert RULES[name].applies_to(kind)
    assert outcome_of(RULES[name], severity, kind) == outcome


@pytest.mark.parametrize("name", ["EndpointUnreachable", "PathLossForward", "ServiceUnreachable"])
def test_hosts_with_an_agent_are_not_judged_by_them(name: str) -> None:
    """Servers and workstations have rules of their own."""
    assert not RULES[name].applies_to("server")
    assert not RULES[name].applies_to("workstation")
