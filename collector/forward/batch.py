"""Reports → one request: every sample with its labels and its own instant, in time order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cramjam

from collector.forward.proto import DOUBLE_BYTES, STALE, double, sample_head, size, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.forward.gone import Gone
    from collector.forward.labels import Holder, Template
    from collector.forward.layouts import Layout
    from collector.wire import WireSamples


class Batch:
    """Samples that go into one request.

    Attributes:
        samples: How many values. `markers`: how many series it says have gone.
    """

    def __init__(self) -> None:
        self._series: list[tuple[int, bytes]] = []
        self._last_ms = 0
        self._is_in_order = True
        self.samples = self.markers = 0

    def __len__(self) -> int:
        return len(self._series)

    def add(
        self,
        samples: WireSamples,
        layout: Layout,
        offset_seconds: float,
        holder_of: Callable[[str], Holder],
    ) -> None:
        """Add a report.

        Args:
            offset_seconds: What brings an instant of the agent's clock to ours.
            holder_of: Whose the series of a target are; the empty name: the host's own.
        """
        own, series = holder_of(""), self._series
        instant, millis, head, at = -1.0, 0, b"", b""
        for one, value, when in zip(
            layout.templates, samples.values, samples.instants, strict=True
        ):
            if when != instant:
                instant, millis = when, max(0, round((when + offset_seconds) * 1000))
                at = timestamp(millis)
                head = sample_head(at)
                self._note(millis)
            holder = holder_of(one.target) if one.target else own
            series.append((millis, _series(one, holder, head, double(value), at)))
        self.samples += len(layout.templates)

    def mark(self, gone: Iterable[Gone], holder_of: Callable[[str], Holder]) -> None:
        """Say that series of a host have gone."""
        for one in gone:
            self._note(one.at_ms)
            at, holder = timestamp(one.at_ms), holder_of(one.template.target)
            entry = _series(one.template, holder, sample_head(at), STALE, at)
            self._series.append((one.at_ms, entry))
            self.markers += 1

    def body(self) -> bytes:
        """Return the request: the samples of each series in the order of their instants."""
        if not self._is_in_order:
            self._series.sort(key=lambda item: item[0])
        packed = cramjam.snappy.compress_raw(b"".join([one for _, one in self._series]))
        return bytes(packed)

    def _note(self, millis: int) -> None:
        self._is_in_order &= millis >= self._last_ms
        self._last_ms = millis


def _series(one: Template, holder: Holder, head: bytes, value: bytes, at: bytes) -> bytes:
    """Return one series of a request; a single join, because this is done for every sample.

    Source: protobuf's encoding: field 1 of the request, its length, then the labels by name.
    """
    first, second, third, last = one.parts
    host, instance, unit, labels_bytes = holder
    length = one.length + labels_bytes + len(head) + DOUBLE_BYTES + len(at)
    return b"".join(
        (b"\x0a", size(length), first, host, second, instance, third, unit, last, head, value, at)
    )
