"""Outside sources in the tables: of each token only its SHA-256, and when it was last used."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.source_tokens import Source, StoredSource
from collector.storage.identity_log import note
from collector.storage.source_tables import sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

# How long the token before a rotation is still good.
TOKEN_OVERLAP = timedelta(days=1)


def load_sources(connection: Connection) -> list[StoredSource]:
    """Return the sources that are not revoked."""
    table = sources.c
    rows = connection.execute(select(sources).where(table.revoked_at.is_(None)))
    return [
        StoredSource(
            Source(
                row.name, row.unit, frozenset(row.kinds.split()), row.host_kind,
                row.interval_seconds,
            ),
            row.token_hash,
            row.previous_hash,
            row.previous_until,
        )
        for row in rows
    ]  # fmt: skip


def has_source(connection: Connection, name: str) -> bool:
    """Say whether there is such a source that is not revoked."""
    query = select(sources.c.name).where(sources.c.name == name, sources.c.revoked_at.is_(None))
    return connection.scalar(query) is not None


def add_source(
    connection: Connection, source: Source, token_hash: str, *, by: str, now: datetime
) -> None:
    """Take samples or alerts from a source; a known name gets another token and what else is new.

    Whatever was its token before is none any more: who adds a name anew means another program.
    """
    values = {
        "unit": source.unit,
        "kinds": " ".join(sorted(source.kinds)),
        "host_kind": source.host_kind,
        "interval_seconds": source.interval_seconds,
        "token_hash": token_hash,
        "previous_hash": None,
        "previous_until": None,
        "created_at": now,
        "created_by": by,
        "revoked_at": None,
    }
    changed = connection.execute(
        update(sources).where(sources.c.name == source.name).values(values)
    )
    if changed.rowcount == 0:
        connection.execute(insert(sources).values(name=source.name, **values))
    detail = " ".join(sorted(source.kinds))
    note(
        connection, now, "source_made",
        token=source.name, unit=source.unit or "", actor=by, detail=detail,
    )  # fmt: skip


def rotate_source(
    connection: Connection, name: str, token_hash: str, *, by: str, now: datetime
) -> bool:
    """Give a source another token; the one before is good for a day. False: there is no such."""
    is_one = (sources.c.name == name) & sources.c.revoked_at.is_(None)
    is_other = sources.c.token_hash != token_hash  # a repeated request changes nothing
    changed = connection.execute(
        update(sources)
        .where(is_one, is_other)
        .values(
            previous_hash=sources.c.token_hash,
            previous_until=now + TOKEN_OVERLAP,
            token_hash=token_hash,
        )
    )
    if changed.rowcount == 1:
        note(connection, now, "source_rotated", token=name, actor=by)
    return has_source(connection, name)


def revoke_source(connection: Connection, name: str, *, by: str, now: datetime) -> bool:
    """Take nothing more from a source; return whether there was one."""
    statement = (
        update(sources)
        .where(sources.c.name == name, sources.c.revoked_at.is_(None))
        .values(revoked_at=now, previous_hash=None, previous_until=None)
    )
    is_revoked = connection.execute(statement).rowcount == 1
    if is_revoked:
        note(connection, now, "source_revoked", token=name, actor=by)
    return is_revoked


def save_seen(connection: Connection, seen: Mapping[str, datetime]) -> None:
    """Store when sources were last heard."""
    for name, at in seen.items():
        connection.execute(update(sources).where(sources.c.name == name).values(last_seen_at=at))
