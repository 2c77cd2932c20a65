"""The board of incidents and terms: what is open, and how long each clock still has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board
from collector.dashboards.panels import Column, Query, Steps, curves, number, or_zero, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "incidents"
SEVERITIES = ("S1", "S2", "S3", "S4")
HOUR = 3_600


def build(words: Words) -> Dashboard:
    """Return the board."""
    groups = (
        ("now", _now(words)),
        ("clocks", _clocks(words)),
        ("course", _course(words)),
        ("month", _month(words)),
    )
    return board(words, KEY, groups, since="now-24h")


def _now(words: Words) -> list[Panel]:
    def terms(state: str) -> str:
        return or_zero(f'sum(wanwatch_incident_deadlines{{state="{state}"}})')

    return [
        *(
            number(words, f"incidents.{severity.lower()}",
                   or_zero(f'sum(wanwatch_incidents_open{{severity="{severity}"}})'),
                   ways.INCIDENTS, steps=Steps(1, 1) if severity in {"S1", "S2"} else None)
            for severity in SEVERITIES
        ),
        number(words, "incidents.overdue", terms("overdue"), ways.DUE, steps=Steps(1, 1)),
        number(words, "incidents.due_soon", terms("due_soon"), ways.DUE, steps=Steps(1, 5)),
    ]  # fmt: skip


def _clocks(words: Words) -> list[Panel]:
    names = ("incident", "deadline", "severity", "unit")
    left = "wanwatch_incident_deadline_timestamp_seconds - time()"
    of_incident = ("incident", "severity", "stage", "unit", "class")
    age = "time() - wanwatch_incident_detected_timestamp_seconds"
    return [
        table(words, "incidents.clocks",
              [(f"sort(min by ({', '.join(names)}) ({left}))",
                Column("left", "dtdurations", Steps(HOUR, 0)))],
              ways.ROW_INCIDENT, names=names, height=12),
        table(words, "incidents.open",
              [(f"sort_desc(max by ({', '.join(of_incident)}) ({age}))",
                Column("age", "dtdurations"))],
              ways.ROW_INCIDENT, names=of_incident, height=12),
    ]  # fmt: skip


def _course(words: Words) -> list[Panel]:
    by_severity = "sum by (severity) (wanwatch_incidents_open)"
    by_stage = "sum by (stage) (wanwatch_incidents_open)"
    return [
        curves(words, "incidents.by_severity", [Query(by_severity, "{{severity}}")],
               ways.INCIDENTS, stacked=True),
        curves(words, "incidents.by_stage", [Query(by_stage, "{{stage}}")], ways.INCIDENTS,
               stacked=True),
        curves(words, "incidents.terms",
               [Query("sum by (state) (wanwatch_incident_deadlines)", "{{state}}")], ways.DUE,
               stacked=True),
        curves(words, "incidents.late", [Query("sum by (kind) (wanwatch_overdue)", "{{kind}}")],
               ways.DUE),
        curves(words, "incidents.told",
               [Query("sum by (channel, status) (wanwatch_messages)", "{{channel}} {{status}}")],
               ways.ON_CALL),
        curves(words, "incidents.on_call",
               [Query("sum by (kind) (wanwatch_oncall_problems)", "{{kind}}")], ways.ON_CALL),
    ]  # fmt: skip


def _month(words: Words) -> list[Panel]:
    good, by = Steps(0.95, 0.80), "max by (unit, name, region)"
    named = "* on (unit) group_left (name, region) wanwatch_unit_info"
    return [
        table(words, "incidents.on_time",
              [("max by (deadline) (wanwatch_kpi_on_time_ratio)",
                Column("on_time", "percentunit", good))],
              ways.FIGURES, names=("deadline",)),
        table(words, "incidents.on_time_units",
              [(f"{by} (wanwatch_kpi_unit_on_time_ratio {named})",
                Column("on_time", "percentunit", good))],
              ways.ROW_UNIT, names=("unit", "name", "region")),
        curves(words, "incidents.acknowledge",
               [Query("max by (severity) (wanwatch_kpi_acknowledge_seconds)", "{{severity}}")],
               ways.FIGURES, unit="s"),
        curves(words, "incidents.restore",
               [Query("max by (severity) (wanwatch_kpi_restore_seconds)", "{{severity}}")],
               ways.FIGURES, unit="s"),
    ]  # fmt: skip
