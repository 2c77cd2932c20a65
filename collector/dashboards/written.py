"""All that `make dashboards` writes: path below the repository → its content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from collector.dashboards import (
    configuration,
    endpoint,
    fleet,
    host,
    incidents,
    rule_files,
    security,
    service,
    session,
    unit,
)
from collector.dashboards.words import LANGUAGES, Words

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

BOARDS = (fleet, unit, host, session, endpoint, incidents, security, service)
HEAD = "# Written by `make dashboards` from collector/dashboards: edit it there.\n"


class _Plain(yaml.SafeDumper):
    """Repeats what stands twice instead of pointing at it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class names it
        return True


def files() -> dict[str, str]:
    """Return every file."""
    vi, en = Words("vi"), Words("en")
    found = {
        f"deploy/grafana/dashboards/{words.language}/{module.KEY}.json": as_json(
            module.build(words)
        )
        for words in (vi, en)
        for module in BOARDS
    }
    documents = {
        "deploy/prometheus/prometheus.yml": configuration.prometheus(),
        "deploy/prometheus/rules/recorded.yaml": rule_files.recorded_file(),
        "deploy/prometheus/rules/alerts.yaml": rule_files.alerts_file(vi, en),
        "deploy/prometheus/tests/recorded.yaml": rule_files.recorded_tests(),
        "deploy/prometheus/tests/alerts.yaml": rule_files.alert_tests(vi, en),
        "deploy/policy/alerts.yaml": rule_files.routes_file(),
        "deploy/grafana/provisioning/datasources/wanwatch.yaml": configuration.data_sources(),
        "deploy/grafana/provisioning/dashboards/wanwatch.yaml": configuration.folders(LANGUAGES),
        "deploy/grafana/provisioning/alerting/wanwatch.yaml": configuration.contact(),
    }
    return found | {path: as_yaml(document) for path, document in documents.items()}


def as_json(dashboard: Dashboard) -> str:
    """Return a board as Grafana imports it."""
    return json.dumps(dashboard, cls=JSONEncoder, ensure_ascii=False, indent=1) + "\n"


def as_yaml(document: dict[str, Any]) -> str:
    """Return a document with the hint where it is made."""
    return HEAD + yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)
