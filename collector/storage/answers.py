"""Stored answers to POSTs that carried an Idempotency-Key, so that a repeat changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from collector.storage.schema import idempotency

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection


class KeyReusedError(Exception):
    """The same key came with another request."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was first given; `replayed` when this request is a repeat."""

    status: int
    answer: str
    replayed: bool


def once(
    connection: Connection,
    key: str,
    request_hash: str,
    now: datetime,
    work: Callable[[], tuple[int, str]],
) -> Stored:
    """Do `work` and store its answer, or return the answer of the first time.

    The answer is written in the transaction of the work: neither exists without the other.

    Raises:
        KeyReusedError: The key was used for a request with another content.
    """
    table = idempotency.c
    found = connection.execute(
        select(table.request_hash, table.status, table.answer).where(table.key == key)
    ).first()
    if found is not None:
        if found.request_hash != request_hash:
            raise KeyReusedError(
                "Idempotency-Key: already used for another request; send a new key"
            )
        return Stored(found.status, found.answer, replayed=True)
    status, answer = work()
    connection.execute(
        insert(idempotency).values(
            key=key, at=now, request_hash=request_hash, status=status, answer=answer
        )
    )
    return Stored(status, answer, replayed=False)


def prune_answers(connection: Connection, before: datetime) -> int:
    """Delete answers older than `before`; return how many."""
    return connection.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount
