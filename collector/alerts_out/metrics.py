"""What `/metrics` says of telling Alertmanagers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from collector.alerts_out.telling import AlertsOut


class AlertsOutMetrics(Collector):
    """Reads the members at scrape time; their addresses are nowhere in it."""

    def __init__(self, out: AlertsOut) -> None:
        self._out = out

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        labels = ["alertmanager"]
        told = CounterMetricFamily(
            "wanwatch_alertmanager_alerts_total", "Alerts that an Alertmanager took.", labels=labels
        )
        failed = CounterMetricFamily(
            "wanwatch_alertmanager_failures_total",
            "Requests with alerts that did not reach an Alertmanager, or that it refused.",
            labels=[*labels, "reason"],
        )
        up = GaugeMetricFamily(
            "wanwatch_alertmanager_up", "Whether the last request was taken.", labels=labels
        )
        last = GaugeMetricFamily(
            "wanwatch_alertmanager_last_told_timestamp_seconds",
            "When an Alertmanager last took alerts.",
            labels=labels,
        )
        for one in self._out.members:
            told.add_metric([one.name], one.told)
            failed.add_metric([one.name, "unreached"], one.failed)
            failed.add_metric([one.name, "refused"], one.refused)
            up.add_metric([one.name], float(not one.error))
            if one.told_at is not None:
                last.add_metric([one.name], one.told_at.timestamp())
        yield from (told, failed, up, last)
        known = self._out.known or {}
        firing = sum(one.ends_at is None for one in known.values())
        yield GaugeMetricFamily(
            "wanwatch_alertmanager_firing_alerts", "Alerts that Alertmanagers are told.", firing
        )
