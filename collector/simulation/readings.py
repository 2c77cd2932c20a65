"""What a simulated host reports at an instant, as the door hands it on: no bytes, no signature."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from collector.simulation.behaviour import series, values
from collector.wire import WireReport, WireSamples

if TYPE_CHECKING:
    from collector.fleet import Host
    from collector.simulation.effects import Effect
    from collector.simulation.province import SimulatedHost


def report_of(host: SimulatedHost, row: Host, at: float, effect: Effect) -> WireReport:
    """Return the report; `at` is Unix seconds, true time."""
    names, labels = _columns(host.kind)
    sent_at = at + effect.clock_ahead_seconds
    found = tuple(values(host, at, effect))
    samples = WireSamples(names, labels, found, (sent_at,) * len(found))
    return WireReport(
        agent=row.agent,
        boot="simulated",
        seq=0,
        oldest=0,
        state="",
        sent_at=sent_at,
        samples=samples,
        events=[],
        sections={},
        layout=row.layouts.layout_of(samples),
    )


@cache
def _columns(kind: str) -> tuple[tuple[str, ...], tuple[msgspec.Raw, ...]]:
    found = series(kind)
    labels = (json.dumps(s.labels, separators=(",", ":")).encode() for s in found)
    return tuple(s.name for s in found), tuple(map(msgspec.Raw, labels))
