"""Rules of a session that goes on: tighter than their own, never milder, and only for its time."""

from __future__ import annotations

import pytest

from collector.rules.rulebook import load_rulebook, read_rules
from collector.rules.rules import Threshold
from incidents.yaml_lines import InvalidDocument

TEXT = """
rules:
  - name: PathLoss
    value: last(wanwatch_stamp_lost_ratio)
    warning: {{above: 0.005}}
    critical: {{above: 0.01}}
    for: 6m
    in_session: {tight}
    class: kt_duong_truyen
    runbook: path-quality
    summary: {{vi: Mất gói, en: Loss}}
"""


@pytest.mark.parametrize(
    ("tight", "expected"),
    [
        ("{for: 30s}", (30.0, 0.005, 0.01)),
        ("{for: 30s, critical: {above: 0.005}}", (30.0, None, 0.005)),
        ("{for: 1m, warning: {above: 0.002}, critical: {above: 0.008}}", (60.0, 0.002, 0.008)),
        ("{}", (0.0, 0.005, 0.01)),
    ],
)
def test_what_is_left_out_is_the_rules_own(
    tight: str, expected: tuple[float, float | None, float]
) -> None:
    """A warning that does not lie before the critical value any more is none."""
    (rule,), _ = read_rules(TEXT.format(tight=tight), file="rules/x.yaml")
    found = rule.tight
    warning = None if found.warning is None else found.warning.limit
    assert found.critical is not None
    assert (found.for_seconds, warning, found.critical.limit) == expected
    assert rule.for_seconds == 360
    assert found.tight is found


def test_a_milder_one_is_refused() -> None:
    """With its line and field."""
    with pytest.raises(InvalidDocument, match="must not be milder"):
        read_rules(TEXT.format(tight="{critical: {above: 0.02}}"), file="rules/x.yaml")


def test_shipped_rules_are_sooner_and_no_milder() -> None:
    """Each that has a form for sessions."""
    tight = [rule for rule in load_rulebook(None).rules if rule.in_session is not None]
    assert len(tight) > 10
    for rule in tight:
        assert rule.tight.for_seconds < rule.for_seconds, rule.name
        own, of_session = rule.critical or rule.warning, rule.tight.critical
        assert isinstance(own, Threshold)
        assert of_session is not None
        is_milder = of_session.limit > own.limit if own.is_upper else of_session.limit < own.limit
        assert not is_milder, rule.name
