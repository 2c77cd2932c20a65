"""Figures that our own agent reports and other programs leave to be computed: shares of what is
used, from counters and sizes of one instant.

What belongs to an instant may come in several requests: it is put together until a sample of a
later one is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.check import ratio
from agents.checks.cpu import used_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.checks.cpu import Times

Labels = tuple[tuple[str, str], ...]
CPU = "node_cpu_seconds_total"
_TOTALS = {
    "node_memory_MemTotal_bytes": ("node_memory_MemAvailable_bytes", "wanwatch_memory_used_ratio"),
    "node_memory_SwapTotal_bytes": ("node_memory_SwapFree_bytes", "wanwatch_swap_used_ratio"),
}
_FILESYSTEM = "node_filesystem_"
_INPUTS = frozenset({
    CPU, "node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes",
    "node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes", "node_filesystem_size_bytes",
    "node_filesystem_free_bytes", "node_filesystem_avail_bytes", "node_filesystem_files",
    "node_filesystem_files_free", "node_md_disks", "node_md_disks_required",
})  # fmt: skip


class Derived(NamedTuple):
    """A sample that follows from others of its instant, in milliseconds."""

    name: str
    labels: Labels
    value: float
    at_ms: int


def is_input(name: str) -> bool:
    """Say whether figures follow from a metric."""
    return name in _INPUTS


class HostFigures:
    """What one host said of the instant that is being put together."""

    __slots__ = ("_at_ms", "_cpu", "_cpu_before", "_values")

    def __init__(self) -> None:
        self._at_ms = 0
        self._cpu: dict[Labels, dict[str, Times]] = {}
        self._cpu_before: dict[Labels, dict[str, Times]] = {}
        self._values: dict[tuple[str, Labels], float] = {}

    def note(self, name: str, labels: Labels, value: float, at_ms: int) -> list[Derived]:
        """Take an input; return what follows from the instant before when this is a later one."""
        if at_ms < self._at_ms:
            return []
        found = list(self._figures()) if at_ms > self._at_ms else []
        if at_ms > self._at_ms:
            if self._cpu:
                self._cpu_before = self._cpu
            self._at_ms, self._cpu, self._values = at_ms, {}, {}
        if name == CPU:
            by_name = dict(labels)
            cpu, mode = by_name.pop("cpu", ""), by_name.pop("mode", "")
            times = self._cpu.setdefault(tuple(by_name.items()), {})
            times.setdefault(cpu, {})[mode] = value
        else:
            self._values[name, labels] = value
        return found

    def _figures(self) -> Iterator[Derived]:
        for labels, times in self._cpu.items():
            yield self._one("wanwatch_cpus", labels, float(len(times)))
            used = used_ratio(times, self._cpu_before.get(labels, {}))
            if used is not None:
                yield self._one("wanwatch_cpu_used_ratio", labels, used)
        for (name, labels), value in self._values.items():
            if name in _TOTALS:
                yield from self._memory(name, labels, value)
            elif name == "node_filesystem_avail_bytes":
                yield from self._filesystem(labels, value)
            elif name == "node_filesystem_files_free":
                yield from self._files(labels, value)
            elif name == "node_md_disks_required":
                active = tuple(sorted((*labels, ("state", "active"))))
                there = self._values.get(("node_md_disks", active))
                if there is not None:
                    missing = max(0.0, value - there)
                    yield self._one("wanwatch_raid_missing_disks", labels, missing)

    def _memory(self, name: str, labels: Labels, whole: float) -> Iterator[Derived]:
        free, figure = _TOTALS[name]
        left = self._values.get((free, labels))
        if whole > 0 and left is not None:
            yield self._one(figure, labels, ratio(whole - left, whole))

    def _filesystem(self, labels: Labels, avail: float) -> Iterator[Derived]:
        """Used is what df(1) says; who does not tell what is kept for root counts that as used."""
        size = self._values.get((f"{_FILESYSTEM}size_bytes", labels))
        free = self._values.get((f"{_FILESYSTEM}free_bytes", labels), avail)
        if size is not None and size - free + avail > 0:
            share = ratio(size - free, size - free + avail)
            yield self._one("wanwatch_filesystem_used_ratio", labels, share)

    def _files(self, labels: Labels, free: float) -> Iterator[Derived]:
        files = self._values.get((f"{_FILESYSTEM}files", labels), 0.0)
        if files > 0:
            share = ratio(files - free, files)
            yield self._one("wanwatch_filesystem_files_used_ratio", labels, share)

    def _one(self, name: str, labels: Labels, value: float) -> Derived:
        return Derived(name, labels, value, self._at_ms)
