"""The clock and what the kernel knows of its error. Source: adjtimex(2), /proc/stat btime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.check import Check, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource
    from agents.timex import Timex


@dataclass(frozen=True, slots=True)
class Clock:
    """Unix times in seconds; no `timex` where the kernel has none or refuses to say."""

    now: float
    booted_at: float
    timex: Timex | None


def parse_btime(text: str) -> float:
    """Return when the host booted.

    Raises:
        SourceError: There is no `btime` line.
    """
    for line in text.splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    raise SourceError("/proc/stat: no btime line; is this procfs?")


def read(host: HostSource) -> Clock:
    """Read the clock, the boot time and, on Linux, the kernel's view of synchronisation."""
    if not host.is_linux:
        import psutil  # 2 MiB that Linux hosts do not need

        return Clock(host.now(), psutil.boot_time(), None)
    booted_at = parse_btime(host.proc_text("stat"))
    try:
        return Clock(host.now(), booted_at, host.timex())
    except PermissionError:
        return Clock(host.now(), booted_at, None)
    except OSError as error:
        raise SourceError(f"ask the kernel for the clock's state: {error}") from error


def evaluate(now: Clock, before: Clock | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the times; whether 16 s of possible error is bad is not said here."""
    yield Observation("node_time_seconds", {}, now.now)
    yield Observation("node_boot_time_seconds", {}, now.booted_at)
    if now.timex is not None:
        synchronised = 1 if now.timex.is_synchronised else 0
        yield Observation("node_timex_offset_seconds", {}, now.timex.offset_seconds)
        yield Observation("node_timex_sync_status", {}, synchronised)
        yield Observation("node_timex_maxerror_seconds", {}, now.timex.maxerror_seconds)


CHECK = Check("clock", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate)
