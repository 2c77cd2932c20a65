"""The relay's own metrics, made when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import Metric

    from collector.relay.incoming import Inbox
    from collector.relay.keeper import Keeper
    from collector.relay.outgoing import Outgoing


class RelayMetrics(Collector):
    """Reads the parts of a running relay."""

    def __init__(self, keeper: Keeper, outgoing: Outgoing, inbox: Inbox) -> None:
        self._keeper, self._outgoing, self._inbox = keeper, outgoing, inbox

    def collect(self) -> Iterator[Metric]:
        """Return what is known now."""
        keeper, state = self._keeper, self._keeper.state
        yield _gauge("modem_ready", "Whether a message can leave (1) or not (0).", keeper.is_ready)
        registered = state.registration.is_registered
        yield _gauge("modem_registered", "Whether the SIM is registered.", registered)
        if state.signal.dbm is not None:
            yield _gauge("modem_signal_dbm", "Strength of the signal.", state.signal.dbm)
        if state.space.total >= 0:
            yield _gauge("modem_store_used", "Messages in the modem's store.", state.space.used)
            yield _gauge("modem_store_size", "Messages that the store holds.", state.space.total)
        yield _counter("modem_starts", "How often the modem was opened.", {"": keeper.opened})
        yield _counter(
            "messages", "Messages by what became of them.", self._outgoing.counted, label="result"
        )
        yield _counter("message_parts", "Parts taken.", {"": self._outgoing.parts_sent})
        yield _counter(
            "calls", "Calls by what became of them.", self._outgoing.calls, label="result"
        )
        yield _counter(
            "incoming", "What came in, by what became of it.", self._inbox.counted, label="outcome"
        )
        yield _gauge("incoming_waiting", "Texts that wait for the collector.", self._inbox.waiting)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"wanwatch_relay_{name}", words, value=float(value))


def _counter(
    name: str, words: str, values: Mapping[str, int], *, label: str = ""
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"wanwatch_relay_{name}", words, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family
