"""Processes, threads, interrupts and open files. Source: proc(5)."""

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


def parse_threads(loadavg: str) -> float:
    """Return how many threads exist: the second number of the fourth column, `1/289`.

    Raises:
        SourceError: There is no such column.
    """
    columns = loadavg.split()
    _, slash, threads = columns[3].partition("/") if len(columns) > 3 else ("", "", "")
    if not slash or not threads.isdigit():
        raise SourceError(f"/proc/loadavg: {loadavg[:80]!r} has no number of threads")
    return float(threads)


def read(host: HostSource) -> Processes:
    """Read the values by metric; Windows counts processes, switches and interrupts."""
    if not host.is_linux:
        return _read_portable(host)
    found = parse_stat(host.proc_text("stat")) | parse_file_nr(host.proc_text("sys/fs/file-nr"))
    found["node_processes_pids"] = float(sum(name.isdigit() for name in host.proc_names()))
    found["node_processes_threads"] = parse_threads(host.proc_text("loadavg"))
    found["node_processes_max_processes"] = float(host.proc_text("sys/kernel/pid_max"))
    return found


def _read_portable(host: HostSource) -> Processes:
    psutil = host.windows.psutil()
    stats = psutil.cpu_stats()
    return {
        "node_context_switches_total": float(stats.ctx_switches),
        "node_intr_total": float(stats.interrupts),
        "node_processes_pids": float(len(psutil.pids())),
    }


def evaluate(now: Processes, before: Processes | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the values."""
    for name, value in now.items():
        yield Observation(name, {}, value)


CHECK = Check(
    "processes", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=10
)
