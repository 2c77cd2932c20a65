"""What `/metrics` says of alerts from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.alerts_in.door import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from collector.alerts_in import Outside


class OutsideMetrics(Collector):
    """Reads the door and the book at scrape time."""

    def __init__(self, outside: Outside) -> None:
        self._book, self._door = outside.book, outside.door

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        requests = CounterMetricFamily(
            "wanwatch_outside_requests_total",
            "Requests with alerts from outside, by how they ended.",
            labels=["result"],
        )
        for result in RESULTS:
            requests.add_metric([result], self._door.results[result])
        yield requests
        counts = {
            "wanwatch_outside_alerts_total": (
                "Alerts from outside that were taken.", self._door.alerts,
            ),
            "wanwatch_outside_invalid_alerts_total": (
                "Alerts from outside that were none and were not taken.", self._door.invalid,
            ),
            "wanwatch_outside_truncated_alerts_total": (
                "Alerts that senders of notifications left out.", self._door.truncated,
            ),
            "wanwatch_outside_ends_unseen_total": (
                "Ends of alerts that were never said to fire.", self._book.ended_unseen,
            ),
        }  # fmt: skip
        for name, (text, value) in counts.items():
            yield CounterMetricFamily(name, text, value=value)
        yield GaugeMetricFamily(
            "wanwatch_outside_waiting_alerts",
            "Alerts from outside that are durable and not judged yet.",
            value=self._door.waiting,
        )
        firing = GaugeMetricFamily(
            "wanwatch_outside_firing_alerts", "Alerts from outside that fire.", labels=["source"]
        )
        for source, count in sorted(self._book.firing_by_source().items()):
            firing.add_metric([source], count)
        yield firing
