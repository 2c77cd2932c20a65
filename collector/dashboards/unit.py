"""The board of one unit: its hosts, its incidents, what is measured of its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board, unit_choice
from collector.dashboards.panels import (
    YES,
    Column,
    Query,
    Steps,
    curves,
    number,
    or_zero,
    states,
    table,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "unit"
HERE = 'unit="$unit"'
UP = f"wanwatch_agent_up{{{HERE}}}"


def build(words: Words) -> Dashboard:
    """Return the board."""
    groups = (
        ("now", _now(words)),
        ("hosts", _hosts(words)),
        ("load", _load(words)),
        ("measured", _measured(words)),
    )
    return board(words, KEY, groups, [unit_choice(words)], incidents=HERE)


def _now(words: Words) -> list[Panel]:
    incidents = or_zero(f"count(wanwatch_incident_detected_timestamp_seconds{{{HERE}}})")
    available = f"max(wanwatch_kpi_unit_availability_ratio{{{HERE}}})"
    return [
        number(words, "unit.expected", f"count({UP})", ways.CHOSEN_UNIT, width=6),
        number(words, "unit.silent", f"sum({UP} == bool 0)", ways.CHOSEN_UNIT,
               steps=Steps(1, 3), width=6),
        number(words, "unit.incidents", incidents, ways.CHOSEN_UNIT, steps=Steps(1, 3), width=6),
        number(words, "unit.availability", available, ways.CHOSEN_UNIT, unit="percentunit",
               steps=Steps(0.999, 0.99), width=6),
    ]  # fmt: skip


def _hosts(words: Words) -> list[Panel]:
    seen = f"time() - wanwatch_agent_last_seen_timestamp_seconds{{{HERE}}}"
    age = f"time() - wanwatch_incident_detected_timestamp_seconds{{{HERE}}}"
    return [
        states(words, "unit.heard", [Query(f"max by (host) ({UP})", "{{host}}")], ways.CHOSEN_UNIT),
        table(
            words, "unit.hosts",
            [(f"max by (host) ({UP})", Column("heard", "bool_yes_no", YES)),
             (f"min by (host) ({seen})", Column("seen", "s", Steps(60, 300)))],
            ways.ROW_HOST, names=("host",),
        ),
        table(
            words, "unit.open",
            [(f"max by (incident, severity, stage, class) ({age})", Column("age", "s"))],
            ways.ROW_INCIDENT, names=("incident", "severity", "stage", "class"),
        ),
    ]  # fmt: skip


def _load(words: Words) -> list[Panel]:
    idle = f'rate(node_cpu_seconds_total{{{HERE},mode="idle"}}[$__rate_interval])'
    left = f"node_memory_MemAvailable_bytes{{{HERE}}} / node_memory_MemTotal_bytes{{{HERE}}}"
    free = f"node_filesystem_avail_bytes{{{HERE}}} / node_filesystem_size_bytes{{{HERE}}}"
    way = f'{HERE},device!="lo"'
    received = f"rate(node_network_receive_bytes_total{{{way}}}[$__rate_interval])"
    sent = f"rate(node_network_transmit_bytes_total{{{way}}}[$__rate_interval])"
    return [
        curves(words, "unit.cpu", [Query(f"1 - avg by (host) ({idle})", "{{host}}")],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "unit.memory", [Query(f"max by (host) (1 - {left})", "{{host}}")],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "unit.disk",
               [Query(f"max by (host, mountpoint) (1 - {free})",
                      "{{host}} {{mountpoint}}")],
               ways.HOST, unit="percentunit", most=1),
        curves(words, "unit.traffic",
               [Query(f"sum({received})", words("legend.received")),
                Query(f"sum({sent})", words("legend.sent"))],
               ways.CHOSEN_UNIT, unit="Bps"),
    ]  # fmt: skip


def _measured(words: Words) -> list[Panel]:
    alive = f"min by (target) (wanwatch_probe_alive{{{HERE}}})"
    lost = f"max by (target, direction) (wanwatch_stamp_direction_lost_ratio{{{HERE}}})"
    seconds = f"max by (target, probe) (wanwatch_probe_answer_seconds{{{HERE}}})"
    return [
        states(words, "unit.targets", [Query(alive, "{{target}}")], ways.TARGET),
        curves(words, "unit.lost", [Query(lost, "{{target}} {{direction}}")], ways.TARGET,
               unit="percentunit", steps=Steps(0.005, 0.01)),
        curves(words, "unit.answers", [Query(seconds, "{{target}} {{probe}}")], ways.TARGET,
               unit="s"),
    ]  # fmt: skip
