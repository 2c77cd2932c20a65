"""The board of the service itself: does it hear, judge, tell, and keep up?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board
from collector.dashboards.panels import YES, Query, Steps, curves, number

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "service"
RATE = "[$__rate_interval]"
TO = ways.SERVICES
JOB = 'job="wanwatch"'


def build(words: Words) -> Dashboard:
    """Return the board."""
    groups = (
        ("now", _now(words)),
        ("reports", _reports(words)),
        ("turns", _turns(words)),
        ("messages", _messages(words)),
        ("samples", _samples(words)),
        ("alerts", _alerts(words)),
    )
    return board(words, KEY, groups)


def _now(words: Words) -> list[Panel]:
    return [
        number(words, "service.up", f"min(up{{{JOB}}})", TO, unit="bool_yes_no", steps=YES),
        number(words, "service.lag", "max(wanwatch_loop_lag_seconds)", TO, unit="s",
               steps=Steps(0.1, 0.25)),
        number(words, "service.waiting", "max(wanwatch_reports_waiting)", TO,
               steps=Steps(1_000, 10_000)),
        number(words, "service.behind", "max(wanwatch_journal_behind)", TO,
               steps=Steps(1_000, 10_000)),
        number(words, "service.disk", "min(wanwatch_data_free_ratio)", TO, unit="percentunit",
               steps=Steps(0.2, 0.1)),
        number(words, "service.stuck", "sum(wanwatch_stuck)", TO, steps=Steps(1, 1)),
    ]  # fmt: skip


def _reports(words: Words) -> list[Panel]:
    return [
        curves(words, "service.reports",
               [Query(f"sum by (result) (rate(wanwatch_reports_total{RATE}) > 0)", "{{result}}")],
               TO, unit="reqps", stacked=True),
        curves(words, "service.lost",
               [Query("sum(increase(wanwatch_reports_lost_total[1h]))", words("legend.lost")),
                Query("sum(increase(wanwatch_reports_late_total[1h]))", words("legend.late")),
                Query("sum(increase(wanwatch_series_refused_total[1h]))", words("legend.series"))],
               TO),
        curves(words, "service.connections",
               [Query("max(wanwatch_connections)", words("legend.open")),
                Query("max(wanwatch_connections_strangers)", words("legend.strangers"))], TO),
        curves(words, "service.backlog",
               [Query("max(wanwatch_agents_behind)", words("legend.agents")),
                Query("max(wanwatch_backlog_granted_per_second)", words("legend.granted"))], TO),
    ]  # fmt: skip


def _turns(words: Words) -> list[Panel]:
    scrape = f"max(scrape_duration_seconds{{{JOB}}})"
    return [
        curves(words, "service.turn",
               [Query("max(wanwatch_turn_seconds)", words("legend.turn")),
                Query("max(wanwatch_loop_lag_seconds)", words("legend.lag")),
                Query(scrape, words("legend.scrape"))], TO, unit="s"),
        curves(words, "service.journal",
               [Query("max(wanwatch_journal_bytes)", words("legend.size"))], TO, unit="bytes"),
        curves(words, "service.queues",
               [Query("max(wanwatch_journal_depth)", words("legend.depth")),
                Query("max(wanwatch_journal_behind)", words("legend.behind")),
                Query("max(wanwatch_alert_changes_waiting)", words("legend.changes"))], TO),
        curves(words, "service.damage",
               [Query("max(wanwatch_journal_damaged)", words("legend.damaged")),
                Query("max(wanwatch_journal_failures)", words("legend.failures"))], TO),
    ]  # fmt: skip


def _messages(words: Words) -> list[Panel]:
    return [
        curves(words, "service.messages",
               [Query("sum by (status) (wanwatch_messages)", "{{status}}")], ways.ON_CALL),
        curves(words, "service.stuck_kinds",
               [Query("max by (kind) (wanwatch_stuck)", "{{kind}}")], TO, most=1),
        curves(words, "service.repeated",
               [Query("max(wanwatch_messages_repeated_total)", words("legend.repeated"))],
               ways.ON_CALL),
    ]  # fmt: skip


def _samples(words: Words) -> list[Panel]:
    of_receiver, metric = "{{receiver}}", "wanwatch_remote_write"
    dropped = f"sum by (receiver, reason) (increase({metric}_dropped_total[1h]))"
    return [
        curves(words, "service.samples",
               [Query(f"sum by (receiver) (rate({metric}_samples_total{RATE}))", of_receiver)], TO),
        curves(words, "service.samples_lag",
               [Query(f"max by (receiver) ({metric}_lag_seconds)", of_receiver)], TO, unit="s"),
        curves(words, "service.samples_queue",
               [Query(f"max by (receiver) ({metric}_queue_bytes)", of_receiver)], TO,
               unit="bytes"),
        curves(words, "service.samples_dropped", [Query(dropped, "{{receiver}} {{reason}}")], TO),
        curves(words, "service.sources",
               [Query(f"sum by (source, result) (rate(wanwatch_source_requests_total{RATE}))",
                      "{{source}} {{result}}")], TO, unit="reqps"),
    ]  # fmt: skip


def _alerts(words: Words) -> list[Panel]:
    taken = "sum by (result) (rate(wanwatch_outside_requests_total[5m]))"
    told = "sum by (alertmanager) (rate(wanwatch_alertmanager_alerts_total[5m]))"
    failed = "sum by (alertmanager, reason) (increase(wanwatch_alertmanager_failures_total[1h]))"
    return [
        curves(words, "service.outside",
               [Query("sum by (source) (wanwatch_outside_firing_alerts)", "{{source}}")],
               ways.ALERTS, stacked=True),
        curves(words, "service.outside_requests", [Query(taken, "{{result}}")], ways.ALERTS,
               unit="reqps"),
        curves(words, "service.told",
               [Query(told, "{{alertmanager}}"),
                Query("max(wanwatch_alertmanager_firing_alerts)", words("legend.firing"))], TO),
        curves(words, "service.not_told", [Query(failed, "{{alertmanager}} {{reason}}")], TO),
    ]  # fmt: skip
