"""docs/rules.md is complete: every shipped rule is a row as it is, every field is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from collector.metrics.own import OWN_METRICS
from collector.rules.rule_file import HostKind, RulePart
from collector.rules.rulebook import SHIPPED, load_rulebook

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
RULES = [
    (path.name, rule)
    for path in sorted(SHIPPED.glob("*.yaml"))
    for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
]

KINDS = set(get_args(HostKind))


def limit_of(limit: dict[str, float] | None) -> str:
    return "–" if not limit else " ".join(f"{side} {number:g}" for side, number in limit.items())


def kinds_of(kinds: list[str]) -> str:
    if not kinds:
        return "all"
    return "no workstation" if set(kinds) == KINDS - {"workstation"} else ", ".join(kinds)


def outcome_of(outcome: dict[str, str]) -> str:
    return ", ".join(f"{severity}: {what}" for severity, what in outcome.items()) or "by kind"


def row_of(file: str, rule: dict[str, object]) -> str:
    """The row of a rule."""
    cells = (
        f"`{rule['name']}`",
        f"`{rule['value']}`",
        limit_of(rule.get("warning")),  # type: ignore[arg-type]
        limit_of(rule.get("critical")),  # type: ignore[arg-type]
        str(rule.get("for", "–")),
        kinds_of(rule.get("kinds", [])),  # type: ignore[arg-type]
        outcome_of(rule.get("outcome", {})),  # type: ignore[arg-type]
        f"`{rule['class']}`",
        f"`{rule['runbook']}`",
    )
    return "| " + " | ".join(cells) + " |"


@pytest.mark.parametrize(("file", "rule"), RULES, ids=[str(rule["name"]) for _, rule in RULES])
def test_shipped_rule_is_in_the_table(file: str, rule: dict[str, object]) -> None:
    """A rule that changes, changes here too: copy the row from the failure."""
    assert row_of(file, rule) in DOCUMENT.splitlines()


def test_table_has_no_rule_that_is_not_shipped() -> None:
    """A row without a rule promises what nobody watches."""
    named = set(re.findall(r"^\| `([A-Z]\w+)` \| `\w+\(", DOCUMENT, flags=re.MULTILINE))
    assert named == {rule["name"] for _, rule in RULES}


@pytest.mark.parametrize("field", [f.alias or name for name, f in RulePart.model_fields.items()])
def test_field_of_a_rule_is_explained(field: str) -> None:
    """Each field has its row."""
    assert re.search(rf"^\| `{field}` \|", DOCUMENT, flags=re.MULTILINE)


def test_shipped_rules_look_only_at_metrics_that_somebody_sends() -> None:
    """A rule for a metric that does not exist watches nothing."""
    files = [ROOT / "docs" / name for name in ("checks.md", "probes.md", "snmp.md")]
    documented = "".join(file.read_text(encoding="utf-8") for file in files)
    sent = set(re.findall(r"`((?:node|wanwatch)_\w+)", documented)) | OWN_METRICS
    assert set(load_rulebook(None).by_metric) - sent == set()
