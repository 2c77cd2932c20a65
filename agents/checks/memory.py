"""Memory and swap. Source: /proc/meminfo and /proc/vmstat, proc(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.check import Check, Observation, SourceError, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

KEYS = frozenset(
    {
        "MemTotal",
        "MemFree",
        "MemAvailable",
        "Buffers",
        "Cached",
        "Slab",
        "SReclaimable",
        "PageTables",
        "HardwareCorrupted",
        "SwapTotal",
        "SwapFree",
        "SwapCached",
    }
)
VMSTAT = frozenset({"pgmajfault", "pswpin", "pswpout", "oom_kill"})
BYTES_PER_KIB = 1024  # the file says kB and means 1024 bytes

Memory = dict[str, float]  # bytes by key of meminfo, numbers since boot by key of vmstat


def parse_meminfo(text: str) -> Memory:
    """Return the bytes of the keys above; a key the kernel does not have is absent.

    Raises:
        SourceError: Not even MemTotal is there.
    """
    found = {}
    for line in text.splitlines():
        key, _, rest = line.partition(":")
        if key in KEYS:
            found[key] = float(rest.split()[0]) * BYTES_PER_KIB
    if "MemTotal" not in found:
        raise SourceError("/proc/meminfo: no MemTotal in it; is this procfs?")
    return found


def parse_vmstat(text: str) -> Memory:
    """Return the numbers since boot of the four keys above; an old kernel has no `oom_kill`."""
    pairs = (line.partition(" ") for line in text.splitlines())
    return {key: float(value) for key, _, value in pairs if key in VMSTAT}


def read(host: HostSource) -> Memory:
    """Read bytes and numbers by key."""
    if not host.is_linux:
        return _read_portable(host)
    return parse_meminfo(host.proc_text("meminfo")) | parse_vmstat(host.proc_text("vmstat"))


def _read_portable(host: HostSource) -> Memory:
    psutil = host.windows.psutil()
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "MemTotal": memory.total,
        "MemFree": memory.free,
        "MemAvailable": memory.available,
        "SwapTotal": swap.total,
        "SwapFree": swap.free,
    }


def evaluate(now: Memory, before: Memory | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the bytes and the ratios; what is available counts as unused, no swap has no ratio."""
    for key, value in now.items():
        name = f"node_vmstat_{key}" if key in VMSTAT else f"node_memory_{key}_bytes"
        yield Observation(name, {}, value)
    if "MemAvailable" in now and now["MemTotal"] > 0:
        used = ratio(now["MemTotal"] - now["MemAvailable"], now["MemTotal"])
        yield Observation("wanwatch_memory_used_ratio", {}, used)
    if now.get("SwapTotal", 0.0) > 0 and "SwapFree" in now:
        used = ratio(now["SwapTotal"] - now["SwapFree"], now["SwapTotal"])
        yield Observation("wanwatch_swap_used_ratio", {}, used)


CHECK = Check(
    "memory", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=18
)
