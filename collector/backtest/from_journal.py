"""History out of the collector's journal: every accepted report as it was received."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from collector.backtest.history import Held, Recorded
from collector.stream import Kind
from collector.stream.extract import Peek
from collector.stream.records import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from collector.stream import StreamRecord


class JournalHistory:
    """Reads the journal's files beside the process that writes them, segment by segment."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.held = Held()

    def read(self, start: datetime, until: datetime) -> Iterator[Recorded]:
        """Yield the reports; an instant never goes back, whatever our clock did."""
        last_at, last_number = start, 0
        for number, record in self._records(start):
            if record.received_at >= until:
                return
            if last_number and number > last_number + 1:
                self.held.lost += number - last_number - 1
            last_number = number
            if record.kind is Kind.CONTACT or record.received_at < start:
                continue
            last_at = max(last_at, record.received_at)
            self.held.first_at = self.held.first_at or last_at
            self.held.last_at = last_at
            self.held.reports += record.kind is Kind.REPORT
            yield Recorded(last_at, record.agent, record.body, record.state, record.kind)

    def _records(self, start: datetime) -> Iterator[tuple[int, StreamRecord]]:
        log = Peek(self._directory)
        for segment in log.numbers_since(start.timestamp()):
            for payload in log.payloads(segment):
                with contextlib.suppress(ValueError):
                    yield decode(payload)
