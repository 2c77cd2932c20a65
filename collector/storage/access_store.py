"""Rows of one-time log-in links and sessions; only SHA-256 digests of secrets are ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the API's description reads it
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from collector.storage.account_tables import login_links, sessions
from incidents.actor import reader_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

# By so much of its digest a session is named to who ends it; it opens nothing.
ID_DIGITS = 16
LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the address, and what the browser calls itself."""

    address: str = ""
    browser: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Whose session it is, since when, from where, and the instant from which it is none."""

    id: str
    user: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    must_change: bool
    address: str
    browser: str


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
    connection: Connection,
    token_hash: str,
    user: str,
    origin: Origin,
    *,
    now: datetime,
    expires_at: datetime,
    must_change: bool = False,
) -> None:
    """Store a session that is valid until `expires_at` at the longest."""
    row = {
        "token_hash": token_hash,
        "user": user,
        "user_key": reader_key(user),
        "created_at": now,
        "seen_at": now,
        "expires_at": expires_at,
        "must_change": must_change,
        "address": origin.address,
        "browser": origin.browser[:LONGEST_BROWSER],
    }
    connection.execute(insert(sessions).values(row))


def find_session(
    connection: Connection, token_hash: str, now: datetime, idle_since: datetime
) -> SessionRow | None:
    """Return the session while it is valid.

    At `expires_at` it no longer is, and neither when it was last used at `idle_since` or before.
    """
    row = connection.execute(
        select(sessions)
        .where(sessions.c.token_hash == token_hash)
        .where(sessions.c.expires_at > now, sessions.c.seen_at > idle_since)
    ).first()
    return None if row is None else _session(row)


def sessions_of(
    connection: Connection, user_key: str, now: datetime, idle_since: datetime
) -> list[SessionRow]:
    """Return somebody's valid sessions, the newest first."""
    rows = connection.execute(
        select(sessions)
        .where(sessions.c.user_key == user_key)
        .where(sessions.c.expires_at > now, sessions.c.seen_at > idle_since)
        .order_by(sessions.c.created_at.desc(), sessions.c.token_hash)
    )
    return [_session(row) for row in rows]


def touch_session(connection: Connection, token_hash: str, now: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(
        update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now)
    )


def end_session(connection: Connection, token_hash: str) -> None:
    """Forget the session; ending one twice changes nothing."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def end_sessions(connection: Connection, user_key: str, session: str = "") -> int:
    """End one session of somebody by its id, or all of them; return how many there were."""
    ended = delete(sessions).where(sessions.c.user_key == user_key)
    if session:
        ended = ended.where(sessions.c.token_hash.startswith(session, autoescape=True))
    return connection.execute(ended).rowcount


def prune_access(connection: Connection, now: datetime) -> int:
    """Delete what can no longer open anything; return how many rows went."""
    ended = connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    stale = connection.execute(delete(login_links).where(login_links.c.expires_at <= now))
    return ended.rowcount + stale.rowcount


def _session(row: object) -> SessionRow:
    values = {name: getattr(row, name) for name in SessionRow.__slots__ if name != "id"}
    return SessionRow(id=row.token_hash[:ID_DIGITS], **values)  # type: ignore[attr-defined]
