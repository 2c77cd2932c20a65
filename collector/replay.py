"""After a start: what the tables and the journal know becomes what this process knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.alerts_in.door import read_record
from collector.alerts_in.sources import sources_of
from collector.alerts_in.wire import BadBody
from collector.intake import take
from collector.metrics.own import AGENT_CLONED
from collector.storage.fleet import JUDGED, fact, load_agents, load_units, set_fact
from collector.storage.open_alerts import load_changes, load_open_alerts
from collector.storage.outside import load_outside
from collector.storage.sources import load_sources
from collector.stream import Bookmark, Kind
from collector.wire import read
from collector.wire_json import RejectedReport

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.alerts import OpenAlert
    from collector.alerts_in.book import OutsideBook, StoredAlert
    from collector.alerts_in.sources import Source
    from collector.fleet import AgentRow, Fleet, Host
    from collector.judge import Judge
    from collector.outages.outages import Outages
    from collector.storage.database import Database
    from collector.storage.fleet import StoredUnit
    from collector.stream import Entry, Stream, StreamRecord

# How far back a rule may look for flapping: what is older says nothing any more.
LONGEST_FLAPPING = timedelta(days=1)
SILENT_REPLAY = timedelta(minutes=15)
# With many hosts one past report a minute rebuilds the hour, the timers, and is quick enough.
MANY_HOSTS = 500
SPACING_WITH_MANY = timedelta(seconds=55)


class Stored(NamedTuple):
    """What the tables know at a start."""

    units: list[StoredUnit]
    agents: list[AgentRow]
    alerts: list[tuple[str, OpenAlert]]
    changes: list[tuple[str, str, list[float]]]
    judged: Bookmark | None
    outside: list[StoredAlert]
    sources: dict[str, Source]


class Replayed(NamedTuple):
    """What a start found in the journal.

    Attributes:
        past: Reports replayed in silence. Attribute `new`: reports that had not been judged.
        lost: Records that were dropped from the journal before they were judged.
        judged: Where the journal goes on.
    """

    past: int
    new: int
    lost: int
    judged: Bookmark


def load_stored(connection: Connection, now: datetime) -> Stored:
    """Read what the tables know."""
    judged = fact(connection, JUDGED)
    return Stored(
        load_units(connection),
        load_agents(connection),
        load_open_alerts(connection),
        load_changes(connection, now - LONGEST_FLAPPING),
        Bookmark.parse(judged) if judged else None,
        load_outside(connection),
        sources_of(load_sources(connection)),
    )


def start(
    database: Database,
    stream: Stream,
    fleet: Fleet,
    judge: Judge,
    outages: Outages,
    now: datetime,
    book: OutsideBook | None = None,
) -> Replayed:
    """Do all that a start needs; blocks, and must end before the first request is taken."""
    stored = database.read_now(lambda c: load_stored(c, now))
    take_over(stored, fleet, judge, now)
    outages.restore(stored.alerts, now)
    if book is not None:
        book.restore(stored.outside, stored.sources, now)
    alerts = None if book is None else _Alerts(book, stored.sources)
    replayed = replay(stream, fleet, judge, stored.judged, now, alerts)
    if stored.judged is None:  # from here on every report is judged for real
        database.write_now(lambda c: set_fact(c, JUDGED, str(replayed.judged)))
    return replayed


def take_over(stored: Stored, fleet: Fleet, judge: Judge, now: datetime) -> None:
    """Fill an empty fleet; stored alerts keep firing until evidence to the contrary."""
    fleet.set_units(stored.units)
    away_seconds = _away_seconds(stored.agents, now)
    for row in stored.agents:
        host = fleet.add(row._replace(last_report_at=_until(row.last_report_at, now)))
        host.away_seconds = away_seconds
    rules = {rule.name for rule in judge.rulebook.rules}
    for agent, alert in stored.alerts:
        about = fleet.find(agent)
        if about is None or alert.rule not in rules:
            judge.end_stored(alert.fingerprint, now)
        else:
            about.open_alerts[alert.fingerprint] = alert._replace(seen_at=now.timestamp())
    for agent, fingerprint, times in stored.changes:
        flapper = fleet.find(agent)
        if flapper is not None and len(times) > 1:
            flapper.flaps[fingerprint] = tuple(times)
    for host in fleet.hosts.values():
        if host.quarantined_at is not None:
            judge.feed(host, AGENT_CLONED, 1.0, now)


class _Alerts(NamedTuple):
    """Who takes alerts from outside, and from whom."""

    book: OutsideBook
    sources: dict[str, Source]

    def take(self, record: StreamRecord, now: datetime) -> bool:
        """Take the alerts of a record that were not judged yet."""
        source = self.sources.get(record.agent)
        if source is None:
            return False
        try:
            said = read_record(record, self.book)
        except BadBody:  # accepted by an older version of the reader
            return False
        self.book.take(source, said, min(record.received_at, now))
        return True


def replay(
    stream: Stream,
    fleet: Fleet,
    judge: Judge,
    judged: Bookmark | None,
    now: datetime,
    alerts: _Alerts | None = None,
) -> Replayed:
    """Replay the last 15 minutes in silence, and what was not judged yet for real.

    Without a judged position the tables are new: the whole journal is past, but what it knows
    of sequence numbers and states still counts.
    """
    is_new_store, judged = judged is None, judged or stream.end
    silent_from = stream.start if is_new_store else stream.since(now - SILENT_REPLAY)
    spacing = SPACING_WITH_MANY if len(fleet.hosts) > MANY_HOSTS else timedelta(0)
    replayed_at: dict[str, datetime] = {}
    past = new = lost = 0
    following = judged
    for entry in stream.read(min(judged, silent_from, key=lambda mark: mark[:2])):
        record = entry.record
        is_alerts = record.kind is Kind.ALERTS
        host = None if is_alerts else fleet.hosts.get(record.agent)
        if entry.number >= judged.number:
            lost += entry.number - following.number
            following = entry.following
            if is_alerts and alerts is not None:
                new += alerts.take(record, now)
            new += host is not None and _take(entry, host, now) and _judge(entry, host, judge, now)
            continue
        if host is None or (is_new_store and not _take(entry, host, now)):
            continue
        if _is_wanted(entry, now, replayed_at.get(host.agent), spacing):
            replayed_at[host.agent] = entry.record.received_at
            past += _judge(entry, host, judge, now, is_past=True)
    for host in fleet.hosts.values():
        judge.look(host, now)
    return Replayed(past, new, lost, following)


def _is_wanted(
    entry: Entry, now: datetime, replayed_at: datetime | None, spacing: timedelta
) -> bool:
    at = entry.record.received_at
    return (
        entry.record.kind is Kind.REPORT
        and at >= now - SILENT_REPLAY
        and (replayed_at is None or at - replayed_at >= spacing)
    )


def _away_seconds(agents: list[AgentRow], now: datetime) -> float:
    """Return for how long nobody was heard before this start."""
    heard = [_until(row.last_report_at, now) for row in agents]
    return min(((now - at).total_seconds() for at in heard if at is not None), default=0.0)


def _until(at: datetime | None, now: datetime) -> datetime | None:
    """Return an instant, but none to come: our clock may have been ahead before the start."""
    return None if at is None else min(at, now)


def _take(entry: Entry, host: Host, now: datetime) -> bool:
    """Take over what a record says of its key; return whether it is a report to judge."""
    record = entry.record
    if record.kind is Kind.CONTACT:
        host.handed = host.handed.after(record.body.decode(), record.state)
        return False
    try:
        take(host, read(record.body), record.state, min(record.received_at, now))
    except RejectedReport:  # accepted by an older version of the reader
        return False
    return True


def _judge(entry: Entry, host: Host, judge: Judge, now: datetime, *, is_past: bool = False) -> bool:
    """Judge a record; one that our own fault makes impossible must not prevent the start."""
    received_at = min(entry.record.received_at, now)
    try:
        report = read(entry.record.body, host.layouts)
        judge.report(host, report, received_at, is_past=is_past)
    except RejectedReport:
        return False
    except Exception as error:  # noqa: BLE001 - the others must be judged
        logger.error("record {} of {} cannot be judged: {!r}", entry.number, host.agent, error)
        return False
    return True
