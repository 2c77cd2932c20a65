"""One receiver's way through the journal: read on, make a request, send it, again if need be.

It has a place of its own in the journal and a thread of its own: a receiver that is dead or slow
costs the others nothing. Only what the journal drops before it was sent is lost, and counted.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.forward.batch import Batch
from collector.forward.memory import ReceiverMemory
from collector.forward.report_reader import read_samples
from collector.stream import Bookmark, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.forward.holders import Holders
    from collector.forward.receiver import Answered, Receiver
    from collector.forward.settings import RemoteWrite
    from collector.stream import Stream, StreamRecord

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# How often it looks for series that have gone, by the time of the stream.
SWEEP_MS = 15_000
# Read again after a start, to know which series there were.
KNOWN_MS = 180_000
KNOWN_EVERY_MS = 30_000
# After a start agents may need so long to come back: nobody's silence is believed before.
SETTLING_MS = 120_000
# One turn of the thread reads at most so many records.
MAX_RECORDS = 2_000


class Place(NamedTuple):
    """What is stored of a receiver: see `collector/storage/forward_tables.py`."""

    sent: Bookmark
    known_from: Bookmark
    lost: int = 0


class _Request(NamedTuple):
    """A request that is under way, and where the journal goes on after it."""

    body: bytes
    samples: int
    markers: int
    following: Bookmark
    oldest_at: datetime | None


class Sender:
    """Sends to one receiver; `turn` is called by one thread, the rest may be read by any.

    Attributes:
        counts: Of samples, markers, requests, bytes, retries, and what was dropped and why.
        why: Why the last request was not taken; empty when it was.
        taken_at: When a request was last taken.
        unsent_at: When the oldest report came that it did not take, of those since it last took
            any; None: it took the last.
    """

    def __init__(
        self,
        settings: RemoteWrite,
        receiver: Receiver,
        stream: Stream,
        holders: Holders,
        place: Place | None,
        *,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self.name, self._settings = settings.name, settings
        self._receiver, self._stream, self._holders = receiver, stream, holders
        self._now, self._jitter = now, jitter
        end = stream.end
        self._sent = self._read = end if place is None else _within(place.sent, stream)
        self._known_from = end if place is None else place.known_from
        self.lost = 0 if place is None else place.lost
        self._memory = ReceiverMemory(settings.labels)
        self._is_warm = place is None
        self._marks: deque[tuple[int, Bookmark]] = deque()
        self._started_ms = _millis(now())
        self._swept_ms = 0
        self._request: _Request | None = None
        self._failures = 0
        self.counts: Counter[str] = Counter()
        self.why = ""
        self.taken_at: datetime | None = None
        self.unsent_at: datetime | None = None

    @property
    def place(self) -> Place:
        """Return what is to be stored: what lies before it the receiver has."""
        return Place(self._sent, self._known_from, self.lost)

    @property
    def sent(self) -> Bookmark:
        """Return where the journal goes on after what the receiver has."""
        return self._sent

    def lag_seconds(self, now: datetime) -> float:
        """Return for how long the receiver has not taken what there is for it."""
        unsent_at = self.unsent_at
        return 0.0 if unsent_at is None else max(0.0, (now - unsent_at).total_seconds())

    def turn(self) -> float:
        """Send one request if there is anything; return after how many seconds to come again."""
        if not self._is_warm:
            self._warm_up()
        if self._request is None:
            self._request = self._next_request()
        if self._request is None:
            return 1.0
        self.unsent_at = self.unsent_at or self._request.oldest_at
        answered = self._receiver.send(self._request.body, self._now())
        return self._settle(self._request, answered)

    def close(self) -> None:
        """Let go of the receiver; what was not taken is sent after the next start."""
        self._receiver.close()

    def _settle(self, request: _Request, answered: Answered) -> float:
        if not answered.is_taken and answered.may_pass:
            self._failures += 1
            self.counts["retries"] += 1
            self._say(answered.why, "it is sent again")
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 10))
            return max(answered.retry_after_seconds, pause * (0.5 + self._jitter() / 2))
        self._request, self._failures = None, 0
        self._sent = request.following
        if answered.is_taken:
            self.taken_at, self.unsent_at = self._now(), None
            self.counts.update(
                samples=request.samples, markers=request.markers, taken=1, bytes=len(request.body)
            )
            if self.why:
                logger.info("receiver {} takes samples again", self.name)
            self.why = ""
        else:
            self.counts.update(refused=1, dropped_refused=request.samples)
            self._say(answered.why, "refused; some or all of a request are dropped and counted")
        return 0.0

    def _say(self, why: str, what_now: str) -> None:
        """Say once what is wrong, until it is right again."""
        if not self.why:
            logger.warning("receiver {} of samples: {}: {}", self.name, why, what_now)
        self.why = why or "refused"

    def _next_request(self) -> _Request | None:
        """Read on until a request is full or there is nothing more."""
        batch, oldest_at, durable = Batch(), None, self._stream.end
        for number, entry in enumerate(self._stream.read(self._read)):
            if entry.number >= durable.number or number >= MAX_RECORDS:
                break
            self._count_lost(entry.number)
            oldest_at = oldest_at or entry.record.received_at
            self._mark_place(_millis(entry.record.received_at), self._read)
            self._add(entry.record, batch)
            self._read = entry.following
            if len(batch) >= self._settings.samples_per_request:
                break
        else:
            self._sweep_by_clock(batch)
        if len(batch) == 0:
            if self._request is None:  # nothing in it was for this receiver
                self._sent = self._read
            return None
        return _Request(batch.body(), batch.samples, batch.markers, self._read, oldest_at)

    def _count_lost(self, number: int) -> None:
        gap = number - self._read.number
        if self._read.number and gap > 0:
            self.lost += gap
            logger.error("{} reports left the journal before receiver {} took them", gap, self.name)

    def _add(self, record: StreamRecord, batch: Batch | None) -> None:
        """Take one record; without a batch only what is remembered of it."""
        heard_ms = _millis(record.received_at)
        if record.kind is not Kind.REPORT:
            return
        holder_of = self._holders.of(record.agent)
        if holder_of is None:
            self.counts["dropped_unknown"] += batch is not None
            return
        try:
            sent_at, samples = read_samples(record.body)
        except ValueError:
            self.counts["dropped_unreadable"] += batch is not None
            return
        samples = self._memory.wanted(samples, self._settings.keep)
        offset = record.received_at.timestamp() - sent_at
        if samples.names:
            newest_ms = round((max(samples.instants) + offset) * 1000)
            layout = self._memory.note(record.agent, samples, newest_ms, heard_ms)
            if batch is not None:
                batch.add(samples, layout, offset, holder_of)
        if batch is not None and heard_ms - self._swept_ms >= SWEEP_MS:
            self._sweep(heard_ms, batch)

    def _sweep_by_clock(self, batch: Batch) -> None:
        """At the end of the journal time is what the clock says."""
        now_ms = _millis(self._now())
        if now_ms - self._swept_ms >= SWEEP_MS and now_ms - self._started_ms >= SETTLING_MS:
            self._sweep(now_ms, batch)

    def _sweep(self, now_ms: int, batch: Batch) -> None:
        self._swept_ms = now_ms
        for agent, gone in self._memory.sweep(now_ms):
            if (holder_of := self._holders.of(agent)) is not None:
                batch.mark(gone, holder_of)

    def _mark_place(self, heard_ms: int, place: Bookmark) -> None:
        """Remember where in the journal it was three minutes ago."""
        if not self._marks or heard_ms - self._marks[-1][0] >= KNOWN_EVERY_MS:
            self._marks.append((heard_ms, place))
        while len(self._marks) > 1 and self._marks[1][0] <= heard_ms - KNOWN_MS:
            self._marks.popleft()
        self._known_from = self._marks[0][1]

    def _warm_up(self) -> None:
        """Read again what was sent last, to know which series there were."""
        self._is_warm = True
        place = self._known_from
        for entry in self._stream.read(place):
            if entry.number >= self._sent.number:
                break
            self._mark_place(_millis(entry.record.received_at), place)
            self._add(entry.record, None)
            place = entry.following


def _within(mark: Bookmark, stream: Stream) -> Bookmark:
    """Return a stored place, or the oldest there is where the journal is another one."""
    return mark if mark.number <= stream.end.number else stream.start


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
