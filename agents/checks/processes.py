"""Processes, interrupts and open files. Source: /proc/stat and /proc/sys/fs/file-nr, proc(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.check import Check, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

# The line of /proc/stat whose first number it is.
METRICS = {
    "procs_running": "node_procs_running",
    "procs_blocked": "node_procs_blocked",
    "processes": "node_forks_total",
    "ctxt": "node_context_switches_total",
    "intr": "node_intr_total",
}

Processes = dict[str, float]  # by metric


def parse_stat(text: str) -> Processes:
    """Return the values by metric.

    Raises:
        SourceError: None of the lines is there.
    """
    found = {}
    for line in text.splitlines():
        key, _, rest = line.partition(" ")
        if key in METRICS:
            found[METRICS[key]] = float(rest.split()[0])
    if not found:
        raise SourceError("/proc/stat: no line of processes or interrupts; is this procfs?")
    return found


def parse_file_nr(text: str) -> Processes:
    """Return open files and their limit.

    Raises:
        SourceError: There are fewer than three numbers.
    """
    columns = text.split()
    if len(columns) < 3:
        raise SourceError(f"/proc/sys/fs/file-nr: {text[:80]!r} is not three numbers")
    return {"node_filefd_allocated": float(columns[0]), "node_filefd_maximum": float(columns[2])}


def read(host: HostSource) -> Processes:
    """Read the values by metric; other systems only count switches and interrupts."""
    if not host.is_linux:
        import psutil  # 2 MiB that Linux hosts do not need

        stats = psutil.cpu_stats()
        return {
            "node_context_switches_total": float(stats.ctx_switches),
            "node_intr_total": float(stats.interrupts),
        }
    return parse_stat(host.proc_text("stat")) | parse_file_nr(host.proc_text("sys/fs/file-nr"))


def evaluate(now: Processes, before: Processes | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the values."""
    for name, value in now.items():
        yield Observation(name, {}, value)


CHECK = Check(
    "processes", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=7
)
