"""The desk's transaction on a SQLAlchemy connection: `Desk.command(DeskStore(connection), …)`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from collector.storage import (
    attaching,
    carriers,
    mutes,
    oncall,
    outbox_store,
    procedure_store,
    removal,
    sessions,
)
from collector.storage.columns import readers_text
from collector.storage.entry_rows import stored_of
from collector.storage.schema import (
    alerts,
    decisions,
    entries,
    entry_texts,
    facts,
    incident_units,
    incidents,
    merged_causes,
    outbox,
    tasks,
    unsealed,
)
from collector.storage.task_rows import task_rows
from incidents import timeline
from incidents.desk_store import NoSuchIncident, SequenceConflict
from incidents.holes import EVIDENCE, REMOVING_KINDS
from incidents.quiet import HELD
from incidents.timeline import Stored, canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.channel import Reach
    from incidents.desk_store import Outgoing, Projection
    from incidents.messages import Words
    from incidents.oncall import Override
    from incidents.oncall_file import Oncall
    from incidents.paging import Decision, SilentReason
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.timeline import Entry

PENDING = "pending"
FIRST_SERIES = "SC"  # its counter had no prefix in its name before there were others


class DeskStore:
    """One transaction; it commits when its owner commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """Return the connection of the transaction."""
        return self._connection

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what was written inside when it raises, and nothing else."""
        with self._connection.begin_nested():
            yield

    def open_incident_of(self, dedup_key: str) -> int | None:
        """Return the open incident of a cause, or the one that took its incident in."""
        query = select(incidents.c.id).where(incidents.c.dedup_key == dedup_key)
        found: int | None = self._connection.scalar(query)
        if found is not None:
            return found
        taken_in = (
            select(incidents.c.id)
            .join(merged_causes, merged_causes.c.incident == incidents.c.id)
            .where(merged_causes.c.dedup_key == dedup_key, incidents.c.ended.is_(False))
        )
        return self._connection.scalar(taken_in)

    def number_of(self, code: str) -> int | None:
        """Return the number of the incident with this code."""
        return id_of(self._connection, code)

    def next_number(self, year: int, prefix: str) -> int:
        """Return the next running number of a series, from 1; others wait until this commits."""
        name = f"incidents_of_{year}" if prefix == FIRST_SERIES else f"{prefix}_of_{year}"
        query = select(facts.c.value).where(facts.c.name == name).with_for_update()
        last = self._connection.scalar(query)
        number = int(last or 0) + 1
        if last is None:
            self._insert_or_conflict(facts, {"name": name, "value": str(number)})
        else:
            change = update(facts).where(facts.c.name == name).values(value=str(number))
            self._connection.execute(change)
        return number

    def create(self, projection: Projection) -> int:
        """Make the row of a new incident and return its number."""
        try:
            done = self._connection.execute(insert(incidents).values(_row(projection)))
        except IntegrityError as error:
            if "starts where" in str(error.orig):  # a trigger refused it: no conflict
                raise
            raise SequenceConflict(f"{projection.incident.code}: {error.orig}") from error
        (incident,) = done.inserted_primary_key or (0,)
        self._note_units(int(incident), projection)
        procedure_store.write_deadlines(self._connection, int(incident), projection.deadlines)
        return int(incident)

    def timeline(self, incident: int, *, lock: bool) -> list[Entry]:
        """Return the entries in order; `lock` holds others off until the transaction ends."""
        if lock:
            query = select(incidents.c.id).where(incidents.c.id == incident).with_for_update()
            self._connection.execute(query)
        found = stored_timeline(self._connection, incident)
        if not found:
            raise NoSuchIncident(f"there is no incident number {incident}")
        return [timeline.read(entry) for entry in found]

    def append(self, incident: int, new: Sequence[Entry]) -> None:
        """Add entries to a timeline, and tell the sealer of them."""
        if not new:
            return
        places = [{"incident": incident, "seq": entry.seq} for entry in new]
        rows = [
            place
            | {
                "canonical": entry.canonical(),
                "hash": entry.hash(),
                "at": entry.at,
                "kind": entry.kind,
                "actor": entry.actor,
            }
            for place, entry in zip(places, new, strict=True)
        ]
        texts = [
            place | {"salt": entry.salt, "text": canonical_json(entry.texts)}
            for place, entry in zip(places, new, strict=True)
        ]
        self._insert_or_conflict(entries, *rows)
        self._connection.execute(insert(entry_texts), texts)
        self._connection.execute(insert(unsealed), places)
        for entry in new:
            if entry.kind == EVIDENCE:
                removal.hold(self._connection, incident, entry.seq, entry.data["sha256"])
            if entry.kind in REMOVING_KINDS:
                removal.note(self._connection, entry)
            attaching.ask(self._connection, incident, entry)

    def remove_words(
        self, incident: int, entries: Sequence[int], evidence: Sequence[str], at: datetime
    ) -> None:
        """Remove the words of entries wherever they stand, and let go of evidence by digest."""
        removal.remove_words(self._connection, incident, entries, evidence, at)

    def project(self, incident: int, projection: Projection) -> None:
        """Write the row beside the timeline."""
        change = update(incidents).where(incidents.c.id == incident).values(_row(projection))
        self._connection.execute(change)
        self._note_units(incident, projection)
        rows = task_rows(incident, projection.incident.work)
        if rows:
            self._connection.execute(delete(tasks).where(tasks.c.incident == incident))
            self._connection.execute(insert(tasks), rows)
        carriers.write(self._connection, incident, projection.incident.work)
        procedure_store.write_deadlines(self._connection, incident, projection.deadlines)

    def _note_units(self, incident: int, projection: Projection) -> None:
        """Write down the units beside the first; there are seldom any, and they only grow."""
        state = projection.incident
        further = [unit for unit in state.units if unit != state.unit]
        if not further:
            return
        query = select(incident_units.c.unit).where(incident_units.c.incident == incident)
        known = set(self._connection.scalars(query))
        rows = [{"incident": incident, "unit": unit} for unit in further if unit not in known]
        if rows:
            self._connection.execute(insert(incident_units), rows)

    def note_session(self, incident: int, session: int) -> None:
        """Note that an incident began in the path of a session."""
        sessions.note_incident(self._connection, session, incident)

    def is_drill(self, incident: int) -> bool:
        """Say whether an incident is a drill."""
        query = select(incidents.c.is_drill).where(incidents.c.id == incident)
        return bool(self._connection.scalar(query))

    def merge(self, child: int, cause: str | None, parent: int) -> None:
        """Let the alerts of an incident, and those of its cause to come, go on in another one."""
        moved = update(alerts).where(alerts.c.incident == child).values(incident=parent)
        self._connection.execute(moved)
        taken_in = merged_causes.c.incident == child
        change = update(merged_causes).where(taken_in).values(incident=parent)
        self._connection.execute(change)
        if cause is not None:
            known = merged_causes.c.dedup_key == cause
            self._connection.execute(delete(merged_causes).where(known))
            row = {"dedup_key": cause, "incident": parent}
            self._connection.execute(insert(merged_causes).values(row))

    def keep_ruleset(self, procedure: Procedure, at: datetime) -> None:
        """Keep a ruleset by its digest, with the moves it allows; nothing if it is known."""
        procedure_store.keep_ruleset(self._connection, procedure, at)

    def keep_policy(self, policy: PagingPolicy, at: datetime) -> None:
        """Keep a paging policy by its digest; nothing if it is known."""
        procedure_store.keep_policy(self._connection, policy, at)

    def keep_oncall(self, kept: Oncall, at: datetime) -> None:
        """Keep schedules and levels by their digest; nothing if it is known."""
        oncall.keep_oncall(self._connection, kept, at)

    def overrides(self, at: datetime) -> list[Override]:
        """Return who stands in for whom from an instant on, as people entered it."""
        return oncall.overrides_from(self._connection, at)

    def cancel_pages(
        self, incident: int, persons: frozenset[str] | None, why: SilentReason, at: datetime
    ) -> None:
        """Cancel pages that wait for these persons, in lower case; None: for anybody."""
        outbox_store.cancel_pages(self._connection, incident, persons, str(why), at)

    def kept(self, digest: str) -> str | None:
        """Return the content of a kept ruleset or policy."""
        return procedure_store.content(self._connection, digest)

    def cancel_duties(self, incident: int, still_open: frozenset[str], at: datetime) -> None:
        """Cancel waiting messages that speak only of deadlines which are not open any more."""
        outbox_store.cancel_duties(self._connection, incident, still_open, at)

    def take_back(
        self, incident: int, reword: Callable[[Reach, Words], Words] | None, at: datetime
    ) -> None:
        """Change the words of what waits about an incident; None: cancel all of it."""
        outbox_store.take_back(self._connection, incident, reword, at)

    def release(
        self, incident: int, reword: Callable[[Reach, str], Words], at: datetime
    ) -> frozenset[tuple[str, str]]:
        """Let the first pages that wait for what is found out leave now, in other words."""
        return outbox_store.let_go(self._connection, incident, reword, at)

    def told(self, incident: int) -> list[tuple[str, str, str]]:
        """Return recipient, channel and address of everybody who was paged."""
        return outbox_store.told(self._connection, incident)

    def queue(self, outgoing: Outgoing, at: datetime) -> int:
        """Put a message into the outbox and return its number."""
        row = {
            "incident": outgoing.incident,
            "channel": outgoing.channel,
            "recipient": outgoing.recipient,
            "address": outgoing.address,
            "kind": outgoing.kind,
            "reason": outgoing.reason,
            "severity": outgoing.severity,
            "message_id": outgoing.message_id,
            "subject": outgoing.subject,
            "body": outgoing.body,
            "status": PENDING,
            "created_at": at,
            "due_at": outgoing.held_until or outgoing.waits_until or at,
            "held": (outgoing.held_for or HELD) if outgoing.held_until else "",
            "duties": ",".join(outgoing.duties),
            "reach": outgoing.reach,
        }
        done = self._connection.execute(insert(outbox).values(row))
        (number,) = done.inserted_primary_key or (0,)
        return int(number)

    def record(
        self, incident: int, at: datetime, decision: Decision, outbox_id: int | None
    ) -> None:
        """Keep a decision to notify or not."""
        row = {
            "incident": incident,
            "at": at,
            "recipient": decision.recipient,
            "channel": decision.channel,
            "notify": decision.notify,
            "reason": decision.reason,
            "outbox": outbox_id,
            "level": decision.level,
            "detail": decision.detail,
        }
        self._connection.execute(insert(decisions).values(row))

    def muted_by(self, incident: int) -> tuple[str, ...]:
        """Return the silences and windows that cover every alert of an incident that fires."""
        return mutes.muted_by(self._connection, incident)

    def due(self, now: datetime, limit: int) -> list[int]:
        """Return open incidents whose turn has come, the longest waiting first."""
        query = (
            select(incidents.c.id)
            .where(incidents.c.next_turn_at <= now)
            .order_by(incidents.c.next_turn_at)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def postpone(self, incident: int, until: datetime) -> None:
        """Put off the turn of an incident that could not be judged."""
        change = update(incidents).where(incidents.c.id == incident).values(next_turn_at=until)
        self._connection.execute(change)

    def _insert_or_conflict(self, table: object, *rows: dict[str, object]) -> None:
        try:
            self._connection.execute(insert(table), list(rows))  # type: ignore[arg-type]
        except IntegrityError as error:
            raise SequenceConflict(str(error.orig)) from error


def id_of(connection: Connection, code: str) -> int | None:
    """Return the number of the incident with this code."""
    return connection.scalar(select(incidents.c.id).where(incidents.c.code == code))


def stored_timeline(connection: Connection, incident: int) -> list[Stored]:
    """Return the entries of an incident as they lie in the tables, words included."""
    texts = (entry_texts.c.incident == entries.c.incident) & (entry_texts.c.seq == entries.c.seq)
    query = (
        select(entries, entry_texts.c.salt, entry_texts.c.text)
        .join(entry_texts, texts, isouter=True)
        .where(entries.c.incident == incident)
        .order_by(entries.c.seq)
    )
    return [stored_of(row) for row in connection.execute(query)]


def _row(projection: Projection) -> dict[str, object]:
    state = projection.incident
    return {
        "code": state.code,
        "dedup_key": state.dedup_key,
        "ruleset": state.ruleset,
        "title": state.summary_vi,
        "title_en": state.summary_en,
        "unit": state.unit,
        "host": state.host,
        "class_code": state.class_code,
        "nature": state.nature,
        "impact": state.impact,
        "scope": state.scope,
        "severity": state.severity,
        "stage": state.stage,
        "ended": state.ended,
        "detected_at": state.detected_at,
        "acknowledged_at": state.acknowledged_at,
        "acknowledged_by": state.acknowledged_by,
        "acknowledge_due_at": state.acknowledge_due_at,
        "recovered_at": state.recovered_at,
        "closed_at": state.ended_at,
        "last_seq": state.last_seq,
        "last_hash": state.last_hash,
        "next_turn_at": projection.next_turn_at,
        "pages_sent": state.pages,
        "search_key": projection.search_key,
        "marks_key": projection.marks_key,
        "readers": readers_text(projection.readers) if projection.readers else None,
        "is_drill": projection.is_drill,
        "ruleset_digest": state.ruleset_digest or None,
        "reopen_until": projection.reopen_until,
    }
