"""What an alert is here: by its labels, by the routes of `alerts.yaml`, and by who says it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from collector.alerts_in.alert import OutsideAlert, labels_of
from collector.alerts_in.meaning import Thing, firing
from collector.alerts_in.routes_file import Known, read_outside
from collector.alerts_in.sources import Source
from collector.metrics.own import OUTSIDE_DOWN, OUTSIDE_FIRES
from incidents.yaml_lines import InvalidDocument

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PROM = Source("prom")
FILE = """
default: {class: khac}
routes:
  - name: lines
    matchers: ['alertname=~"Link.*|.*Down"']
    class: kt_duong_truyen
    unreachable: true
    routes:
      - {matchers: [kind=backup], severity: warning}
  - {matchers: [team=db], continue: true, class: kt_qua_tai, runbook: cpu-busy}
  - {matchers: ['severity=page'], impact: I1}
  - matchers: [job=backup]
    group_by: [alertname, cluster]
    summary: {vi: "Sao lưu lỗi trên {cluster}", en: "Backup failed on {cluster}"}
  - {matchers: [job=known], cause: rule, outcome: record, unit: H42.02}
"""


class Inventory:
    """Two units, two hosts of one name, one workstation, one target."""

    own_unit = "H42"
    hosts = (
        Thing("k1", "H42.01", "db01"), Thing("k2", "H42.02", "db01"),
        Thing("k3", "H42.01", "pc7", "workstation"),
    )  # fmt: skip

    def has_unit(self, code: str) -> bool:
        return code in ("H42", "H42.01", "H42.02")

    def unit_name(self, code: str) -> str:
        return f"Xã {code}"

    def host(self, unit: str, name: str) -> Thing | None:
        found = [h for h in self.hosts if h.host == name and unit in ("", h.unit)]
        return found[0] if len(found) == 1 else None

    def target(self, name: str) -> Thing | None:
        return Thing("target:rt", "H42.02", "Router", "network") if name == "rt" else None


def said(source: Source = PROM, annotations: Any = None, **labels: str) -> Any:
    given = labels_of({"alertname": "A", **labels})
    alert = OutsideAlert(given, labels_of(annotations or {}), NOW, NOW, NOW)
    return firing(alert, source, read_outside(FILE), Inventory(), NOW)


@pytest.mark.parametrize(
    ("labels", "about"),
    [
        ({}, ("unit:H42", "H42", "")),
        ({"unit": "H42.01"}, ("unit:H42.01", "H42.01", "")),
        ({"unit": "nowhere"}, ("unit:H42", "H42", "")),
        ({"ma_dinh_danh": "H42.02", "host": "db01"}, ("k2", "H42.02", "db01")),
        ({"host": "db01"}, ("unit:H42", "H42", "db01")),
        ({"instance": "pc7:9182"}, ("k3", "H42.01", "pc7")),
        ({"instance": "[fd00::1]:9100", "unit": "H42.01"}, ("unit:H42.01", "H42.01", "fd00::1")),
        ({"target": "rt", "unit": "H42.01"}, ("target:rt", "H42.02", "Router")),
    ],
)
def test_labels_say_what_it_is_about(labels: dict[str, str], about: tuple[str, str, str]) -> None:
    """An enrolled host, a target, a unit; what is not known hangs under a unit."""
    found = said(**labels)
    assert (found.agent, found.unit, found.host) == about


def test_source_of_a_unit_speaks_of_that_unit_alone() -> None:
    """Whatever its labels say."""
    source = Source("prom", "H42.01")
    assert said(source, unit="H42.02", host="db01").agent == "k1"
    assert said(source, target="rt").agent == "unit:H42.01"


@pytest.mark.parametrize(
    ("labels", "severity", "outcome"),
    [
        ({"severity": "critical"}, "critical", "incident"),
        ({"severity": "PAGE", "instance": "pc7"}, "critical", "worklist"),
        ({"severity": "info"}, "warning", "record"),
        ({}, "warning", "worklist"),
        ({"alertname": "LinkDown", "kind": "backup", "severity": "critical"}, "warning",
         "worklist"),
        ({"job": "known", "severity": "critical"}, "critical", "record"),
    ],
)  # fmt: skip
def test_severity_and_outcome(labels: dict[str, str], severity: str, outcome: str) -> None:
    """By the label, unless a route says it."""
    found = said(**labels)
    assert (found.severity, found.outcome) == (severity, outcome)


def test_routes_say_the_rest() -> None:
    """A child what it names, its parents the rest; one that goes on is overruled by later ones."""
    link = said(alertname="LinkDown", kind="backup")
    assert (link.class_code, link.metric) == ("kt_duong_truyen", OUTSIDE_DOWN)
    both = said(team="db", severity="page")
    assert (both.class_code, both.runbook, both.impact) == ("kt_qua_tai", "cpu-busy", "I1")
    assert both.metric == OUTSIDE_FIRES
    backup = said(job="backup", cluster="c1", annotations={"summary": "x"})
    assert (backup.summary_vi, backup.summary_en) == (
        "Sao lưu lỗi trên c1", "Backup failed on c1"
    )  # fmt: skip
    assert backup.dedup_key == said(job="backup", cluster="c1", instance="y").dedup_key
    assert backup.dedup_key != said(job="backup", cluster="c2").dedup_key
    assert said(job="known").dedup_key == "rule:A"
    assert said(host="db01", unit="H42.01").dedup_key == "host:k1:khac"


def test_summary_is_what_the_annotations_say() -> None:
    """One line, and never nothing."""
    assert said(annotations={"summary": "a\n b"}).summary_vi == "a b"
    two = said(annotations={"summary_vi": "đầy", "summary": "full"})
    assert (two.summary_vi, two.summary_en) == ("đầy", "full")
    assert said(unit="H42.01").summary_vi == "A: Xã H42.01"
    assert len(said(annotations={"summary": "x" * 9_000}).summary_vi) == 500


@pytest.mark.parametrize(
    ("text", "line", "field", "why"),
    [
        ("routes:\n  - {matchers: ['a=~\"(x+)+\"']}", 2, "routes[0].matchers[0]", "repetition"),
        ("routes:\n  - {matchers: ['nothing']}", 2, "routes[0].matchers[0]", "no matcher"),
        ("routes:\n  - {class: khac}", 2, "routes[0]", "matchers"),
        ("default:\n  class: nope", 2, "default.class", "not a class"),
        ("default:\n  runbook: nix", 2, "default.runbook", "runbook"),
        ("default:\n  unit: X", 2, "default.unit", "unit"),
        ("default:\n  group_by: [a, a]", 2, "default.group_by", "twice"),
        ("default:\n  group_by: ['...', a]", 2, "default.group_by", "alone"),
        ("default:\n  group_by: [a]\n  cause: rule", 3, "default.cause", "enough"),
        ("resolve_timeout: 1s", 1, "resolve_timeout", "between"),
        ("defaults: {}", 1, "defaults", "known field"),
    ],
)
def test_mistake_is_named_by_file_line_and_field(
    text: str, line: int, field: str, why: str
) -> None:
    """As `wanwatch check-config` prints it."""
    known = Known(classes={"khac"}, runbooks={"cpu-busy"}, units={"H42"})
    with pytest.raises(InvalidDocument) as error:
        read_outside(text, known=known)
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.field) == ("alerts.yaml", line, field)
    assert why in problem.message_en
