"""Time that work waited for processor, memory and disks. Source: /proc/pressure, psi.rst."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

# `some`: at least one task waited; `full`: all of them did. As node_exporter names them.
METRICS = {
    ("cpu", "some"): "node_pressure_cpu_waiting_seconds_total",
    ("io", "some"): "node_pressure_io_waiting_seconds_total",
    ("io", "full"): "node_pressure_io_stalled_seconds_total",
    ("memory", "some"): "node_pressure_memory_waiting_seconds_total",
    ("memory", "full"): "node_pressure_memory_stalled_seconds_total",
    ("irq", "full"): "node_pressure_irq_stalled_seconds_total",
}
RESOURCES = ("cpu", "io", "memory", "irq")
LINE = re.compile(r"(some|full) .*\btotal=(\d+)")
MICROSECONDS_PER_SECOND = 1e6

Pressure = dict[str, float]  # seconds by metric


def parse_pressure(resource: str, text: str) -> Pressure:
    """Return the seconds since boot by metric.

    Raises:
        SourceError: A line has no total.
    """
    found = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            raise SourceError(f"/proc/pressure/{resource}: no total in {line[:80]!r}")
        if (resource, match[1]) in METRICS:
            found[METRICS[resource, match[1]]] = int(match[2]) / MICROSECONDS_PER_SECOND
    return found


def read(host: HostSource) -> Pressure:
    """Read what this kernel counts; absent before Linux 4.20, where it is off, and elsewhere."""
    if not host.is_linux:
        raise NoData("a thing of Linux")
    found: Pressure = {}
    for resource in RESOURCES:
        try:
            text = host.proc_text(f"pressure/{resource}")
        except SourceError:
            continue  # no file, or `psi=0`: the kernel answers that it does not count
        found |= parse_pressure(resource, text)
    if not found:
        raise NoData("this kernel counts no pressure")
    return found


def evaluate(now: Pressure, before: Pressure | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the seconds."""
    for name, value in now.items():
        yield Observation(name, {}, value)


CHECK = Check(
    "pressure", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=6
)
