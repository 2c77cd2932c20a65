"""The board of the whole fleet: who is heard, which units are worst, where it is tight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board
from collector.dashboards.panels import Column, Query, Steps, curves, number, or_zero, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "fleet"
NAMED = "* on (unit) group_left (name, region) wanwatch_unit_info"
NAMES = ("unit", "name", "region")
HEARD = Steps(yellow=0.98, red=0.90)


def build(words: Words) -> Dashboard:
    """Return the board."""
    groups = (
        ("now", _now(words)),
        ("units", _units(words)),
        ("load", _load(words)),
        ("month", _month(words)),
    )
    return board(words, KEY, groups)


def _now(words: Words) -> list[Panel]:
    critical = or_zero('sum(wanwatch_alerts{state="firing",severity="critical"})')
    return [
        number(words, "fleet.expected", "count(wanwatch_agent_up)", ways.UNITS),
        number(words, "fleet.heard", "sum(wanwatch_agent_up)", ways.UNITS),
        number(words, "fleet.silent", "sum(wanwatch_agent_up == bool 0)", ways.UNITS,
               steps=Steps(1, 10)),
        number(words, "fleet.coverage", "avg(wanwatch_agent_up)", ways.FIGURES,
               unit="percentunit", steps=HEARD),
        number(words, "fleet.critical", critical, ways.ALERTS, steps=Steps(1, 10)),
        number(words, "fleet.incidents", or_zero("sum(wanwatch_incidents_open)"),
               ways.INCIDENTS, steps=Steps(1, 10)),
    ]  # fmt: skip


def _units(words: Words) -> list[Panel]:
    by = f"by ({', '.join(NAMES)})"
    regions = (
        "avg by (region) (wanwatch_agent_up * on (unit) group_left (region) wanwatch_unit_info)"
    )
    return [
        table(
            words,
            "fleet.units",
            [
                (f"avg {by} (wanwatch_agent_up {NAMED})", Column("heard", "percentunit", HEARD)),
                (f"sum {by} ((1 - wanwatch_agent_up) {NAMED})", Column("silent", "none")),
                (f"count {by} (wanwatch_agent_up {NAMED})", Column("expected", "none")),
            ],
            ways.ROW_UNIT,
            names=NAMES,
            height=12,
        ),
        curves(words, "fleet.regions", [Query(regions, "{{region}}")], ways.UNITS,
               unit="percentunit", most=1),
        curves(words, "fleet.alerts",
               [Query('sum by (severity) (wanwatch_alerts{state="firing"})', "{{severity}}")],
               ways.ALERTS, stacked=True),
        curves(words, "fleet.states",
               [Query("sum by (state) (wanwatch_agents)", "{{state}}")], ways.UNITS, stacked=True),
        curves(words, "fleet.sessions",
               [Query("sum by (stage) (wanwatch_sessions)", "{{stage}}")], ways.SESSIONS,
               stacked=True),
    ]  # fmt: skip


def _load(words: Words) -> list[Panel]:
    idle = 'rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval])'
    free = "node_filesystem_avail_bytes / node_filesystem_size_bytes"
    left = "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"
    traffic = 'rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval])'
    of_host = "{{host}} ({{unit}})"
    return [
        curves(words, "fleet.cpu",
               [Query(f"topk(10, 1 - avg by (unit, host) ({idle}))", of_host)],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "fleet.memory",
               [Query(f"topk(10, max by (unit, host) (1 - {left}))", of_host)],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "fleet.disk",
               [Query(f"topk(10, max by (unit, host, mountpoint) (1 - {free}))",
                      "{{host}} {{mountpoint}} ({{unit}})")],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "fleet.traffic",
               [Query(f"topk(10, sum by (unit) ({traffic}))", "{{unit}}")],
               ways.UNIT, unit="Bps"),
    ]  # fmt: skip


def _month(words: Words) -> list[Panel]:
    by = f"max by ({', '.join(NAMES)})"
    return [
        table(
            words,
            "fleet.month",
            [
                (f"{by} (wanwatch_kpi_unit_availability_ratio {NAMED})",
                 Column("availability", "percentunit", Steps(0.999, 0.99))),
                (f"{by} (wanwatch_kpi_coverage_ratio {NAMED})",
                 Column("coverage", "percentunit", Steps(0.98, 0.90))),
            ],
            ways.ROW_UNIT,
            names=NAMES,
            width=24,
        ),
    ]  # fmt: skip
