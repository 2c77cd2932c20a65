"""The board of security: who is refused, keys, certificates, patches, changed devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board
from collector.dashboards.panels import Column, Query, Steps, curves, number, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "security"
RATE = "[$__rate_interval]"
DAY = 86_400


def build(words: Words) -> Dashboard:
    """Return the board."""
    groups = (
        ("now", _now(words)),
        ("door", _door(words)),
        ("certificates", _certificates(words)),
        ("upkeep", _upkeep(words)),
    )
    return board(words, KEY, groups, since="now-24h")


def _now(words: Words) -> list[Panel]:
    waits = "sum(wanwatch_updates_pending_security_packages > bool 0)"
    soon = f"sum(wanwatch_certificate_expiry_timestamp_seconds - time() < bool {30 * DAY})"
    return [
        number(words, "security.pending", "max(wanwatch_agents_pending)", ways.DIRECTORY,
               steps=Steps(1, 20)),
        number(words, "security.quarantined", "max(wanwatch_agents_quarantined)", ways.DIRECTORY,
               steps=Steps(1, 1)),
        number(words, "security.unknown", "max(wanwatch_agents_unknown)", ways.DIRECTORY,
               steps=Steps(1, 20)),
        number(words, "security.unpatched", waits, ways.WORKLIST, steps=Steps(1, 50)),
        number(words, "security.reboots", "sum(wanwatch_reboot_required)", ways.WORKLIST,
               steps=Steps(1, 100)),
        number(words, "security.expiring", soon, ways.WORKLIST, steps=Steps(1, 5)),
    ]  # fmt: skip


def _door(words: Words) -> list[Panel]:
    closed = "wanwatch_connections_closed_total"
    refused = 'wanwatch_reports_total{result!~"accepted|duplicate"}'
    return [
        curves(words, "security.refused",
               [Query(f"sum by (result) (rate({refused}{RATE}))", "{{result}}")], ways.DIRECTORY,
               unit="reqps"),
        curves(words, "security.enrolments",
               [Query("sum by (result) (increase(wanwatch_enrolments_total[1h]))", "{{result}}")],
               ways.DIRECTORY),
        curves(words, "security.closed",
               [Query(f"sum by (reason) (rate({closed}{RATE}))", "{{reason}}")],
               ways.DIRECTORY, unit="cps"),
        curves(words, "security.snmp",
               [Query("sum by (target, reason) (increase(wanwatch_device_snmp_refused_total[1h]))",
                      "{{target}} {{reason}}")], ways.TARGET),
    ]  # fmt: skip


def _certificates(words: Words) -> list[Panel]:
    left = Column("left", "dtdurations", Steps(30 * DAY, 7 * DAY))
    of_hosts, of_targets = ("unit", "host", "subject"), ("unit", "target")
    hosts = "wanwatch_certificate_expiry_timestamp_seconds - time()"
    targets = "wanwatch_tls_expiry_timestamp_seconds - time()"
    return [
        table(words, "security.host_certificates",
              [(f"sort(min by ({', '.join(of_hosts)}) ({hosts}))", left)],
              ways.ROW_UNIT, names=of_hosts),
        table(words, "security.target_certificates",
              [(f"sort(min by ({', '.join(of_targets)}) ({targets}))", left)],
              ways.ROW_TARGET, names=of_targets),
    ]  # fmt: skip


def _upkeep(words: Words) -> list[Panel]:
    changed = "sum by (target) (increase(wanwatch_device_config_changes_total[24h]))"
    lists = 'max by (unit) (wanwatch_updates_age_seconds{kind="packages"})'
    return [
        curves(words, "security.patches",
               [Query("sum by (unit) (wanwatch_updates_pending_security_packages)", "{{unit}}")],
               ways.UNIT),
        curves(words, "security.reboots_by_unit",
               [Query("sum by (unit) (wanwatch_reboot_required)", "{{unit}}")], ways.UNIT),
        curves(words, "security.installed", [Query(lists, "{{unit}}")], ways.UNIT,
               unit="s"),
        curves(words, "security.changed", [Query(changed, "{{target}}")], ways.TARGET),
    ]  # fmt: skip
