"""What Prometheus and Grafana are told to read, and whom to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.dashboards.board import SOURCE_NAME, SOURCE_UID

if TYPE_CHECKING:
    from collections.abc import Iterable

# The names that the programs have for one another in deploy/compose.yaml.
COLLECTOR, PROMETHEUS, ALERTMANAGER = "collector:8440", "prometheus:9090", "alertmanager:9093"
WEBHOOK_PATH = "/api/v1/webhooks/alertmanager"
SERVICE_TOKEN = "/run/secrets/metrics_token"  # noqa: S105 - a file name
ALERTS_TOKEN = "/run/secrets/alerts_token"  # noqa: S105 - a file name
FOLDERS = {"vi": "Giám sát mạng diện rộng", "en": "Wide-area network"}
MOST_ALERTS = 5000


def prometheus() -> dict[str, Any]:
    """Return the configuration of Prometheus.

    Late data lands: a host hands over up to a day when its line is back. Alerts go to the collector
    and to an Alertmanager, which tells the one thing that the collector cannot: that it is down.
    """
    token = {"credentials_file": SERVICE_TOKEN}
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "30s"},
        "storage": {"tsdb": {"out_of_order_time_window": "24h"}},
        "rule_files": ["rules/*.yaml"],
        "alerting": {
            "alertmanagers": [
                {
                    "static_configs": [{"targets": [COLLECTOR]}],
                    "authorization": {"credentials_file": ALERTS_TOKEN},
                },
                {"static_configs": [{"targets": [ALERTMANAGER]}]},
            ]
        },
        "scrape_configs": [
            {
                "job_name": "wanwatch",
                "authorization": token,
                "static_configs": [{"targets": [COLLECTOR]}],
            },
            {"job_name": "prometheus", "static_configs": [{"targets": ["localhost:9090"]}]},
        ],
    }


def data_sources() -> dict[str, Any]:
    """Return the data source that the boards refer to by its lasting name."""
    source = {
        "name": SOURCE_NAME,
        "uid": SOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": f"http://{PROMETHEUS}",
        "isDefault": True,
        "editable": False,
        "jsonData": {"httpMethod": "POST", "timeInterval": "15s", "prometheusType": "Prometheus"},
    }
    return {"apiVersion": 1, "datasources": [source]}


def folders(languages: Iterable[str]) -> dict[str, Any]:
    """Return one folder of boards for each language."""
    providers = [
        {
            "name": f"wanwatch-{language}",
            "orgId": 1,
            "folder": FOLDERS[language],
            "type": "file",
            "disableDeletion": True,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 60,
            "options": {"path": f"/etc/wanwatch/dashboards/{language}"},
        }
        for language in languages
    ]
    return {"apiVersion": 1, "providers": providers}


def contact() -> dict[str, Any]:
    """Return the contact point that hands Grafana's own alerts to the collector.

    Grafana reads the token from a file.
    """
    settings = {
        "url": f"http://{COLLECTOR}{WEBHOOK_PATH}",
        "httpMethod": "POST",
        "authorization_scheme": "Bearer",
        "authorization_credentials": f"$__file{{{ALERTS_TOKEN}}}",
        "maxAlerts": str(MOST_ALERTS),
    }
    receiver = {
        "uid": "wanwatch-webhook",
        "type": "webhook",
        "settings": settings,
        "disableResolveMessage": False,
    }
    policy = {
        "orgId": 1,
        "receiver": "wanwatch",
        "group_by": ["grafana_folder", "alertname"],
        "group_wait": "10s",
        "group_interval": "1m",
        "repeat_interval": "1h",
    }
    return {
        "apiVersion": 1,
        "contactPoints": [{"orgId": 1, "name": "wanwatch", "receivers": [receiver]}],
        "policies": [policy],
    }
