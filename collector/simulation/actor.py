"""A host in a rehearsal: when it is on, when it is worth watching closely, when to look again."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from collector.simulation import office

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.fleet import Host
    from collector.simulation.faults import Fault
    from collector.simulation.province import SimulatedHost

INTERVAL_SECONDS = 60
CALM_SECONDS = 3_600.0
BEFORE_SECONDS = 300.0
# A rule waits for an hour at most until it fires; a host that is back needs no watching so long.
AFTER_SECONDS, AFTER_SILENCE_SECONDS = 5_400.0, 900.0
SILENCING = frozenset({"link_cut", "power_off"})


class Span(NamedTuple):
    """From an instant to before another, in seconds from the first midnight."""

    start: float
    end: float


class Actor:
    """A host in the rehearsal: when it is on, and when it is worth watching closely."""

    def __init__(
        self,
        host: SimulatedHost,
        row: Host,
        faults: Sequence[Fault],
        *,
        days: int,
        calm_seconds: float,
    ) -> None:
        self.simulated, self.row, self.faults = host, row, faults
        self._calm_seconds = calm_seconds
        self._on = [Span(*span) for span in office.spans_on(host, days)]
        self._watched = _merged(
            Span(at - BEFORE_SECONDS, at + _after_seconds(fault))
            for fault in faults
            for at in (fault.at_seconds, fault.at_seconds + fault.duration_seconds)
        )
        edges = {edge for span in (*self._on, *self._watched) for edge in span}
        self._edges = sorted(edge for edge in edges if edge > 0)

    def is_on(self, at: float) -> bool:
        """Say whether somebody has switched it on."""
        return _is_in(self._on, at)

    def next_at(self, at: float) -> float:
        """Return when to look at it again."""
        place = bisect_right(self._edges, at)
        edge = self._edges[place] if place < len(self._edges) else float("inf")
        if _is_in(self._watched, at):
            return min(edge, at + INTERVAL_SECONDS)
        return min(edge, at + self._calm_seconds) if self.is_on(at) else edge


def _after_seconds(fault: Fault) -> float:
    return AFTER_SILENCE_SECONDS if fault.kind in SILENCING else AFTER_SECONDS


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _is_in(spans: Sequence[Span], at: float) -> bool:
    place = bisect_right(spans, at, key=lambda span: span.start)
    return place > 0 and at < spans[place - 1].end
