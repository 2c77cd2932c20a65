"""What `/metrics` says of the samples of outside sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.samples_in.door import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from collector.samples_in.door import SamplesDoor
    from collector.source_tokens import SourceBook


class SourceMetrics(Collector):
    """Reads the door and the book at scrape time; a source that is revoked is shown no more."""

    def __init__(self, door: SamplesDoor, book: SourceBook) -> None:
        self._door, self._book = door, book

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        names = [one.name for one in self._book.all if "samples" in one.kinds]
        text = "Requests of outside sources at the door for samples."
        requests = CounterMetricFamily(
            "wanwatch_source_requests", text, labels=["source", "result"]
        )
        for name in names:
            for result in RESULTS:
                requests.add_metric([name, result], self._door.requests[name, result])
        yield requests
        text = "Samples of outside sources: taken, or why they were not."
        samples = CounterMetricFamily("wanwatch_source_samples", text, labels=["source", "result"])
        for (name, why), count in sorted(self._door.samples.items()):
            if name in names:
                samples.add_metric([name, why], count)
        yield samples
        text = "Outside sources whose token is good, by what they may bring."
        sources = GaugeMetricFamily("wanwatch_sources", text, labels=["kind"])
        for kind in ("samples", "alerts", "metrics"):
            sources.add_metric([kind], sum(kind in one.kinds for one in self._book.all))
        yield sources
