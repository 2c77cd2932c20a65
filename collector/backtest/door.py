"""Where recorded reports come in: the queue of the evaluator, without a network in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from collector.alerts_in import Outside
from collector.alerts_in.door import AlertsDoor, chunks, read_record
from collector.alerts_in.wire import BadBody
from collector.intake import Accepted, Door, take
from collector.limits import Vitals
from collector.ranges import Arrival
from collector.stream import Bookmark, Kind, StreamRecord, StreamUnavailable
from collector.wire import read
from collector.wire_json import RejectedReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.alerts_in.book import OutsideBook
    from collector.alerts_in.sources import Source
    from collector.backtest.history import Recorded
    from collector.fleet import Fleet, Host
    from collector.stream import Entry
    from collector.wire import WireReport

NOWHERE = Bookmark(0, 0, 0)


class _NoStream:
    """Takes nothing: history is read and never written."""

    start = end = NOWHERE

    def submit(
        self,
        _record: StreamRecord,
        _stored: Callable[[Bookmark], None],
        failed: Callable[[Exception], None],
    ) -> None:
        failed(StreamUnavailable("history is not written"))

    def read(self, _start: Bookmark) -> Iterator[Entry]:
        return iter(())

    def since(self, _instant: datetime) -> Bookmark:
        return NOWHERE


class RecordedDoor(Door):
    """A door that is fed with what was accepted once; it is not verified again.

    Attributes:
        outside: Who keeps alerts from outside; set before anything is handed over.
        strangers: What is of hosts or sources that are not enrolled any more: it is not judged.
        unreadable: Reports that an older version of the reader accepted.
    """

    outside: Outside

    def __init__(
        self,
        fleet: Fleet,
        sources: Mapping[str, Source],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(
            fleet, _NoStream(), secret=b"", vitals=Vitals(), now=now, monotonic=monotonic
        )
        self._hosts, self._sources = fleet.hosts, sources
        self.strangers = self.unreadable = 0

    def hand_over(self, recorded: Recorded) -> None:
        """Put a report in front of the evaluator, unless its twin was there already; or alerts."""
        if recorded.kind is Kind.ALERTS:
            self._hand_over_alerts(recorded)
            return
        host = self._hosts.get(recorded.agent)
        if host is None:
            self.strangers += 1
            return
        try:
            report = _read(recorded.body, host)
        except RejectedReport:
            self.unreadable += 1
            return
        if take(host, report, recorded.state, recorded.at) is not Arrival.DUPLICATE:
            self.accepted.append(Accepted(host, report, recorded.at, NOWHERE))

    def _hand_over_alerts(self, recorded: Recorded) -> None:
        source = self._sources.get(recorded.agent)
        if source is None or not isinstance(recorded.body, bytes):
            self.strangers += 1
            return
        record = StreamRecord(
            Kind.ALERTS, recorded.agent, recorded.at, "", recorded.state, recorded.body
        )
        try:
            alerts = read_record(record, self.outside.book)
        except BadBody:
            self.unreadable += 1
            return
        self.outside.door.waiting += len(alerts)
        self.accepted.extend(chunks(source, alerts, recorded.at, NOWHERE))


def new_outside(queue: Door, book: OutsideBook, now: Callable[[], datetime]) -> Outside:
    """Return what takes alerts from outside in a run: nothing comes in by its door."""
    return Outside(book, AlertsDoor(queue, _NoStream(), book, vitals=Vitals(), now=now))


def _read(body: bytes | WireReport, host: Host) -> WireReport:
    if isinstance(body, bytes):
        return read(body, host.layouts)
    return structs.replace(body, layout=host.layouts.layout_of(body.samples))
