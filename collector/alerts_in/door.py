"""The door for alerts from outside: bound → read → shed? → journal → 200.

Nothing is acknowledged before it is durable. Alertmanager's answers are kept, for its clients know
them: of a batch with mistakes the right ones are taken, and it is answered 400 all the same.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.alerts_in import wire
from collector.limits import MIN_DISK_FREE_RATIO
from collector.stream import Kind, StreamRecord, StreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from collector.alerts_in.alert import OutsideAlert
    from collector.alerts_in.book import OutsideBook
    from collector.alerts_in.sources import Source
    from collector.intake import Door
    from collector.limits import Vitals
    from collector.stream import Bookmark, Stream

# How a request may end: the closed set of labels on /metrics.
RESULTS = (
    "accepted", "failed", "partly", "refused", "shed_disk", "shed_loop", "shed_queue",
    "too_large", "too_many", "unavailable", "unknown_token",
)  # fmt: skip
SHED_RETRY_SECONDS = 15
# Alerts are what all this is for: they are shed later than anything else.
MAX_LOOP_LAG_SECONDS = 2.0
MAX_WAITING_ALERTS = 50_000
# So many are judged in one go before anything else has its turn.
CHUNK = 500
LARGE_BYTES = 256 << 10
_SPEED = 1


class Said(NamedTuple):
    """What a request is answered."""

    status: int
    error: str = ""
    retry_after_seconds: int | None = None


class AcceptedAlerts(NamedTuple):
    """Durable alerts that wait to be judged.

    Attributes:
        following: Where the stream goes on after all of their request; None while others of it
            follow.
    """

    source: Source
    alerts: Sequence[OutsideAlert]
    received_at: datetime
    following: Bookmark | None


class AlertsDoor:
    """Takes one request after another.

    Attributes:
        results: How many requests ended how; `alerts`: how many alerts were taken, `invalid` not.
        waiting: Alerts that are durable and not judged.
        truncated: Alerts that senders said to have left out.
    """

    def __init__(
        self,
        queue: Door,
        stream: Stream,
        book: OutsideBook,
        *,
        vitals: Vitals,
        now: Callable[[], datetime],
    ) -> None:
        self._queue, self._stream, self._book = queue, stream, book
        self._vitals, self._now = vitals, now
        self.results: Counter[str] = Counter()
        self.alerts = self.invalid = self.truncated = self.waiting = 0

    async def accept(self, source: Source, form: wire.Form, body: bytes) -> Said:
        """Take one request of a source whose token was right."""
        if (why := self._short_of()) is not None:
            self._book.hold_ends(self._now())
            text = f"the collector is short of its {why}"
            return self._end(f"shed_{why}", Said(503, text, SHED_RETRY_SECONDS))
        if len(body) > wire.MAX_BODY_BYTES:
            return self._end("too_large", Said(413, f"at most {wire.MAX_BODY_BYTES} bytes"))
        received_at, lease = self._now(), lease_of(self._book, form)
        try:
            if len(body) > LARGE_BYTES:
                # Megabytes are read beside the loop, which has others to serve meanwhile.
                read = await asyncio.to_thread(wire.read, form, body, received_at, lease=lease)
                content = await asyncio.to_thread(zlib.compress, body, _SPEED)
            else:
                read = wire.read(form, body, received_at, lease=lease)
                content = zlib.compress(body, _SPEED)
        except wire.BadBody as error:
            return self._end("refused", Said(400, str(error)))
        if not self._book.has_room(source, len(read.alerts)):
            # Those that are known are no more; how many that is only judging knows.
            new = self._book.new_among(source, read.alerts)
            if not self._book.has_room(source, new):
                text = "the source has more alerts than one may have"
                return self._end("too_many", Said(503, text, SHED_RETRY_SECONDS))
        self.invalid += len(read.errors)
        self.truncated += read.truncated
        refusal = Said(400, wire.told(read.errors)) if read.errors else None
        if read.alerts:
            try:
                await self._store(source, form, content, read.alerts, received_at)
            except StreamUnavailable as error:
                self._book.hold_ends(self._now())
                return self._end("unavailable", Said(503, str(error), SHED_RETRY_SECONDS))
        if refusal is None:
            return self._end("accepted", Said(200))
        return self._end("partly" if read.alerts else "refused", refusal)

    def judged(self, accepted: AcceptedAlerts) -> None:
        """Take note that some are judged."""
        self.waiting -= len(accepted.alerts)

    def failed(self, error: Exception) -> Said:
        """Say that a fault of ours cost a request."""
        logger.opt(exception=error).error("alerts could not be taken for a fault of ours")
        return self._end("failed", Said(500, "an error of the collector"))

    def _end(self, result: str, said: Said) -> Said:
        self.results[result] += 1
        return said

    def _short_of(self) -> str | None:
        if self._vitals.disk_free_ratio < MIN_DISK_FREE_RATIO:
            return "disk"
        if self._vitals.loop_lag_seconds > MAX_LOOP_LAG_SECONDS:
            return "loop"
        return "queue" if self.waiting >= MAX_WAITING_ALERTS else None

    async def _store(
        self,
        source: Source,
        form: wire.Form,
        content: bytes,
        alerts: list[OutsideAlert],
        received_at: datetime,
    ) -> None:
        """Return when they are durable and in the queue; `content` is the body, compressed.

        Raises:
            StreamUnavailable: They are not.
        """
        record = StreamRecord(Kind.ALERTS, source.id, received_at, "", form.value, content)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def stored(following: Bookmark) -> None:
            self._queue.passed = following
            for chunk in chunks(source, alerts, received_at, following):
                self._queue.accepted.append(chunk)
            self._queue.arrived.set()
            self.waiting += len(alerts)
            self.alerts += len(alerts)
            if not done.done():
                done.set_result(None)

        def failed(error: Exception) -> None:
            if not done.done():
                done.set_exception(error)

        self._stream.submit(record, stored, failed)
        await done


def chunks(
    source: Source, alerts: Sequence[OutsideAlert], at: datetime, following: Bookmark
) -> Iterator[AcceptedAlerts]:
    """Yield the alerts of one request in pieces that are judged in one go each."""
    for start in range(0, len(alerts), CHUNK):
        is_last = start + CHUNK >= len(alerts)
        piece = alerts[start : start + CHUNK]
        yield AcceptedAlerts(source, piece, at, following if is_last else None)


def lease_of(book: OutsideBook, form: wire.Form) -> timedelta:
    """Return for how long an alert holds whose end nobody gave."""
    return book.policy.notified_lease if form is wire.Form.WEBHOOK else book.policy.lease


def read_record(record: StreamRecord, book: OutsideBook) -> list[OutsideAlert]:
    """Return the alerts of a record of the stream, as they were read when they came.

    Raises:
        BadBody: An older version accepted what this one does not.
    """
    form = wire.Form(record.state)
    body = zlib.decompress(record.body)
    return wire.read(form, body, record.received_at, lease=lease_of(book, form)).alerts
