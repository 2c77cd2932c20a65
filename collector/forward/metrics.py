"""What `/metrics` says of the receivers of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from prometheus_client import Metric

    from collector.forward.forwarding import Forwarding
    from collector.stream.journal import Journal

PREFIX = "wanwatch_remote_write"
_COUNTERS = (
    ("samples", "samples", "Samples that the receiver took."),
    ("stale_markers", "markers", "Series that the receiver was told have gone."),
    ("bytes", "bytes", "Bytes of requests that the receiver took, as sent."),
    ("retries", "retries", "Requests that were not taken and are sent again."),
)
# What is dropped, and in what it is counted.
_DROPPED = (
    ("refused", "dropped_refused"),
    ("unknown_host", "dropped_unknown"),
    ("unreadable", "dropped_unreadable"),
)


class ForwardMetrics(Collector):
    """Reads the senders at scrape time."""

    def __init__(
        self, forwarding: Forwarding, journal: Journal, *, now: Callable[[], datetime]
    ) -> None:
        self._senders, self._journal, self._now = forwarding.senders, journal, now

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        for name, key, text in _COUNTERS:
            counter = CounterMetricFamily(f"{PREFIX}_{name}", text, labels=["receiver"])
            for one in self._senders:
                counter.add_metric([one.name], one.counts[key])
            yield counter
        yield from self._requests()
        yield from self._gauges()

    def _requests(self) -> Iterator[Metric]:
        text = "Requests that came to an end."
        requests = CounterMetricFamily(f"{PREFIX}_requests", text, labels=["receiver", "result"])
        text = "Dropped: samples of requests that were refused, or reports that cannot be sent on."
        dropped = CounterMetricFamily(f"{PREFIX}_dropped", text, labels=["receiver", "reason"])
        text = "Reports that left the journal before the receiver took them."
        lost = CounterMetricFamily(f"{PREFIX}_reports_lost", text, labels=["receiver"])
        for one in self._senders:
            for result in ("taken", "refused"):
                requests.add_metric([one.name, result], one.counts[result])
            for reason, key in _DROPPED:
                dropped.add_metric([one.name, reason], one.counts[key])
            lost.add_metric([one.name], one.lost)
        yield from (requests, dropped, lost)

    def _gauges(self) -> Iterator[Metric]:
        now, end = self._now(), self._journal.end
        for name, text, value_of in (
            ("lag_seconds", "How long the receiver has not taken what there is for it.",
             lambda one: one.lag_seconds(now)),
            ("queue_bytes", "Bytes of the journal that the receiver does not have.",
             lambda one: float(self._journal.bytes_after(one.sent))),
            ("queue_reports", "Reports of the journal that the receiver does not have.",
             lambda one: float(max(0, end.number - one.sent.number))),
            ("failing", "Whether the last request was not taken.",
             lambda one: float(bool(one.why))),
        ):  # fmt: skip
            gauge = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=["receiver"])
            for one in self._senders:
                gauge.add_metric([one.name], value_of(one))
            yield gauge
        text = "When the receiver last took a request; absent before the first."
        taken = GaugeMetricFamily(f"{PREFIX}_taken_timestamp_seconds", text, labels=["receiver"])
        for one in self._senders:
            if one.taken_at is not None:
                taken.add_metric([one.name], one.taken_at.timestamp())
        yield taken
