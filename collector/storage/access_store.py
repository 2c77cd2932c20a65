"""Rows of one-time log-in links and sessions; only SHA-256 digests of secrets are ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from collector.storage.schema import login_links, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Whose session it is, and the instant from which it is no longer valid."""

    user: str
    expires_at: datetime


def add_link(connection: Connection, token_hash: str, user: str, expires_at: datetime) -> None:
    """Store a link that nobody has used yet."""
    connection.execute(
        insert(login_links).values(token_hash=token_hash, user=user, expires_at=expires_at)
    )


def has_link(connection: Connection, token_hash: str) -> bool:
    """Say whether such a link was ever made, used or not."""
    found = select(login_links.c.user).where(login_links.c.token_hash == token_hash)
    return connection.execute(found).first() is not None


def use_link(connection: Connection, token_hash: str, now: datetime) -> str | None:
    """Use the link up and return its user; None when it is unknown, used or expired.

    The UPDATE must hit one row: of two requests with one link only the first gets in.
    """
    used = connection.execute(
        update(login_links)
        .where(login_links.c.token_hash == token_hash)
        .where(login_links.c.used_at.is_(None))
        .where(login_links.c.expires_at > now)
        .values(used_at=now)
    )
    if used.rowcount != 1:
        return None
    found = select(login_links.c.user).where(login_links.c.token_hash == token_hash)
    return str(connection.execute(found).scalar_one())


def add_session(
    connection: Connection, token_hash: str, user: str, *, now: datetime, expires_at: datetime
) -> None:
    """Store a session that is valid until `expires_at`."""
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash, user=user, created_at=now, expires_at=expires_at
        )
    )


def find_session(connection: Connection, token_hash: str, now: datetime) -> SessionRow | None:
    """Return the session while it is valid; at `expires_at` it no longer is."""
    found = connection.execute(
        select(sessions.c.user, sessions.c.expires_at)
        .where(sessions.c.token_hash == token_hash)
        .where(sessions.c.expires_at > now)
    ).first()
    return None if found is None else SessionRow(found.user, found.expires_at)


def end_session(connection: Connection, token_hash: str) -> None:
    """Forget the session; ending one twice changes nothing."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def prune_access(connection: Connection, now: datetime) -> int:
    """Delete what can no longer open anything; return how many rows went."""
    ended = connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    stale = connection.execute(delete(login_links).where(login_links.c.expires_at <= now))
    return ended.rowcount + stale.rowcount
