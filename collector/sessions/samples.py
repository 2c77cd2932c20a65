"""What was measured around a session, read back out of the journal: figures, and raw samples.

Called in a process of its own (`wanwatch job session-samples`): hours of reports are read.
"""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import select

from collector.storage import sessions as store
from collector.storage.desk_tables import incidents
from collector.stream import extract
from collector.wire import read
from collector.wire_json import RejectedReport
from incidents.sessions.quality import OF_FAULTS, Measuring, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from incidents.sessions.model import Session
    from incidents.sessions.quality import Measured

AROUND = timedelta(minutes=10)
# Reports of what was spooled meanwhile come late.
LATE = timedelta(minutes=10)
MOST_BYTES = 64 << 20


class Sample(NamedTuple):
    """One value as an agent measured it; `at` in Unix seconds by the collector's clock."""

    agent: str
    metric: str
    labels: dict[str, str]
    value: float
    at: float


class Found(NamedTuple):
    """What the journal held.

    Attributes:
        raw: How many samples lie around an event; `is_whole`: all of them had room.
        since: When the oldest report that was read came; None: there was none.
    """

    measured: dict[int, Measured]
    raw: int
    is_whole: bool
    since: datetime | None


def events_of(connection: Connection, session: Session) -> list[datetime]:
    """Return when something happened: what was logged as a fault or its end, and incidents."""
    found = [e.at for e in store.whole_log(connection, session.id) if e.kind in OF_FAULTS]
    numbers = store.incidents_of(connection, session.id)
    query = select(incidents.c.detected_at).where(incidents.c.id.in_(numbers))
    return sorted([*found, *connection.scalars(query)])


def collect(
    journal: Path,
    session: Session,
    agents: Collection[str],
    events: Collection[datetime],
    target: Path,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Found:
    """Read what agents measured of a session that is over; write what lies around its events.

    Each line of the file is one sample: agent, metric, labels, value, at (UTC).

    Raises:
        OSError: The disk refused.
    """
    began, over = session.began_at or session.starts_at, session.over_at or session.ends_at
    places = _places(session)
    wanted = {*places, session.bridge}
    spans = [((at - AROUND).timestamp(), (at + AROUND).timestamp()) for at in events]
    measuring = Measuring(began.timestamp(), over.timestamp())
    raw, is_whole, since = 0, True, None
    with target.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        for received_at, sample in _samples(
            journal, agents, began - AROUND, over + AROUND + LATE, told
        ):
            since = since or received_at
            name = sample.labels.get("target", "")
            if name not in wanted:
                continue
            for place in places.get(name, ()):
                measuring.add(Value(place, sample.metric, sample.at, sample.value))
            if is_whole and any(first <= sample.at <= last for first, last in spans):
                packed.write(json.dumps(sample._asdict(), ensure_ascii=False).encode() + b"\n")
                raw, is_whole = raw + 1, file.tell() < MOST_BYTES
    return Found(measuring.found(), raw, is_whole, since)


def _places(session: Session) -> dict[str, list[int]]:
    """Return the places of the points that each target is about."""
    found: dict[str, list[int]] = {}
    for point in session.points:
        for name in dict.fromkeys(filter(None, (point.target, point.path))):
            found.setdefault(name, []).append(point.order)
    return found


def _samples(
    journal: Path,
    agents: Collection[str],
    since: datetime,
    until: datetime,
    told: Callable[[int, int], None],
) -> Iterator[tuple[datetime, Sample]]:
    for record in extract.reports(journal, agents, since, until, told):
        try:
            report = read(record.body)
        except RejectedReport:  # accepted by an older version of the reader
            continue
        offset = record.received_at.timestamp() - report.sent_at
        for name, labels, value, at in report.samples.rows():
            sample = Sample(record.agent, name, _labels(bytes(labels)), value, at + offset)
            yield record.received_at, sample


@lru_cache(maxsize=50_000)
def _labels(raw: bytes) -> dict[str, str]:
    """Return labels that were checked when their report was read."""
    return msgspec.json.decode(raw, type=dict[str, str])
