"""Rules of Prometheus as they are shipped: a runbook, a class and words for each alert."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.dashboards.rule_files import ALERTS, RECORDED, all_alerts, routes_file
from collector.dashboards.words import LANGUAGES, Words
from collector.library import load_library
from collector.rules.rulebook import load_rulebook
from incidents.procedure import load_procedure

if TYPE_CHECKING:
    from collector.dashboards.rule import Alert

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "grafana.md").read_text(encoding="utf-8")
LIBRARY = load_library(None)
EACH = pytest.mark.parametrize("rule", list(all_alerts()), ids=lambda rule: rule.name)
WORDS = [Words(language) for language in LANGUAGES]


def classes() -> set[str]:
    """Return the codes of the shipped procedure."""
    file = ROOT / "incidents" / "procedures" / "vn-2026.yaml"
    return set(load_procedure(file.read_text(encoding="utf-8"), file=file.name).classes)


@EACH
def test_alert_leads_to_a_runbook_and_is_of_a_class(rule: Alert) -> None:
    """What to do about it is shipped; the incident that it becomes is of a class that exists."""
    assert LIBRARY.get(rule.runbook) is not None
    assert rule.class_code in classes()


@EACH
def test_alert_says_what_it_knows(rule: Alert) -> None:
    """Its sentences name the value or labels that the alert has, the same in both languages."""
    named = [set(re.findall(r"\{(\w+)\}", words(f"alert.{rule.name}"))) for words in WORDS]
    assert named[0] == named[1] <= {"value", *rule.labels}
    assert rule.given != rule.calm


@EACH
def test_alert_is_explained(rule: Alert) -> None:
    """It has its row in docs/grafana.md, with limit, time and runbook."""
    row = f"| `{rule.name}` | {rule.severity} | `{rule.limit}` for {rule.lasting} | "
    row += f"`{rule.runbook}` |"
    assert row in DOCUMENT, row


def test_names_are_used_once_and_not_by_our_own_rules() -> None:
    """An alert that comes back through the Alertmanager door is never taken for one of ours."""
    names = [rule.name for group in (*ALERTS, *RECORDED) for rule in group.rules]
    assert len(set(names)) == len(names)
    assert {rule.name for rule in load_rulebook(None).rules}.isdisjoint(names)
    recorded = [rule.name for group in RECORDED for rule in group.rules]
    assert all(re.fullmatch(r"[a-z_]+:[a-z0-9_]+:[a-z0-9_]+", name) for name in recorded)


def test_routes_name_every_alert() -> None:
    """The example of alerts.yaml gives each its class and its runbook."""
    matched = [route["matchers"] for route in routes_file()["routes"]]
    assert matched == [[f'alertname="{rule.name}"'] for rule in all_alerts()]
