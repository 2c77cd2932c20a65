"""Watchers in the tables: of each only the SHA-256 of its token, and when it last asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.storage.identity_log import note
from collector.storage.schema import watchers
from collector.watching.board import Watcher

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection


def load_watchers(connection: Connection) -> list[Watcher]:
    """Return the watchers that are not revoked."""
    columns = (watchers.c.name, watchers.c.unit, watchers.c.token_hash)
    rows = connection.execute(select(*columns).where(watchers.c.revoked_at.is_(None)))
    return [Watcher(*row) for row in rows]


def add_watcher(connection: Connection, watcher: Watcher, *, by: str, now: datetime) -> None:
    """Expect a watcher; a known name gets another token and unit."""
    values = {
        "unit": watcher.unit,
        "token_hash": watcher.token_hash,
        "created_at": now,
        "created_by": by,
        "revoked_at": None,
    }
    statement = update(watchers).where(watchers.c.name == watcher.name).values(values)
    if connection.execute(statement).rowcount == 0:
        connection.execute(insert(watchers).values(name=watcher.name, **values))
    note(connection, now, "watcher_made", host=watcher.name, unit=watcher.unit, actor=by)


def revoke_watcher(connection: Connection, name: str, *, by: str, now: datetime) -> bool:
    """Expect a watcher no longer; return whether there was one."""
    statement = (
        update(watchers)
        .where(watchers.c.name == name, watchers.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    is_revoked = connection.execute(statement).rowcount == 1
    if is_revoked:
        note(connection, now, "watcher_revoked", host=name, actor=by)
    return is_revoked


def save_seen(connection: Connection, names: Collection[str], now: datetime) -> None:
    """Store that watchers asked."""
    statement = update(watchers).where(watchers.c.name.in_(names)).values(last_seen_at=now)
    connection.execute(statement)
