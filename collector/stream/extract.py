"""Reads the journal's files beside the process that writes them: some hosts' reports of some hours.

Each report is given out as it was received, with its signature: whoever has the host's public key
can verify that the host said so. What another program brought of a host has none.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from typing import TYPE_CHECKING

from agents.segments import Position, SegmentLog
from collector.stream import Kind
from collector.stream.records import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from collector.stream import StreamRecord


class Peek(SegmentLog):
    """The segments as they lie there; nothing is opened for writing and no tail is cut."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.damaged = 0

    def numbers_since(self, instant: float) -> list[int]:
        """Return the segments that were written to at or after an instant, in order."""
        return [
            number for number in self._numbers() if self._path(number).stat().st_mtime >= instant
        ]

    def payloads(self, number: int) -> Iterator[bytes]:
        """Yield what one segment holds, as far as it is whole."""
        with contextlib.suppress(FileNotFoundError):  # dropped meanwhile
            size = self._path(number).stat().st_size
            for record in self._read_segment(Position(number, 0), size):
                yield record.payload


def reports(
    directory: Path,
    agents: Collection[str],
    since: datetime,
    until: datetime,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[StreamRecord]:
    """Yield the reports of some hosts that came from one instant to another, in order."""
    log = Peek(directory)
    numbers = log.numbers_since(since.timestamp())
    for done, number in enumerate(numbers):
        told(done, len(numbers))
        is_over = False
        for payload in log.payloads(number):
            with contextlib.suppress(ValueError):
                _, record = decode(payload)
                is_over = record.received_at > until
                if is_over:
                    break
                if (
                    record.kind is Kind.REPORT
                    and record.agent in agents
                    and record.received_at >= since
                ):
                    yield record
        if is_over:
            return


def write_extract(
    target: Path, records: Iterator[StreamRecord], *, most_bytes: int
) -> tuple[int, bool]:
    """Write reports as gzipped JSON lines; return how many, and whether all had room."""
    count = 0
    with target.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
        for record in records:
            line = {
                "agent": record.agent,
                "received_at": record.received_at.isoformat(),
                "signature": record.signature,
                "body": base64.b64encode(record.body).decode(),
            }
            file.write(json.dumps(line).encode() + b"\n")
            count += 1
            if raw.tell() > most_bytes:
                return count, False
    return count, True
