"""What was sent, what arrived, and what was counted as dropped: a row of the table of faults."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agents import slots
from agents.records import read_head
from agents.segments import SegmentLog
from collector.stream import Kind
from collector.stream.records import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.stream import StreamRecord
    from tests.acceptance.world import World


class Tally(NamedTuple):
    """How many reports of all agents together.

    Attributes:
        sent: Numbers that agents gave to reports. Attribute `arrived`: are in the journal.
        waiting: Are still held by their agents. Attribute `twice`: more than once in the journal.
        gone: Are settled for their agents and not in the journal.
        counted: Were counted by the agents as dropped, refused or lost.
    """

    sent: int = 0
    arrived: int = 0
    waiting: int = 0
    twice: int = 0
    gone: int = 0
    counted: int = 0

    def check(self, fault: str) -> None:
        """Print the row and fail where something is neither there nor counted."""
        print(
            f"{fault}: sent {self.sent}, arrived {self.arrived}, exactly once "
            f"{self.arrived - self.twice}, counted as dropped {self.gone}, held {self.waiting}"
        )
        assert self.twice == 0
        assert self.gone <= self.counted
        assert self.sent == self.arrived + self.waiting + self.gone


def journal(world: World) -> Iterator[tuple[StreamRecord, dict[str, Any]]]:
    """Yield the reports in the collector's journal, each with its JSON."""
    copy = world.directory / "copy-of-journal"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(world.data / "journal", copy)
    for raw in SegmentLog(copy).read():
        record = decode(raw.payload)[1]
        if record.kind is Kind.REPORT:
            yield record, json.loads(gzip.decompress(record.body))


def ledger(data: Path) -> dict[str, Any]:
    """Return what an agent's spool remembers beside its reports."""
    found: dict[str, Any] = json.loads(slots.read(data / "ledger"))
    return found


def held(data: Path) -> int:
    """Return how many reports lie in an agent's spool and are not settled; it may be running."""
    with tempfile.TemporaryDirectory() as copy, contextlib.suppress(FileNotFoundError):
        spool = shutil.copytree(data / "spool", copy, dirs_exist_ok=True)
        seqs = {read_head(raw.payload).seq for raw in SegmentLog(Path(spool)).read()}
        return len(seqs - settled(ledger(data)) if (data / "ledger").exists() else seqs)
    return 0


def settled(found: dict[str, Any]) -> set[int]:
    """Return the numbers that need not be sent any more, by a ledger."""
    ranges = (range(low, high + 1) for low, high in found["settled"])
    return set(range(1, found["oldest"])).union(*ranges)


def tally(world: World, agents: Mapping[str, Path]) -> Tally:
    """Count for agents, by id and data directory; all processes have ended."""
    came: dict[str, Counter[int]] = {agent: Counter() for agent in agents}
    for record, report in journal(world):
        came[record.agent][report["seq"]] += 1
    total = Tally()
    for agent, data in agents.items():
        total = Tally(*map(sum, zip(total, _of_one(ledger(data), came[agent]), strict=True)))
    return total


def _of_one(found: dict[str, Any], came: Counter[int]) -> Tally:
    done = settled(found)
    given = set(range(1, found["next_seq"]))
    assert set(came) <= given
    return Tally(
        sent=len(given),
        arrived=len(came),
        waiting=len(given - done - set(came)),
        twice=sum(times > 1 for times in came.values()),
        gone=len(done - set(came)),
        counted=found["dropped"] + found["refused"] + found["lost"],
    )
