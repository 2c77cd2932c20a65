"""What one receiver was told of every host lately, so that what goes away can be said to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.forward.gone import HostMemory
from collector.forward.layouts import Layouts
from collector.wire import WireSamples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.forward.gone import Gone
    from collector.forward.layouts import Layout


class ReceiverMemory:
    """The hosts as one receiver knows them; used by its thread alone.

    Args:
        more: Labels that every series to this receiver gets.
    """

    def __init__(self, more: Mapping[str, str]) -> None:
        self._layouts = Layouts(more)
        self._hosts: dict[str, HostMemory] = {}

    def note(self, agent: str, samples: WireSamples, newest_ms: int, heard_ms: int) -> Layout:
        """Take a report with samples, and return how it is laid out."""
        host = self._hosts.get(agent)
        if host is None:
            host = self._hosts[agent] = HostMemory()
        layout = self._layouts.of(samples, host.layouts)
        host.note(layout, newest_ms, heard_ms)
        return layout

    def sweep(self, now_ms: int) -> Iterator[tuple[str, list[Gone]]]:
        """Yield by host what has gone by an instant of the stream."""
        for agent, host in list(self._hosts.items()):
            gone = list(host.sweep(now_ms))
            if host.is_empty:
                del self._hosts[agent]
            if gone:
                yield agent, gone

    @staticmethod
    def wanted(samples: WireSamples, prefixes: tuple[str, ...]) -> WireSamples:
        """Return the samples whose name begins with one of these; all for none."""
        if not prefixes:
            return samples
        rows = [row for row in samples.rows() if row.name.startswith(prefixes)]
        return WireSamples(*zip(*rows, strict=True)) if rows else WireSamples()
