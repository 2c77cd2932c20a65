"""Handovers of shifts in the tables, and the facts that their documents are made of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from collector.storage import record
from collector.storage.queries.deadlines import running
from collector.storage.queries.visibility import NOBODY, visible_to
from collector.storage.record_tables import record_entries
from collector.storage.schema import (
    deadlines,
    handover_notes,
    handover_signatures,
    handovers,
    incidents,
    mutes,
)
from incidents.config_record import RecordKind
from incidents.handover import Changed, Coming, Contents, OpenIncident, Signature, digest
from incidents.state import PERSON
from incidents.timeline import microseconds

MOST_INCIDENTS, MOST_ROWS = 200, 100
# Entries of the record that no shift needs to hear of.
_NOT_TOLD = frozenset({RecordKind.READING, RecordKind.HANDOVER})


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote into a field; the last one of a field stands, the others stay."""

    at: datetime
    actor: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Handover:
    """One handover with everything that was added to it."""

    id: int
    schedule: str
    at: datetime
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    document: str
    made_at: datetime
    notes: tuple[Note, ...]
    signatures: tuple[Signature, ...]

    @property
    def words(self) -> dict[str, str]:
        """The fields as they stand."""
        return {note.field: note.text for note in self.notes}

    @property
    def digest(self) -> str:
        """What a signature of now would cover."""
        return digest(self.document, self.words)

    @property
    def is_signed(self) -> bool:
        """Say whether both have signed."""
        return len(self.signatures) == 2


def add(
    connection: Connection,
    schedule: str,
    at: datetime,
    outgoing: Collection[str],
    incoming: Collection[str],
    document: str,
    now: datetime,
) -> int:
    """Keep a document; there is one for each change of shifts of a schedule."""
    row = {
        "schedule": schedule, "at": at, "outgoing": "\n".join(outgoing),
        "incoming": "\n".join(incoming), "document": document, "made_at": now,
    }  # fmt: skip
    done = connection.execute(insert(handovers).values(row))
    (number,) = done.inserted_primary_key or (0,)
    data = {"handover": int(number), "schedule": schedule, "at": microseconds(at)}
    data["digest"] = digest(document, {})
    record.append(connection, now, RecordKind.HANDOVER, "machine:desk", data=data)
    return int(number)


def exists(connection: Connection, schedule: str, at: datetime) -> bool:
    """Say whether a change of shifts has its document."""
    query = select(handovers.c.id).where(handovers.c.schedule == schedule, handovers.c.at == at)
    return connection.scalar(query) is not None


def add_note(
    connection: Connection, number: int, actor: str, field: str, text: str, now: datetime
) -> None:
    """Keep what somebody wrote; nothing that was written before goes away."""
    row = {"handover": number, "at": now, "actor": actor, "field": field, "text": text}
    connection.execute(insert(handover_notes).values(row))
    data = {"handover": number, "field": field}
    record.append(connection, now, RecordKind.HANDOVER, actor, data=data, texts={"note": text})


def sign(connection: Connection, number: int, signature: Signature) -> None:
    """Keep a signature; there is one for each side."""
    row = {
        "handover": number, "side": signature.side, "actor": signature.actor,
        "at": signature.at, "digest": signature.digest, "accepted": "\n".join(signature.accepted),
    }  # fmt: skip
    connection.execute(insert(handover_signatures).values(row))
    data = {
        "handover": number,
        "side": signature.side,
        "digest": signature.digest,
        "accepted": list(signature.accepted),
    }
    record.append(connection, signature.at, RecordKind.HANDOVER, signature.actor, data=data)


def find(connection: Connection, number: int, *, lock: bool = False) -> Handover | None:
    """Return a handover; `lock` holds other writers off."""
    query = select(handovers).where(handovers.c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _handover(connection, row)


def newest(connection: Connection, *, limit: int) -> list[Handover]:
    """Return the last handovers, the newest first."""
    query = select(handovers).order_by(handovers.c.at.desc(), handovers.c.id.desc()).limit(limit)
    return [_handover(connection, row) for row in connection.execute(query).all()]


def unsigned(connection: Connection) -> list[Handover]:
    """Return the handovers that one side or both have not signed, the oldest first."""
    signatures = (
        select(handover_signatures.c.handover, func.count().label("n"))
        .group_by(handover_signatures.c.handover)
        .subquery()
    )
    query = (
        select(handovers)
        .join(signatures, signatures.c.handover == handovers.c.id, isouter=True)
        .where(func.coalesce(signatures.c.n, 0) < 2)
        .order_by(handovers.c.at)
        .limit(MOST_ROWS)
    )
    return [_handover(connection, row) for row in connection.execute(query).all()]


def unacknowledged(connection: Connection, units: Collection[str] | None) -> list[str]:
    """Return the codes of open incidents that nobody has acknowledged; None: of every unit."""
    query = (
        _open(units)
        .with_only_columns(incidents.c.code)
        .where(incidents.c.acknowledged_at.is_(None))
    )
    return list(connection.scalars(query.order_by(incidents.c.severity, incidents.c.id)))


def contents(
    connection: Connection,
    units: Collection[str] | None,
    since: datetime,
    at: datetime,
    until: datetime,
) -> Contents:
    """Return what a document is filled with; what not everybody may see is not in it.

    Args:
        units: Those that the schedule serves; None: all.
        since: When the shift that ends began; it ends `at`, the next one `until`.
    """
    rows = connection.execute(
        _open(units).order_by(incidents.c.severity, incidents.c.id).limit(MOST_INCIDENTS)
    ).all()
    due = _due(connection, units)
    return Contents(
        incidents=[_incident(row, due.get(row.id, [])) for row in rows],
        unacknowledged=unacknowledged(connection, units),
        deadlines=sorted(
            (
                Coming(f"{row.code}: {one.name_vi}", f"{row.code}: {one.name_en}", one.due_at)
                for row in rows
                for one in due.get(row.id, [])
                if one.due_at < until
            ),
            key=lambda coming: coming.at,
        ),
        windows=_mutes(connection, "maintenance", at, until),
        silences=_mutes(connection, "silence", at, until),
        changes=_changes(connection, since, at),
    )


def _open(units: Collection[str] | None) -> Any:
    query = select(incidents).where(
        incidents.c.ended.is_(False), incidents.c.is_drill.is_(False), visible_to(NOBODY)
    )
    return query if units is None else query.where(incidents.c.unit.in_(units))


def _due(connection: Connection, units: Collection[str] | None) -> dict[int, list[Row[Any]]]:
    """Return the deadlines that run by incident, the soonest first."""
    query = (
        select(deadlines)
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(running(NOBODY), incidents.c.is_drill.is_(False))
        .order_by(deadlines.c.due_at)
    )
    if units is not None:
        query = query.where(incidents.c.unit.in_(units))
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.incident, []).append(row)
    return found


def _incident(row: Row[Any], due: list[Row[Any]]) -> OpenIncident:
    first = due[0] if due else None
    return OpenIncident(
        code=row.code,
        severity=row.severity,
        title_vi=row.title,
        title_en=row.title_en,
        stage=row.stage,
        holder=(row.acknowledged_by or "").removeprefix(PERSON),
        next_vi="" if first is None else first.name_vi,
        next_en="" if first is None else first.name_en,
        next_due_at=None if first is None else first.due_at,
    )


def _mutes(connection: Connection, kind: str, at: datetime, until: datetime) -> list[Coming]:
    query = (
        select(mutes)
        .where(
            mutes.c.kind == kind,
            mutes.c.ended_at.is_(None),
            mutes.c.starts_at < until,
            mutes.c.ends_at > at,
        )
        .order_by(mutes.c.starts_at)
        .limit(MOST_ROWS)
    )
    return [
        Coming(what, what, row.starts_at, row.ends_at)
        for row in connection.execute(query)
        for what in [f"{row.unit or row.agent or row.rule}: {row.reason}"]
    ]


def _changes(connection: Connection, since: datetime, at: datetime) -> list[Changed]:
    query = (
        select(record_entries.c.at, record_entries.c.kind, record_entries.c.actor)
        .where(
            record_entries.c.at >= since,
            record_entries.c.at < at,
            record_entries.c.kind.not_in(_NOT_TOLD),
        )
        .order_by(record_entries.c.seq.desc())
        .limit(MOST_ROWS)
    )
    return [Changed(row.at, row.kind, row.actor) for row in connection.execute(query)][::-1]


def _handover(connection: Connection, row: Row[Any]) -> Handover:
    of_notes = select(handover_notes).where(handover_notes.c.handover == row.id)
    of_signatures = select(handover_signatures).where(handover_signatures.c.handover == row.id)
    return Handover(
        id=row.id,
        schedule=row.schedule,
        at=row.at,
        outgoing=tuple(row.outgoing.split("\n")),
        incoming=tuple(row.incoming.split("\n")),
        document=row.document,
        made_at=row.made_at,
        notes=tuple(
            Note(one.at, one.actor, one.field, one.text)
            for one in connection.execute(of_notes.order_by(handover_notes.c.id))
        ),
        signatures=tuple(
            Signature(one.side, one.actor, one.at, one.digest, tuple(one.accepted.split()))
            for one in connection.execute(of_signatures.order_by(handover_signatures.c.at))
        ),
    )
