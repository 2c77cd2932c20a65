"""Schedules in force at an instant, and who stands in for whom; every change in the record."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, insert, select

from collector.storage import procedure_store, record
from collector.storage.oncall_tables import (
    oncall_cancelled,
    oncall_feeds,
    oncall_overrides,
    oncall_versions,
)
from incidents.config_record import RecordKind
from incidents.oncall import Override
from incidents.oncall_file import NO_ONCALL, kept_oncall
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from incidents.oncall_file import Oncall


@dataclass(frozen=True, slots=True)
class NewOverride:
    """An override to be kept; `uid` makes it the same however often it is given."""

    schedule: str
    starts_at: datetime
    ends_at: datetime
    out: str
    stand_in: str
    reason: str
    uid: str


def keep_oncall(connection: Connection, oncall: Oncall, at: datetime) -> None:
    """Keep schedules by their content, and since when they are in force; nothing if unchanged."""
    latest = select(oncall_versions.c.digest).order_by(oncall_versions.c.id.desc()).limit(1)
    if (connection.scalar(latest) or "") == oncall.digest:
        return
    if oncall.digest:
        procedure_store.keep_oncall(connection, oncall, at)
    connection.execute(insert(oncall_versions).values(digest=oncall.digest, from_at=at))


def oncall_at(connection: Connection, at: datetime) -> Oncall:
    """Return the schedules that were in force at an instant; none before the first."""
    digest = _digest_at(connection, at)
    content = procedure_store.content(connection, digest) if digest else None
    return NO_ONCALL if content is None else kept_oncall(content)


def is_in_force(connection: Connection, at: datetime) -> bool:
    """Say whether there were schedules at an instant."""
    return _digest_at(connection, at) != ""


def _digest_at(connection: Connection, at: datetime) -> str:
    query = (
        select(oncall_versions.c.digest)
        .where(oncall_versions.c.from_at <= at)
        .order_by(oncall_versions.c.from_at.desc(), oncall_versions.c.id.desc())
        .limit(1)
    )
    return connection.scalar(query) or ""


def add_override(connection: Connection, new: NewOverride, actor: str, now: datetime) -> int | None:
    """Keep an override and write it into the record; None: one of this uid is there."""
    known = select(oncall_overrides.c.id).where(oncall_overrides.c.uid == new.uid)
    if connection.scalar(known) is not None:
        return None
    row = {
        "schedule": new.schedule, "starts_at": new.starts_at, "ends_at": new.ends_at,
        "out": new.out, "stand_in": new.stand_in, "reason": new.reason, "uid": new.uid,
        "made_by": actor, "made_at": now,
    }  # fmt: skip
    done = connection.execute(insert(oncall_overrides).values(row))
    (number,) = done.inserted_primary_key or (0,)
    data = {
        "override": int(number),
        "schedule": new.schedule,
        "from": microseconds(new.starts_at),
        "until": microseconds(new.ends_at),
        "out": new.out,
        "in": new.stand_in,
    }
    texts = {"reason": new.reason} if new.reason else {}
    record.append(connection, now, RecordKind.ONCALL, actor, data=data, texts=texts)
    return int(number)


def cancel_override(
    connection: Connection, number: int, actor: str, reason: str, now: datetime
) -> bool:
    """Take an override back from now on; False: there is none, or it is taken back already."""
    if find_override(connection, number) is None:
        return False
    row = {"override": number, "at": now, "by": actor, "reason": reason}
    connection.execute(insert(oncall_cancelled).values(row))
    texts = {"reason": reason} if reason else {}
    data = {"cancelled": number}
    record.append(connection, now, RecordKind.ONCALL, actor, data=data, texts=texts)
    return True


def find_override(connection: Connection, number: int) -> Override | None:
    """Return an override that was not taken back."""
    query = _standing().where(
        oncall_overrides.c.id == number, oncall_cancelled.c.override.is_(None)
    )
    row = connection.execute(query).first()
    return None if row is None else _override(row)


def overrides_from(connection: Connection, at: datetime) -> list[Override]:
    """Return the overrides that end after an instant and stand today, in the order of entry."""
    query = _standing().where(
        oncall_overrides.c.ends_at > at, oncall_cancelled.c.override.is_(None)
    )
    return [_override(row) for row in connection.execute(query)]


def overrides_known_at(connection: Connection, at: datetime) -> list[Override]:
    """Return the overrides as they stood at an instant: who was on call is what was known then."""
    query = _standing().where(
        oncall_overrides.c.made_at <= at,
        oncall_cancelled.c.at.is_(None) | (oncall_cancelled.c.at > at),
    )
    return [_override(row) for row in connection.execute(query)]


def _standing() -> Any:
    is_its = oncall_cancelled.c.override == oncall_overrides.c.id
    return (
        select(oncall_overrides)
        .join(oncall_cancelled, is_its, isouter=True)
        .order_by(oncall_overrides.c.id)
    )


def _override(row: Row[Any]) -> Override:
    return Override(
        id=str(row.id),
        schedule=row.schedule,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        out=row.out,
        stand_in=row.stand_in,
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
    )


def set_feed(connection: Connection, person: str, secret_hash: str, now: datetime) -> None:
    """Give a person's calendar an address; the one it had opens nothing any more."""
    gone = delete(oncall_feeds).where(oncall_feeds.c.person == person.casefold())
    connection.execute(gone)
    row = {"person": person.casefold(), "secret_hash": secret_hash, "made_at": now}
    connection.execute(insert(oncall_feeds).values(row))


def is_feed(connection: Connection, person: str, secret_hash: str) -> bool:
    """Say whether an address is the one of a person's calendar."""
    query = select(oncall_feeds.c.secret_hash).where(oncall_feeds.c.person == person.casefold())
    kept = connection.scalar(query)
    return kept is not None and hmac.compare_digest(kept, secret_hash)
