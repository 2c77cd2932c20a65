"""Processor time and load. Source: /proc/stat and /proc/loadavg, proc(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.check import Check, Observation, SourceError, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

# Source: proc(5), the first eight columns of a `cpu` line; guest time is part of user and nice.
MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
TICKS_PER_SECOND = 100.0  # USER_HZ: what the kernel divides by for user space on every platform
IDLE_MODES = ("idle", "iowait")
MOST_CPUS = 32

Times = dict[str, float]


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds by processor and mode since boot; no load where the system keeps none (Windows)."""

    times: dict[str, Times]
    load: tuple[float, float, float] | None


def parse_stat(text: str) -> dict[str, Times]:
    """Return seconds by processor and mode.

    Raises:
        SourceError: The text has no `cpuN` line.
    """
    times = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        if name.startswith("cpu") and name[3:].isdigit():
            ticks = (float(value) / TICKS_PER_SECOND for value in rest.split())
            times[name[3:]] = dict(zip(MODES, ticks, strict=False))
    if not times:
        raise SourceError("/proc/stat: no line begins with cpu0; is this procfs?")
    return times


def parse_loadavg(text: str) -> tuple[float, float, float]:
    """Return the load averages of 1, 5 and 15 minutes."""
    one, five, fifteen = (float(value) for value in text.split()[:3])
    return one, five, fifteen


def read(host: HostSource) -> Cpu:
    """Read the counters and the load."""
    if not host.is_linux:
        return _read_portable(host)
    return Cpu(parse_stat(host.proc_text("stat")), parse_loadavg(host.proc_text("loadavg")))


def _read_portable(host: HostSource) -> Cpu:
    psutil = host.windows.psutil()
    every = enumerate(psutil.cpu_times(percpu=True))
    return Cpu({str(number): _portable_times(cpu) for number, cpu in every}, None)


def _portable_times(cpu: Any) -> Times:
    """Windows counts interrupts and deferred calls (dpc) as part of the kernel's time."""
    times = {"user": cpu.user, "system": cpu.system, "idle": cpu.idle}
    for mode, name in (("irq", "interrupt"), ("softirq", "dpc")):
        seconds = getattr(cpu, name, None)
        if seconds is not None:
            times[mode] = seconds
            times["system"] = max(0.0, times["system"] - seconds)
    return times


def used_ratio(now: dict[str, Times], before: dict[str, Times]) -> float | None:
    """Return the share of time not idle between two readings; None when no time passed.

    Waiting for a disk is idle. Processors that came or went between the readings do not count;
    a mode whose counter went back (iowait may) counts as not grown.
    """
    total = idle = 0.0
    for cpu in now.keys() & before.keys():
        for mode in now[cpu].keys() & before[cpu].keys():
            grown = max(0.0, now[cpu][mode] - before[cpu][mode])
            total += grown
            idle += grown if mode in IDLE_MODES else 0.0
    return None if total <= 0 else ratio(total - idle, total)


def evaluate(now: Cpu, before: Cpu | None) -> Iterator[Observation]:
    """Yield the counters of the first 32 processors, and load and used ratio over all of them."""
    for cpu, times in list(now.times.items())[:MOST_CPUS]:
        for mode, seconds in times.items():
            yield Observation("node_cpu_seconds_total", {"cpu": cpu, "mode": mode}, seconds)
    yield Observation("wanwatch_cpus", {}, len(now.times))
    if now.load is not None:
        for minutes, value in zip((1, 5, 15), now.load, strict=True):
            yield Observation(f"node_load{minutes}", {}, value)
    used = None if before is None else used_ratio(now.times, before.times)
    if used is not None:
        yield Observation("wanwatch_cpu_used_ratio", {}, used)


CHECK = Check(
    "cpu", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=270
)
