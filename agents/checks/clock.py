"""The clock and what the kernel knows of its error. Source: adjtimex(2)."""

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
    """Unix time in seconds; no `timex` where the kernel has none or refuses to say."""

    now: float
    timex: Timex | None


def read(host: HostSource) -> Clock:
    """Read the clock and, on Linux, the kernel's view of synchronisation."""
    if not host.is_linux:
        return Clock(host.now(), None)
    try:
        return Clock(host.now(), host.timex())
    except PermissionError:
        return Clock(host.now(), None)
    except OSError as error:
        raise SourceError(f"ask the kernel for the clock's state: {error}") from error


def evaluate(now: Clock, before: Clock | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the values; whether 16 s of possible error is bad is not said here."""
    yield Observation("node_time_seconds", {}, round(now.now, 3))
    if now.timex is not None:
        synchronised = 1 if now.timex.is_synchronised else 0
        yield Observation("node_timex_offset_seconds", {}, now.timex.offset_seconds)
        yield Observation("node_timex_sync_status", {}, synchronised)
        yield Observation("node_timex_maxerror_seconds", {}, now.timex.maxerror_seconds)


CHECK = Check(
    "clock", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=4
)
