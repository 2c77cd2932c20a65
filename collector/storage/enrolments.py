"""Keys that are let in, approved, revoked and attached again: each one transaction with its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from collector.identity import enrolment, key_change
from collector.identity.enrolment import Again, Known, Refused
from collector.identity.key_change import Held
from collector.storage import directory, tokens
from collector.storage.fleet import KEY_OVERLAP, agent_of_key, touch_enrolment
from collector.storage.identity_log import note
from collector.storage.schema import agents
from incidents.vietnamese import search_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.identity.enrolment import Binding, Enrolled
    from collector.identity.key_change import Verdict

REPLACED = "another key was approved for the host"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to enrol whose signature holds.

    Attributes:
        agent: The id that follows from the public key.
        host: What the machine calls itself.
    """

    agent: str
    public_key: bytes
    host: str
    token_hash: str
    address: str


def enrol(connection: Connection, request: Request, now: datetime) -> Row[Any] | Refused:
    """Bind a key as its token and the inventory say; return its row, or why not.

    The same request again changes nothing and spends nothing.
    """
    agent = agent_of_key(connection, request.public_key) or request.agent
    found, token = find(connection, agent), tokens.find_token(connection, request.token_hash)
    known = found and Known(found.unit, found.kind, found.revoked_at is not None)
    said = {"agent": agent, "token": token.id if token else "", "address": request.address}
    answer = enrolment.decide(token, known, claimed_host=request.host, now=now)
    if isinstance(answer, Refused):
        return answer
    if isinstance(answer, Again):
        assert found is not None
        note(connection, now, "enrolled_again", unit=found.unit, host=found.host, **said)
        return found
    assert token is not None
    if not tokens.has_unit(connection, answer.unit):
        return Refused("unit_gone", f"unit {answer.unit} is no longer in units.csv")
    tokens.spend(connection, token.id)
    enrolled = enrolment.approve(
        answer,
        is_named=bool(token.host),
        listed=directory.listed_host(connection, answer.unit, answer.host),
        holders=directory.names_in(connection, answer.unit),
        listed_names=directory.listed_names(connection, answer.unit),
    )
    _insert(connection, request, enrolled, token.id, now)
    place = {"unit": answer.unit, "host": answer.host}
    note(connection, now, "enrolled", detail=enrolled.doubt, **place, **said)
    row = find(connection, request.agent)
    assert row is not None
    return row


def note_refused(connection: Connection, request: Request, refused: Refused, now: datetime) -> None:
    """Put a refusal on record; a token that was used in a wrong place is named."""
    token = tokens.find_token(connection, request.token_hash)
    said = {"agent": request.agent, "host": request.host[:63], "address": request.address}
    place = {"token": token.id, "unit": token.unit} if token else {}
    note(connection, now, "refused", detail=refused.why, **place, **said)


def find(connection: Connection, agent: str) -> Row[Any] | None:
    """Return the row of a key, revoked or not."""
    return connection.execute(select(agents).where(agents.c.id == agent)).first()


def approve(connection: Connection, chosen: Iterable[str], by: str, now: datetime) -> list[str]:
    """Approve keys that wait and return them; a key that held the same host before is revoked."""
    approved = []
    for agent in chosen:
        row = find(connection, agent)
        if row is None or row.revoked_at is not None or row.approved_at is not None:
            continue
        for other in _holders(connection, row):
            revoke(connection, other, by, now, reason=REPLACED)
        _set(connection, agent, approved_at=now, approved_by=by, doubt="")
        place = {"agent": agent, "unit": row.unit, "host": row.host}
        note(connection, now, "approved", actor=by, detail=row.doubt, **place)
        touch_enrolment(connection, f"{now} {agent} approved")
        approved.append(agent)
    return approved


def revoke(connection: Connection, agent: str, by: str, now: datetime, *, reason: str = "") -> bool:
    """Revoke a key; return whether there was one to revoke."""
    row = find(connection, agent)
    if row is None or row.revoked_at is not None:
        return False
    _set(connection, agent, revoked_at=now)
    place = {"agent": agent, "unit": row.unit, "host": row.host}
    note(connection, now, "revoked", actor=by, detail=reason, **place)
    touch_enrolment(connection, f"{now} {agent} revoked")
    return True


def change_key(
    connection: Connection, agent: str, *, old: bytes, new: bytes, signer: bytes, now: datetime
) -> Verdict:
    """Take an agent's next key if the proposal holds; the old one is good for a day more."""
    row = find(connection, agent)
    verdict = key_change.decide(row and _held(row, now), old=old, new=new, signer=signer)
    if row is not None and verdict == "changed":
        _set(connection, agent, public_key=new, previous_key=old, key_changed_at=now)
        place = {"agent": agent, "unit": row.unit, "host": row.host}
        note(connection, now, "key_changed", detail=f"{old.hex()} → {new.hex()}", **place)
        touch_enrolment(connection, f"{now} {agent} key changed")
    return verdict


def _held(row: Row[Any], now: datetime) -> Held:
    return Held(
        key=row.public_key,
        previous_key=row.previous_key or b"",
        is_previous_good=row.key_changed_at is not None and now < row.key_changed_at + KEY_OVERLAP,
        is_revoked=row.revoked_at is not None,
        is_quarantined=row.quarantined_at is not None,
    )


def reattach(connection: Connection, agent: str, by: str, now: datetime) -> None:
    """End the quarantine of a key in the tables; the running collector's memory goes first."""
    row = find(connection, agent)
    assert row is not None
    _set(connection, agent, quarantined_at=None)
    note(connection, now, "reattached", agent=agent, unit=row.unit, host=row.host, actor=by)


def _insert(
    connection: Connection, request: Request, enrolled: Enrolled, token: str, now: datetime
) -> None:
    binding: Binding = enrolled.binding
    is_approved = not enrolled.doubt
    connection.execute(
        insert(agents).values(
            id=request.agent,
            unit=binding.unit,
            host=binding.host,
            kind=binding.kind,
            presence=binding.presence,
            interval_seconds=binding.interval_seconds,
            public_key=request.public_key,
            token=token,
            enrolled_at=now,
            key_changed_at=now,
            approved_at=now if is_approved else None,
            approved_by="inventory" if is_approved else "",
            doubt=enrolled.doubt,
            sort_key=sort_key(binding.host),
            search_key=search_key(binding.host),
        )
    )
    touch_enrolment(connection, f"{now} {request.agent} enrolled")


def _holders(connection: Connection, row: Row[Any]) -> list[str]:
    """Return the approved keys of the same host."""
    statement = select(agents.c.id).where(
        agents.c.unit == row.unit,
        agents.c.host == row.host,
        agents.c.revoked_at.is_(None),
        agents.c.approved_at.is_not(None),
        agents.c.id != row.id,
    )
    return list(connection.scalars(statement))


def _set(connection: Connection, agent: str, **values: Any) -> None:
    connection.execute(update(agents).where(agents.c.id == agent).values(values))
