"""Rules files: the shipped set is sound, and every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.rules.rule_checks import Known
from collector.rules.rulebook import SHIPPED, load_rulebook, read_rules
from collector.rules.rules import Outcome, Severity, outcome_of
from collector.rules.values import evaluate
from collector.wording import days_left
from incidents.procedure import load_procedure
from incidents.yaml_lines import InvalidDocument

ROOT = Path(__file__).parents[3]
NOW = 1_795_000_000.0
RULE = """
rules:
  - name: DiskHot
    value: last(disk_celsius)
    warning: {above: 50}
    class: kt_thiet_bi
    runbook: disk-hot
    summary: {vi: "Ổ {device} nóng {value}", en: "Disk {device} at {value}"}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        read_rules(text, file="rules/own.yaml", known=Known({"kt_thiet_bi"}))
    return [str(problem) for problem in caught.value.problems]


def write(directory: Path, text: str, name: str = "own.yaml") -> Path:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_shipped_rules_name_classes_of_the_shipped_procedure() -> None:
    """No rule raises an incident that the procedure cannot file."""
    file = ROOT / "incidents" / "procedures" / "vn-2026.yaml"
    procedure = load_procedure(file.read_text(encoding="utf-8"), file=file.name)
    for path in sorted(SHIPPED.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert read_rules(text, file=path.name, known=Known(procedure.classes))[0]


@pytest.mark.parametrize(
    ("name", "severity", "kind", "outcome"),
    [
        ("FilesystemAlmostFull", "critical", "server", "incident"),
        ("FilesystemAlmostFull", "warning", "server", "worklist"),
        ("FilesystemAlmostFull", "critical", "workstation", "worklist"),
        ("AgentSilent", "critical", "server", "incident"),
        ("AgentSilent", "critical", "workstation", "worklist"),
        ("CollectorDiskLow", "critical", "shared", "incident"),
        ("SamplesNotSent", "warning", "shared", "worklist"),
        ("RaidDiskFailed", "critical", "server", "incident"),
        ("RaidDiskFailed", "critical", "workstation", "worklist"),
        ("CertificateExpiring", "warning", "server", "worklist"),
        ("CertificateExpiring", "critical", "conference", "incident"),
        ("BatteryLow", "critical", "network", "incident"),
        ("HostRebooted", "warning", "server", "record"),
        ("UpsOnBattery", "warning", "network", "worklist"),
        ("UpsRuntimeShort", "critical", "network", "incident"),
        ("InterfaceLost", "warning", "network", "worklist"),
        ("PathProbeLoss", "critical", "network", "incident"),
        ("PathProbeDown", "warning", "shared", "worklist"),
        ("DeviceSnmpRefused", "warning", "conference", "worklist"),
        ("BridgePartFailed", "critical", "conference", "incident"),
    ],
)
def test_shipped_rules_have_the_outcomes_of_the_design(
    name: str, severity: Severity, kind: str, outcome: Outcome
) -> None:
    """Servers page, workstations and warnings go on a list."""
    rule = next(rule for rule in load_rulebook(None).rules if rule.name == name)
    assert outcome_of(rule, severity, kind) == outcome


def test_policy_adds_replaces_and_switches_off(tmp_path: Path) -> None:
    """A province changes what it needs and keeps the rest."""
    replaced = RULE.replace("DiskHot", "CpuHigh").replace("[]", "")
    write(tmp_path / "rules", RULE + "off: [SwapHigh]\n")
    write(tmp_path / "rules", replaced, "cpu.yaml")

    book = load_rulebook(tmp_path / "rules")
    names = {rule.name: rule for rule in book.rules}

    assert names["CpuHigh"].runbook == "disk-hot"
    assert "SwapHigh" not in names
    assert {"DiskHot", "MemoryHigh"} <= set(names)
    assert [rule.name for rule in book.by_metric["disk_celsius"]] == ["CpuHigh", "DiskHot"]


def test_revision_changes_with_the_rules_and_only_then(tmp_path: Path) -> None:
    """Each alert can say by which rules it was judged."""
    shipped = load_rulebook(None).revision
    assert load_rulebook(write(tmp_path / "empty", "rules: []\n")).revision == shipped
    first = load_rulebook(write(tmp_path / "one", RULE)).revision
    other = load_rulebook(write(tmp_path / "two", RULE.replace("50", "51"))).revision
    assert len({shipped, first, other}) == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("above: 50", "above: hot"), "rules/own.yaml:5: rules[0].warning.above"),
        (("above: 50", "over: 50"), "rules[0].warning.over"),
        (("above: 50", "above: 50, below: 5"), "exactly one of"),
        (("above: 50", "above: .nan"), "rules[0].warning.above"),
        (("warning: {above: 50}", "for: 5"), "rules[0].for"),
        (("warning: {above: 50}", "for: 5m"), "needs `warning`, `critical` or both"),
        (("{above: 50}", "{above: 50}\n    critical: {above: 40}"), "must lie beyond"),
        (("{above: 50}", "{above: 50}\n    critical: {below: 90}"), "must lie beyond"),
        (("last(disk_celsius)", "last(disk_celsius) * 2"), "rules/own.yaml:4: rules[0].value"),
        (("last(disk_celsius)", "avg(disk_celsius, 2h)"), "at most 60m"),
        (("class: kt_thiet_bi", "class: kt_gi_do"), "not a class of the procedure"),
        (("class: kt_thiet_bi", "class: kt_thiet_bi\n    where: {x: '=~ ('}"), "where.x"),
        (("class: kt_thiet_bi", "class: kt_thiet_bi\n    kinds: [toaster]"), "kinds"),
        (("class: kt_thiet_bi", "class: kt_thiet_bi\n    cause: moon"), "cause"),
        (("class: kt_thiet_bi", ""), "rules[0].class: is missing"),
        (("en: \"Disk {device} at {value}\"", "en: \"Disk\""), "same placeholders"),
        (("{device} nóng", "{device.x} nóng"), "braces"),
        (("name: DiskHot", "name: disk hot"), "rules[0].name"),
        (("runbook: disk-hot", "runbook: ../etc/passwd"), "rules[0].runbook"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_file_line_and_field(change: tuple[str, str], expected: str) -> None:
    """Each problem says where it is and what is allowed."""
    found = problems(RULE.replace(*change))
    assert any(expected in problem for problem in found), found


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    """One run of the check is enough; a name twice and an unknown one to switch off, too."""
    directory = tmp_path / "rules"
    write(directory, RULE.replace("last(", "first("), "a.yaml")
    write(directory, RULE + "off: [Nothing]\n", "b.yaml")
    write(directory, RULE, "c.yaml")
    write(directory, "rules: [", "d.yaml")
    (directory / "e.yaml").write_bytes(b"\xff\xfe")

    with pytest.raises(InvalidDocument) as caught:
        load_rulebook(directory)

    files = [problem.file for problem in caught.value.problems]
    assert files == [f"rules/{name}.yaml" for name in "abcde"]


def test_same_name_twice_in_a_file_is_a_mistake() -> None:
    """Which of the two would count?"""
    assert "already in line 3" in problems(RULE + RULE.replace("\nrules:\n", ""))[0]


@pytest.mark.parametrize(
    ("days", "severity", "words"),
    [(31, None, "31"), (30, "warning", "30"), (7.5, "warning", "7"), (7, "critical", "7"),
     (-1, "critical", "-1")],
)  # fmt: skip
def test_certificate_is_told_of_30_and_7_days_before(
    days: float, severity: str | None, words: str
) -> None:
    """A value equal to a limit has reached it; the sentence says how many days are left."""
    rule = next(rule for rule in load_rulebook(None).rules if rule.name == "CertificateExpiring")
    value = evaluate(rule.value, None, NOW + days * 86_400, None, NOW, NOW)
    assert value is not None
    assert rule.warning is not None
    assert rule.critical is not None
    reached = [
        name
        for name, limit in (("critical", rule.critical), ("warning", rule.warning))
        if limit.is_reached(value)
    ]
    assert (reached[0] if reached else None) == severity
    assert str(days_left(value)) == words


@pytest.mark.parametrize(("seconds", "is_reached"), [(899, False), (900, True)])
def test_queue_that_does_not_drain_is_an_alert(seconds: float, is_reached: bool) -> None:
    """Old reports wait while newer ones go past them; one that is long and drains is no alert."""
    rule = next(rule for rule in load_rulebook(None).rules if rule.name == "SpoolNotDraining")
    value = evaluate(rule.value, None, seconds, None, NOW, NOW)

    assert value is not None
    assert rule.warning is not None
    assert rule.warning.is_reached(value) is is_reached


def test_rules_of_a_busy_host_leave_workstations_alone() -> None:
    """A busy workstation is a person at work; a notebook on its battery is no fault."""
    spared = {rule.name for rule in load_rulebook(None).rules if not rule.applies_to("workstation")}
    assert {"CpuHigh", "SystemSaturated", "DiskSaturated", "OnBattery", "BatteryLow"} <= spared
    assert not spared & {"AgentSilent", "FilesystemAlmostFull", "RaidDiskFailed", "RebootRequired"}
