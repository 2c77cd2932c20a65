"""Spools with clocks that a test moves."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.report import Event, Report, Sample, from_json
from agents.spool import Spool, SpoolLimits

if TYPE_CHECKING:
    from pathlib import Path

BOOT = "boot-1"
EVENT = Event("login_failed", 1.0, {"user": "x"}, "detail")


@dataclass
class Clocks:
    """Wall time and time since boot, both in seconds."""

    wall: float = 1_700_000_000.0
    up: float = 500.0

    def forward(self, seconds: float) -> None:
        self.wall += seconds
        self.up += seconds


def open_spool(
    directory: Path,
    clocks: Clocks | None = None,
    *,
    boot: str = BOOT,
    limits: SpoolLimits | None = None,
) -> Spool:
    """Open the spool of `directory` as a newly started agent does."""
    clocks = clocks or Clocks()
    return Spool(
        directory,
        agent="a-1",
        boot=boot,
        limits=limits or SpoolLimits(),
        now=lambda: clocks.wall,
        uptime=lambda: clocks.up,
    )


def sample(value: float = 1.0) -> Sample:
    return Sample("test_value", {}, value, 1_700_000_000.0)


def noise(value: int) -> list[Sample]:
    """Samples that gzip cannot make much smaller: about 2 kB a report."""
    numbers = ((value * 7919 + n * 104729) * 2654435761 % 2**64 for n in range(100))
    return [Sample("n", {}, float(number), 1.0) for number in numbers]


def sent(spool: Spool, seq: int) -> Report:
    """The report as it goes out now."""
    body = spool.to_send(seq)
    assert body is not None
    return from_json(json.loads(gzip.decompress(body)))


def held(spool: Spool) -> list[int]:
    """The numbers that can be sent."""
    return [n for n in range(1, spool.next_seq) if spool.to_send(n) is not None]


def metrics(spool: Spool) -> dict[str, float]:
    return {o.name.removeprefix("wanwatch_spool_"): o.value for o in spool.observations()}
