"""Which due messages leave now: cancel what nobody wants, merge what is too much, take the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, exists, insert, select, update

from collector.storage.schema import decisions, incidents, outbox
from incidents.channel import INSIDE, PUBLIC
from incidents.governor import DIGEST, StormPolicy, Waiting, plan, write_digest
from incidents.outbox import Message, no_longer_wanted
from incidents.paging import NotifyReason
from incidents.public_words import NOTHING_SAID
from incidents.quiet import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause

    from incidents.governor import Plan

STORM = "storm"
MAX_LOOKED_AT = 500
ANSWER = "answer"
# Somebody waits for these, in front of a screen or with a telephone: they are never merged.
AT_ONCE = frozenset({"test", ANSWER})


def claim(
    connection: Connection, channel: str, now: datetime, limit: int, storm: StormPolicy
) -> list[Message]:
    """Claim up to `limit` due messages, the worst severity first."""
    leaving: set[int] = set()
    by_person: dict[str, list[Row[Any]]] = {}
    for row in _wanted(connection, channel, now):
        by_person.setdefault(row.recipient, []).append(row)
    for mine in by_person.values():
        left = _left(connection, mine[0], now, storm)
        decided = plan([_waiting(row) for row in mine], left, storm, now)
        leaving |= set(decided.send)
        _put_off(connection, decided)
        if decided.merge:
            merged = [row for row in mine if row.id in decided.merge]
            leaving.add(_merge(connection, merged, now))
    return _taken(connection, leaving, limit, now)


def cancel(connection: Connection, row: Row[Any], why: str, now: datetime) -> None:
    """Cancel a message and keep the decision with its reason."""
    if _change(connection, [row.id], status="cancelled", error=why) != 1:
        return
    decision = {
        "incident": row.incident,
        "at": now,
        "recipient": row.recipient,
        "channel": row.channel,
        "notify": False,
        "reason": why,
        "outbox": row.id,
    }
    connection.execute(insert(decisions).values(decision))


def _wanted(connection: Connection, channel: str, now: datetime) -> Iterator[Row[Any]]:
    """Yield what is due and still wanted, the worst first; cancel the rest."""
    due = (
        _messages()
        .where(outbox.c.status == "pending", outbox.c.channel == channel, outbox.c.due_at <= now)
        .order_by(outbox.c.severity, outbox.c.due_at, outbox.c.id)
        .limit(MAX_LOOKED_AT)
    )
    for row in connection.execute(due).all():
        why = no_longer_wanted(
            kind=row.kind,
            reason=row.reason,
            created_at=row.created_at,
            acknowledged_at=row.acknowledged_at,
            ended=bool(row.ended),
            newer_waits=row.newer_waits,
            told_since=row.held == HELD and (row.newer_left or row.newer_waits),
        )
        if why is None:
            yield row
        else:
            cancel(connection, row, why, now)


def _messages() -> Any:
    newer, page = outbox.alias("newer"), outbox.alias("page")
    has_left = page.c.status.in_(("sent", "sending"))
    paged = exists().where(page.c.incident == outbox.c.incident, page.c.kind == "page", has_left)
    return select(
        outbox,
        incidents.c.code,
        incidents.c.acknowledged_at,
        incidents.c.ended,
        _newer(newer, newer.c.status == "pending").label("newer_waits"),
        _newer(newer, newer.c.status.in_(("sent", "sending"))).label("newer_left"),
        paged.label("paged"),
    ).join(incidents, incidents.c.id == outbox.c.incident, isouter=True)


def _newer(newer: FromClause, status: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that there is a newer page of the same incident for the same person."""
    return exists().where(
        newer.c.incident == outbox.c.incident,
        newer.c.channel == outbox.c.channel,
        newer.c.recipient == outbox.c.recipient,
        newer.c.kind == "page",
        (newer.c.duties == "") == (outbox.c.duties == ""),
        status,
        newer.c.id > outbox.c.id,
    )


def _waiting(row: Row[Any]) -> Waiting:
    is_first = row.reason == NotifyReason.FIRST or not row.paged
    return Waiting(
        id=row.id,
        incident=row.code or "",
        severity=row.severity,
        subject=row.subject,
        reach=row.reach,
        is_first=row.kind in AT_ONCE or (row.kind == "page" and row.held != HELD and is_first),
        held=row.held == HELD,
        is_digest=row.kind == DIGEST,
    )


def _left(
    connection: Connection, row: Row[Any], now: datetime, storm: StormPolicy
) -> list[tuple[datetime, bool]]:
    """Return when messages left to the person of a row, over its channel; as digests or not."""
    sent = and_(outbox.c.status == "sent", outbox.c.sent_at > now - storm.within)
    found = connection.execute(
        select(outbox.c.sent_at, outbox.c.kind).where(
            outbox.c.channel == row.channel,
            outbox.c.recipient == row.recipient,
            sent | (outbox.c.status == "sending"),
        )
    )
    return [(at or now, kind == DIGEST) for at, kind in found]


def _put_off(connection: Connection, decided: Plan) -> None:
    if decided.wait:
        _change(connection, decided.wait, due_at=decided.until, held=STORM)


def _merge(connection: Connection, merged: Sequence[Row[Any]], now: datetime) -> int:
    """Put one digest in the place of several messages and return its number."""
    first, waiting = merged[0], [_waiting(row) for row in merged]
    words = write_digest(waiting)
    public = all(one.reach == PUBLIC for one in waiting)
    values = {
        "incident": None, "channel": first.channel, "recipient": first.recipient,
        "address": first.address, "kind": DIGEST, "reason": DIGEST, "severity": first.severity,
        "message_id": f"{first.message_id}-d", "subject": words.subject, "body": words.body,
        "status": "pending", "created_at": now, "due_at": now,
        "reach": PUBLIC if public else INSIDE,
    }  # fmt: skip
    done = connection.execute(insert(outbox).values(values))
    (number,) = done.inserted_primary_key or (0,)
    _change(connection, [row.id for row in merged], status="merged", error=values["message_id"])
    return int(number)


def _taken(connection: Connection, leaving: set[int], limit: int, now: datetime) -> list[Message]:
    """Take up to `limit` of those that leave, the worst first."""
    found = connection.execute(
        select(outbox, incidents.c.code)
        .join(incidents, incidents.c.id == outbox.c.incident, isouter=True)
        .where(outbox.c.id.in_(leaving))
        .order_by(outbox.c.severity, outbox.c.due_at, outbox.c.id)
        .limit(limit)
    ).all()
    return [
        _message(row)
        for row in found
        if _change(
            connection, [row.id], status="sending", attempts=row.attempts + 1, claimed_at=now
        )
        == 1
    ]


def _change(connection: Connection, numbers: Sequence[int], **values: Any) -> int:
    """Change rows that still wait; return how many did."""
    change = update(outbox).where(outbox.c.id.in_(numbers), outbox.c.status == "pending")
    return connection.execute(change.values(values)).rowcount


def _message(row: Row[Any]) -> Message:
    # Words that name no incident leave with nothing beside them that does.
    says_nothing = row.reach == PUBLIC and row.subject == NOTHING_SAID
    return Message(
        id=row.id,
        channel=row.channel,
        recipient=row.recipient,
        address=row.address,
        kind=row.kind,
        reason=row.reason,
        severity=row.severity,
        incident="" if says_nothing else row.code or "",
        message_id=row.message_id,
        subject=row.subject,
        body=row.body,
        created_at=row.created_at,
        attempts=row.attempts + 1,
        repeated=row.repeated,
        reach=row.reach,
    )
