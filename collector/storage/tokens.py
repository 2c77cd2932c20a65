"""Enrolment tokens: of each only its SHA-256, whom it lets in, and how often it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.identity.enrolment import Token
from collector.storage.identity_log import note
from collector.storage.schema import enrolment_tokens, units

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_TOKEN = select(*(enrolment_tokens.c[name] for name in Token.__slots__))


def has_unit(connection: Connection, unit: str) -> bool:
    """Say whether there is such a unit."""
    return connection.scalar(select(units.c.code).where(units.c.code == unit)) is not None


def add_token(
    connection: Connection, token: Token, token_hash: str, *, by: str, now: datetime
) -> None:
    """Store a token; one with the same hash was stored before and stays as it is."""
    if find_token(connection, token_hash) is not None:
        return
    values = {name: getattr(token, name) for name in Token.__slots__}
    connection.execute(
        insert(enrolment_tokens).values(
            token_hash=token_hash, created_at=now, created_by=by, **values
        )
    )
    detail = f"{token.kind}, {token.uses} uses, until {token.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    note(
        connection, now, "token_made",
        token=token.id, unit=token.unit, host=token.host, actor=by, detail=detail,
    )  # fmt: skip


def find_token(connection: Connection, token_hash: str) -> Token | None:
    """Return the token of a hash."""
    row = connection.execute(_TOKEN.where(enrolment_tokens.c.token_hash == token_hash)).first()
    return None if row is None else Token(*row)


def spend(connection: Connection, token: str) -> bool:
    """Take one use of a token; false when none is left."""
    left = enrolment_tokens.c.used < enrolment_tokens.c.uses
    statement = (
        update(enrolment_tokens)
        .where(enrolment_tokens.c.id == token, left)
        .values(used=enrolment_tokens.c.used + 1)
    )
    return connection.execute(statement).rowcount == 1


def revoke_token(connection: Connection, token: str, *, by: str, now: datetime) -> bool:
    """Revoke a token; return whether there was one to revoke."""
    statement = (
        update(enrolment_tokens)
        .where(enrolment_tokens.c.id == token, enrolment_tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    is_revoked = connection.execute(statement).rowcount == 1
    if is_revoked:
        note(connection, now, "token_revoked", token=token, actor=by)
    return is_revoked
