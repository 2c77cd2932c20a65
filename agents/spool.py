"""Everything the agent reports goes through here: numbered, durable, bounded, settled once."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from math import isnan, nan
from typing import TYPE_CHECKING, TypeVar

from agents import refused
from agents.check import Observation
from agents.records import body, boot_crc, encode, read_report
from agents.report import Report
from agents.spool_index import IN_MEMORY, Entry
from agents.spool_shelf import SpoolLimits, SpoolShelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from agents.report import Event, Sample, Section

__all__ = ["Spool", "SpoolLimits"]
T = TypeVar("T")


class Spool:
    """Reports not yet settled, by `seq`; safe to use from the two threads of the agent.

    The number of a report is given once. A report is *settled* when it was acknowledged, refused,
    or dropped for lack of room; `oldest` is the lowest that is not. A disk that refuses does not
    stop the agent: reports then wait in memory and go out from there.

    Attributes:
        first_of_this_run: Numbers from here on were given since this object was made.

    Args:
        now: Unix time in seconds.
        uptime: Seconds since boot, the time asleep included.

    Raises:
        OSError: On opening: there are reports in the directory and they cannot be read.
    """

    def __init__(
        self,
        directory: Path,
        *,
        agent: str,
        boot: str,
        limits: SpoolLimits,
        now: Callable[[], float],
        uptime: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._agent, self._boot = agent, boot
        self._now, self._uptime = now, uptime
        self._lock = threading.RLock()
        self._shelf = SpoolShelf(
            directory, boot_crc=boot_crc(boot), limits=limits, now=now, uptime=uptime
        )
        self.first_of_this_run = self._shelf.ledger.next_seq
        self._drained_at = uptime()

    @property
    def state(self) -> str:
        """What the last 202 handed out."""
        return self._shelf.ledger.state

    @property
    def plan(self) -> str:
        """The etag of the plan in the last 202."""
        return self._shelf.ledger.plan

    @property
    def next_seq(self) -> int:
        """The number that the next report gets."""
        return self._shelf.ledger.next_seq

    @property
    def is_writable(self) -> bool:
        """Whether the disk took the last write."""
        return not self._shelf.store.refusal

    def __len__(self) -> int:
        return len(self._shelf.index)

    def __contains__(self, seq: int) -> bool:
        """Whether a report is still held."""
        with self._lock:
            return seq in self._shelf.index

    def newest(self) -> int | None:
        """Return the report made last, if it was made since the start and is still held."""
        with self._lock:
            seq = self.next_seq - 1
            return seq if seq >= self.first_of_this_run and seq in self._shelf.index else None

    def oldest_held(self) -> int | None:
        """Return the report with the lowest number."""
        with self._lock:
            first = self._shelf.index.first()
        return first.seq if first else None

    @property
    def oldest(self) -> int:
        """The lowest number that is held; the next one when none is."""
        with self._lock:
            return self._shelf.oldest

    def add(
        self,
        samples: Sequence[Sample],
        events: Sequence[Event] = (),
        sections: Mapping[str, Section] | None = None,
    ) -> int:
        """Number a report and keep it; it may be sent when this returns.

        Raises:
            ValueError: A value is not finite.
        """
        with self._lock:
            made_at = self._now()
            report = Report(
                agent=self._agent,
                boot=self._boot,
                seq=self.next_seq,
                oldest=0,
                state="",
                sent_at=made_at,
                samples=list(samples),
                events=list(events),
                sections=dict(sections or {}),
            )
            self._keep(report, made_at, self._uptime())
        return report.seq

    def to_send(self, seq: int) -> bytes | None:
        """Return the report's body as it goes out now; None when it is not held or was damaged.

        `sent_at` is the time since it was made added to the clock it was made with, so that a
        clock set in between moves no sample; over a boot only the clock itself is left.
        """
        with self._lock:
            entry = self._shelf.index.get(seq)
            if entry is None:
                return None
            if isnan(entry.made_uptime):
                sent_at = self._now()
            else:
                sent_at = entry.made_at + self._uptime() - entry.made_uptime
            return self._read(
                entry, partial(body, oldest=self.oldest, state=self.state, sent_at=sent_at)
            )

    def acknowledge(self, seq: int, *, state: str | None = None, plan: str | None = None) -> None:
        """Settle a report; a state that came with the answer is durable before it is presented.

        While the disk refuses, the last durable state goes on being presented, which the collector
        allows: after a restart from that disk an older one would be the mark of a clone.
        """
        with self._lock:
            ledger = self._shelf.ledger
            durable = ledger.state
            ledger.state = ledger.state if state is None else state
            ledger.plan = ledger.plan if plan is None else plan
            self._settle(seq)
            if not self._shelf.save():
                ledger.state = durable

    def refuse(self, seq: int, body: bytes) -> str:
        """Settle a report that the collector will never take; return where it is kept."""
        with self._lock:
            where = refused.keep(self._directory / "refused", seq, body)
            self._shelf.ledger.refused += 1
            self._settle(seq)
            self._shelf.save()
        return where

    def renumber(self, seq: int, next_seq: int) -> int | None:
        """Give a report another number, at least `next_seq`: its own was used up elsewhere.

        That is so after the disk was restored from a copy or lost. The content is kept under the
        new number before the old one is settled.
        """
        with self._lock:
            entry = self._shelf.index.get(seq)
            report = self._read(entry, read_report) if entry else None
            if entry is None or report is None:
                return None
            report = replace(report, seq=max(self.next_seq, next_seq))
            self._shelf.skip_to(report.seq)
            self._keep(report, entry.made_at, entry.made_uptime)
            self._shelf.settle(seq)
            self._shelf.save()
        return report.seq

    def observations(self) -> Iterator[Observation]:
        """Yield the spool's own metrics."""
        with self._lock:
            shelf = self._shelf
            first = shelf.index.first()
            if first is None:
                self._drained_at = self._uptime()
            undrained_seconds = round(self._uptime() - self._drained_at, 3)
            age_seconds = round(shelf.age_seconds(first), 3) if first else 0.0
            size_bytes = shelf.store.size_bytes + shelf.store.memory_bytes
            values = {
                "wanwatch_spool_depth_reports": len(shelf.index),
                "wanwatch_spool_oldest_age_seconds": age_seconds,
                "wanwatch_spool_undrained_seconds": undrained_seconds,
                "wanwatch_spool_size_bytes": size_bytes,
                "wanwatch_spool_dropped_reports_total": shelf.ledger.dropped,
                "wanwatch_spool_refused_reports_total": shelf.ledger.refused,
                "wanwatch_spool_lost_reports_total": shelf.ledger.lost,
                "wanwatch_spool_writable": 1 if self.is_writable else 0,
            }
        for name, value in values.items():
            yield Observation(name, {}, value)

    def close(self) -> None:
        """Make everything durable and let go of the files."""
        with self._lock:
            self._shelf.close()

    def _settle(self, seq: int) -> None:
        """The queue drains when its oldest goes; the newest alone goes past those that wait."""
        if seq == self._shelf.oldest:
            self._drained_at = self._uptime()
        self._shelf.settle(seq)

    def _keep(self, report: Report, made_at: float, made_uptime: float) -> None:
        payload = encode(report, made_at, made_uptime)
        uptime = made_uptime if report.boot == self._boot else nan
        has_events = bool(report.events)
        self._shelf.put(Entry(report.seq, IN_MEMORY, has_events, made_at, uptime), payload)

    def _read(self, entry: Entry, unpack: Callable[[bytes], T]) -> T | None:
        """A record that cannot be read is settled: it will never be."""
        payload = self._shelf.store.read(entry.seq, entry.position)
        try:
            found = unpack(payload) if payload is not None else None
        except ValueError:
            found = None
        if found is None:
            self._shelf.lose(entry.seq)
            self._shelf.save()
        return found
