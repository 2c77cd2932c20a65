"""Which alerts of node_exporter's mixin are native here and which belong to Prometheus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collector.rules.rulebook import load_rulebook

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
ROW = re.compile(r"^\| `(Node\w+)` \| (native|Prometheus) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
RULES = {rule.name: rule for rule in load_rulebook(None).rules}
# Source: node_exporter, docs/node-mixin/alerts.
MIXIN = {
    *("NodeFilesystemSpaceFillingUp", "NodeFilesystemAlmostOutOfSpace"),
    *("NodeFilesystemFilesFillingUp", "NodeFilesystemAlmostOutOfFiles"),
    *("NodeNetworkReceiveErrs", "NodeNetworkTransmitErrs", "NodeHighNumberConntrackEntriesUsed"),
    *("NodeTextFileCollectorScrapeError", "NodeClockSkewDetected", "NodeClockNotSynchronising"),
    *("NodeRAIDDegraded", "NodeRAIDDiskFailure", "NodeFileDescriptorLimit", "NodeCPUHighUsage"),
    *("NodeSystemSaturation", "NodeMemoryMajorPagesFaults", "NodeMemoryHighUtilization"),
    *("NodeDiskIOSaturation", "NodeSystemdServiceFailed", "NodeSystemdServiceCrashlooping"),
    "NodeBondingDegraded",
}
# Limits that are the mixin's own: rule → limit of warning, of critical, seconds that it holds.
SAME: dict[str, tuple[float, float | None, float]] = {
    "FileDescriptorsHigh": (0.70, 0.90, 900),
    "CpuHigh": (0.90, None, 900),
    "SystemSaturated": (2, None, 900),
    "MajorPageFaults": (500, None, 900),
    "DiskSaturated": (10, None, 1800),
    "ClockAhead": (0.05, 1, 600),
    "ClockNotSynchronised": (16, None, 600),
}


def test_every_alert_of_the_mixin_has_its_place() -> None:
    """Nothing that node_exporter's users rely on is left unsaid; the run prints the list."""
    for alert, where, rules, difference in ROWS:
        print(f"{where:10} {alert:36} {rules} {difference}")
    assert {alert for alert, *_ in ROWS} == MIXIN
    assert len(ROWS) == len(MIXIN)


def test_native_alert_names_rules_that_are_shipped() -> None:
    """A promise of the table is a rule; what belongs to Prometheus names none."""
    for alert, where, rules, _ in ROWS:
        named = re.findall(r"`(\w+)`", rules)
        assert bool(named) == (where == "native"), alert
        assert set(named) <= set(RULES), alert


@pytest.mark.parametrize("name", SAME)
def test_native_rule_has_the_limits_of_the_mixin(name: str) -> None:
    """Where no difference is noted, there is none."""
    rule, (warning, critical, seconds) = RULES[name], SAME[name]
    assert rule.warning is not None
    assert rule.warning.limit == warning
    assert (rule.critical.limit if rule.critical else None) == critical
    assert rule.for_seconds == seconds
