"""The rules as files that Prometheus and promtool read, and as routes of our own alerts.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.dashboards import alerts_hosts, alerts_service, recordings
from collector.dashboards.rule import Alert, Group, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.dashboards.rule import Series
    from collector.dashboards.words import Words

RECORDED: tuple[Group, ...] = recordings.GROUPS
ALERTS: tuple[Group, ...] = (*alerts_service.GROUPS, *alerts_hosts.GROUPS)
CONSOLE_METRIC = "wanwatch_console_info"
# The console says itself where it is; without it the path alone stands there.
CONSOLE = f'{{{{ with query "{CONSOLE_METRIC}" }}}}{{{{ . | first | label "url" }}}}{{{{ end }}}}'
TEST_CONSOLE = "https://wanwatch.example.vn"


def recorded_file() -> dict[str, Any]:
    """Return the file of recording rules."""
    return {"groups": [_recorded(group) for group in RECORDED]}


def alerts_file(vi: Words, en: Words) -> dict[str, Any]:
    """Return the file of alerting rules, with sentences in both languages."""
    groups = [
        {"name": group.name, "rules": [_alert(rule, vi, en) for rule in alerts_of(group)]}
        for group in ALERTS
    ]
    return {"groups": groups}


def recorded_tests() -> dict[str, Any]:
    """Return promtool's tests of the recording rules."""
    rules = [rule for group in RECORDED for rule in group.rules if isinstance(rule, Recording)]
    return _tests("recorded.yaml", [_recorded_test(rule) for rule in rules])


def alert_tests(vi: Words, en: Words) -> dict[str, Any]:
    """Return promtool's tests of the alerts: one that fires and one that does not for each."""
    found = []
    for rule in all_alerts():
        found.append(_alert_test(rule, rule.given, [_fired(rule, vi, en)]))
        found.append(_alert_test(rule, rule.calm, []))
    return _tests("alerts.yaml", found)


def routes_file() -> dict[str, Any]:
    """Return the routes by which the collector knows class and runbook of each alert."""
    return {
        "routes": [
            {
                "matchers": [f'alertname="{rule.name}"'],
                "class": rule.class_code,
                "runbook": rule.runbook,
            }
            for rule in all_alerts()
        ]
    }


def all_alerts() -> Iterator[Alert]:
    """Yield every alert."""
    for group in ALERTS:
        yield from alerts_of(group)


def alerts_of(group: Group) -> Iterator[Alert]:
    """Yield the alerts of a group."""
    for rule in group.rules:
        if isinstance(rule, Alert):
            yield rule


def _recorded(group: Group) -> dict[str, Any]:
    rules = [{"record": rule.name, "expr": rule.expr} for rule in group.rules]
    return {"name": group.name, "rules": rules}


def _alert(rule: Alert, vi: Words, en: Words) -> dict[str, Any]:
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": rule.lasting,
        "labels": rule.own_labels,
        "annotations": {
            "summary": rule.template(vi(f"alert.{rule.name}")),
            "summary_en": rule.template(en(f"alert.{rule.name}")),
            "value": rule.template("{value}"),
            "runbook_url": f"{CONSOLE}/runbooks/{rule.runbook}",
        },
    }


def _fired(rule: Alert, vi: Words, en: Words) -> dict[str, Any]:
    return {
        "exp_labels": {**rule.labels, **rule.own_labels},
        "exp_annotations": {
            "summary": rule.expected(vi(f"alert.{rule.name}")),
            "summary_en": rule.expected(en(f"alert.{rule.name}")),
            "value": rule.said,
            "runbook_url": f"{TEST_CONSOLE}/runbooks/{rule.runbook}",
        },
    }


def _alert_test(rule: Alert, given: tuple[Series, ...], fired: list[Any]) -> dict[str, Any]:
    console = {"series": f'{CONSOLE_METRIC}{{url="{TEST_CONSOLE}"}}', "values": "1x600"}
    return {
        "name": f"{rule.name} {'fires' if fired else 'does not fire'}",
        "interval": "1m",
        "input_series": [console, *_inputs(given)],
        "alert_rule_test": [
            {"eval_time": rule.at, "alertname": rule.name, "exp_alerts": fired},
        ],
    }


def _recorded_test(rule: Recording) -> dict[str, Any]:
    labels = ", ".join(f'{name}="{value}"' for name, value in sorted(rule.labels.items()))
    return {
        "name": rule.name,
        "interval": "1m",
        "input_series": _inputs(rule.given),
        "promql_expr_test": [
            {
                "expr": rule.name,
                "eval_time": rule.at,
                "exp_samples": [{"labels": f"{rule.name}{{{labels}}}", "value": rule.value}],
            }
        ],
    }


def _inputs(series: tuple[Series, ...]) -> list[dict[str, str]]:
    return [{"series": one.name, "values": one.values} for one in series]


def _tests(rule_file: str, tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rule_files": [f"../rules/{rule_file}"],
        "evaluation_interval": "1m",
        "tests": tests,
    }
