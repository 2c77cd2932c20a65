"""Disks of Linux software RAID. Source: /proc/mdstat, md(4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

ARRAY = re.compile(r"(\S+) : (\S+)(.*)")
MEMBER = re.compile(r"\S+\[\d+\]((?:\([A-Z]\))*)")
DISKS = re.compile(r"\[(\d+)/(\d+)\]")
# What the array is doing, by the word in its third line; the states are node_exporter's.
WORK = re.compile(r"\b(recovery|reshape|resync|check)\b *=")
STATES = ("active", "inactive", "recovering", "resync", "check")
WORDS = {"recovery": "recovering", "reshape": "recovering"}
MOST_ARRAYS = 8


class Array(NamedTuple):
    """Numbers of disks, and the state; an array without redundancy requires as many as it has."""

    required: int
    active: int
    failed: int
    spare: int
    state: str = "active"

    @property
    def missing(self) -> int:
        """Disks that it needs and does not have; of an array that does not run, all."""
        if self.state == "inactive":
            return max(1, self.required, self.failed + self.spare)
        return self.required - self.active


Arrays = dict[str, Array]


def parse_mdstat(text: str) -> Arrays:
    """Return the arrays by device.

    Raises:
        SourceError: The text is not the kernel's.
    """
    if not text.startswith("Personalities"):
        raise SourceError("/proc/mdstat: no line of personalities; is this procfs?")
    arrays = {}
    for block in re.split(r"\n(?=\S)", text):
        match = ARRAY.match(block)
        if match is None or match[1] in ("Personalities", "unused devices"):
            continue
        marks = [found[1] for found in MEMBER.finditer(block)]
        failed = sum("(F)" in mark for mark in marks)
        spare = sum("(S)" in mark for mark in marks)
        working = len(marks) - failed - spare
        disks = DISKS.search(block)
        required, active = (int(disks[1]), int(disks[2])) if disks else (working, working)
        state = _state(match[2], block)
        if state == "inactive":
            active = 0
        arrays[match[1]] = Array(required, active, failed, spare, state)
    return arrays


def _state(word: str, block: str) -> str:
    if word == "inactive":
        return word
    work = WORK.search(block)
    return WORDS.get(work[1], work[1]) if work else "active"


def read(host: HostSource) -> Arrays:
    """Read the arrays; most hosts have none."""
    if not host.is_linux or not (host.proc / "mdstat").exists():
        raise NoData("no software RAID")
    arrays = parse_mdstat(host.proc_text("mdstat"))
    if not arrays:
        raise NoData("no array")
    return arrays


def evaluate(now: Arrays, before: Arrays | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the numbers of the first eight arrays."""
    for device, array in sorted(now.items())[:MOST_ARRAYS]:
        yield Observation("node_md_disks_required", {"device": device}, array.required)
        for state in ("active", "failed", "spare"):
            labels = {"device": device, "state": state}
            yield Observation("node_md_disks", labels, getattr(array, state))
        for state in STATES:
            labels = {"device": device, "state": state}
            yield Observation("node_md_state", labels, 1 if state == array.state else 0)
        yield Observation("wanwatch_raid_missing_disks", {"device": device}, array.missing)
    omitted = max(0, len(now) - MOST_ARRAYS)
    yield Observation("wanwatch_check_omitted_objects", {"check": "raid"}, omitted)


CHECK = Check(
    "raid", every_seconds=30, limit_seconds=5, read=read, evaluate=evaluate, most_series=81
)
