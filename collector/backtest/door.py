"""Where recorded reports come in: the queue of the evaluator, without a network in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from collector.intake import Accepted, Door, take
from collector.limits import Vitals
from collector.ranges import Arrival
from collector.stream import Bookmark, StreamUnavailable
from collector.wire import read
from collector.wire_json import RejectedReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.backtest.history import Recorded
    from collector.fleet import Fleet, Host
    from collector.stream import Entry, StreamRecord
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
    """A door that is fed with reports that were accepted once; they are not verified again.

    Attributes:
        strangers: Reports of hosts that are not enrolled any more: they are not judged.
        unreadable: Reports that an older version of the reader accepted.
    """

    def __init__(
        self, fleet: Fleet, *, now: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        super().__init__(
            fleet, _NoStream(), secret=b"", vitals=Vitals(), now=now, monotonic=monotonic
        )
        self._hosts = fleet.hosts
        self.strangers = self.unreadable = 0

    def hand_over(self, recorded: Recorded) -> None:
        """Put a report in front of the evaluator, unless its twin was there already."""
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


def _read(body: bytes | WireReport, host: Host) -> WireReport:
    if isinstance(body, bytes):
        return read(body, host.layouts)
    return structs.replace(body, layout=host.layouts.layout_of(body.samples))
