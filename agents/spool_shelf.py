"""Index, records and ledger of the spool kept in step, and the room that they may take."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

from agents import ledger as ledgers
from agents import slots
from agents.ranges import Ranges
from agents.segments import SegmentLog
from agents.spool_index import IN_MEMORY, Entry, SpoolIndex
from agents.spool_store import SpoolStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agents.ledger import Ledger
    from agents.segments import Position
    from agents.spool_store import OpenLog

log = logging.getLogger(__name__)
LEDGER_FILE = "ledger"
FORMER_LEDGER_FILE = "ledger.json"  # plain JSON, read where there is no other


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much is held on disk and in memory, and for how long."""

    max_bytes: int = 256 << 20
    max_age_seconds: float = 72 * 3600.0
    max_memory_bytes: int = 1 << 20


class SpoolShelf:
    """What is held and what was settled; not safe to use from two threads.

    Raises:
        OSError: On opening: there are records in the directory and they cannot be read.
    """

    def __init__(
        self,
        directory: Path,
        *,
        boot_crc: int,
        limits: SpoolLimits,
        now: Callable[[], float],
        uptime: Callable[[], float],
        open_log: OpenLog = SegmentLog,
    ) -> None:
        self._directory = directory
        self._boot_crc, self._limits, self._now, self._uptime = boot_crc, limits, now, uptime
        self.index = SpoolIndex()
        self.store = SpoolStore(directory / "spool", max_bytes=limits.max_bytes, open_log=open_log)
        self._ledger_file = slots.SlotFile(directory / LEDGER_FILE, is_durable=True)
        found = self._read_ledger()
        self.ledger = found or ledgers.Ledger()
        self._fill_index()
        if found is not None:
            self._count_lost()

    @property
    def oldest(self) -> int:
        """The lowest number that is held; the next one when none is."""
        first = self.index.first()
        return first.seq if first else self.ledger.next_seq

    def put(self, entry: Entry, payload: bytes) -> None:
        """Keep a record under a new number: on disk, or in memory while the disk refuses."""
        refusal_before = self.store.refusal
        self.ledger.next_seq = entry.seq + 1
        self.index.put(entry)
        for seq, position in self.store.write(entry.seq, payload).items():
            self._move(seq, position)
        if bool(refusal_before) != bool(self.store.refusal):
            log.warning("spool: %s", self.store.refusal or "the disk takes reports again")
        if self.store.refusal:
            self.save()
        self._make_room()

    def skip_to(self, seq: int) -> None:
        """Leave the numbers below this one out that were not given yet."""
        if seq > self.ledger.next_seq:
            self.ledger.settled.add(self.ledger.next_seq, seq - 1)
            self.ledger.next_seq = seq

    def settle(self, seq: int) -> None:
        """Let go of a record; durable after `save`."""
        self.index.remove(seq)
        self.store.forget(seq)
        self.ledger.settled.add(seq)
        self.ledger.oldest = self.oldest
        self.ledger.settled.discard_below(self.ledger.oldest)

    def lose(self, seq: int) -> None:
        """Settle a record that cannot be read: it will never be."""
        self.settle(seq)
        self.ledger.lost += 1

    def close(self) -> None:
        """Make everything durable and let go of the files."""
        self.save()
        self.store.close()
        self._ledger_file.close()

    def save(self) -> bool:
        """Write the ledger, then free the files that hold nothing but settled records.

        On a full disk the files go first, since the ledger needs their room: the newest record
        stays as long as any is held, and the next number is read off it at the next start.

        Returns:
            Whether the ledger is written.
        """
        lowest = self.index.lowest_position()
        is_written = self._write_ledger()
        if is_written or self.store.has_newest_in_last_segment:
            self.store.drop_before(lowest)
        if not is_written:
            if lowest is None:
                self.store.clear()
            is_written = self._write_ledger()
        return is_written

    def _write_ledger(self) -> bool:
        try:
            self._ledger_file.write(self.ledger.to_bytes())
        except OSError as error:
            log.debug("spool: ledger not written: %s", error)
            return False
        return True

    def age_seconds(self, entry: Entry) -> float:
        """Return the age by the time since boot where that is known: clocks get set."""
        if isnan(entry.made_uptime):
            return max(0.0, self._now() - entry.made_at)
        return max(0.0, self._uptime() - entry.made_uptime)

    def _move(self, seq: int, position: Position) -> None:
        entry = self.index.get(seq)
        if entry is not None:
            self.index.put(entry._replace(position=position))

    def _make_room(self) -> None:
        dropped_before = self.ledger.dropped
        self._drop_aged()
        self._drop_from_memory()
        for keep_events in (True, False):
            if self.store.size_bytes > self._limits.max_bytes and not self.store.refusal:
                self._drop_from_disk(keep_events=keep_events)
        if self.ledger.dropped != dropped_before:
            self.save()

    def _drop(self, seq: int) -> None:
        self.settle(seq)
        self.ledger.dropped += 1

    def _drop_aged(self) -> None:
        first = self.index.first()
        while first is not None and self.age_seconds(first) > self._limits.max_age_seconds:
            self._drop(first.seq)
            first = self.index.first()

    def _drop_from_memory(self) -> None:
        """Drop the oldest without events, then the oldest; the newest always stays."""
        while self.store.memory_bytes > self._limits.max_memory_bytes:
            waiting = self.index.in_segment(IN_MEMORY.segment)[:-1]
            if not waiting:
                return
            self._drop(next((e for e in waiting if not e.has_events), waiting[0]).seq)

    def _drop_from_disk(self, *, keep_events: bool) -> None:
        """Free the oldest files until a sixteenth is free; events move to the end of the log.

        One round visits each file once, so a spool of nothing but events ends it unchanged.
        """
        target_bytes = self._limits.max_bytes * 15 // 16
        last = self.store.last_segment
        while self.store.size_bytes > target_bytes and self.store.first_segment < last:
            if keep_events and self.index.plain_count == 0:
                return
            segment = self.store.first_segment
            try:
                self._empty_segment(segment, keep_events=keep_events)
            except OSError as error:
                log.warning("spool: no room to move events to: %s", error)
                return
            self.save()
            if self.store.first_segment <= segment:
                return

    def _empty_segment(self, segment: int, *, keep_events: bool) -> None:
        kept: dict[int, bytes] = {}
        for entry in self.index.in_segment(segment):
            if not (keep_events and entry.has_events):
                self._drop(entry.seq)
                continue
            payload = self.store.read(entry.seq, entry.position)
            if payload is None:
                self.lose(entry.seq)
            else:
                kept[entry.seq] = payload
        for seq, position in self.store.write_again(kept).items() if kept else ():
            self._move(seq, position)

    def _count_lost(self) -> None:
        """Settle the numbers that were given and are neither settled nor to be found."""
        known = Ranges(self.ledger.settled.pairs)
        for low, high in self.index.runs():
            known.add(low, high)
        for low, high in known.gaps(self.ledger.oldest, self.ledger.next_seq - 1):
            log.warning("spool: reports %d to %d cannot be found any more", low, high)
            self.ledger.lost += high - low + 1
            self.ledger.settled.add(low, high)

    def _read_ledger(self) -> Ledger | None:
        path = self._directory / LEDGER_FILE
        former = self._directory / FORMER_LEDGER_FILE
        try:
            if former.exists() and not path.exists():
                return ledgers.from_bytes(former.read_bytes())
            return ledgers.from_bytes(slots.read(path))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("spool: %s cannot be used, reports may go twice: %s", path, error)
            return None

    def _fill_index(self) -> None:
        for position, head in self.store.scan():
            self.ledger.next_seq = max(self.ledger.next_seq, head.seq + 1)
            if not self.ledger.is_settled(head.seq):
                uptime = head.made_uptime if head.boot_crc == self._boot_crc else nan
                self.index.put(Entry(head.seq, position, head.has_events, head.made_at, uptime))
        self.store.drop_before(self.index.lowest_position())
