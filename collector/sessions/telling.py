"""Tells the technicians of a session, once each, over the ways by which they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage.outbox_store import queue_notices
from incidents.contacts import TELEPHONE_KINDS
from incidents.messages import one_line
from incidents.paging import SilentReason
from incidents.paging_policy import Recipient
from incidents.phone_numbers import to_e164

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.desk import Desk
    from incidents.paging_policy import PagingPolicy
    from incidents.policy_parts import Severity
    from incidents.roster import Roster
    from incidents.sessions.model import Session
    from incidents.window_messages import Notice

_ANY: frozenset[Severity] = frozenset({"S1", "S2", "S3", "S4"})


class Teller:
    """Finds whom a session concerns and queues one message for each."""

    def __init__(self, desk: Desk, *, new_message_id: Callable[[], str]) -> None:
        self._desk, self._new_message_id = desk, new_message_id

    def tell(
        self, connection: Connection, session: Session, notice: Notice, now: datetime
    ) -> dict[str, list[str]]:
        """Queue a notice for every technician; return who is told and who cannot be."""
        policy = self._desk.policy
        roster = self._desk.switchboard.roster((), policy, self._desk.procedure, now)
        told: dict[str, Recipient] = {}
        missed: list[str] = []
        for name, phone in _people(session):
            found = _way(roster, policy, name, phone)
            if found is None:
                missed.append(name)
            else:
                told.setdefault(name, found)
        queue_notices(
            connection, told.values(), notice, policy, new_message_id=self._new_message_id, now=now
        )
        return {"told": list(told), "missed": missed}


def _people(session: Session) -> list[tuple[str, str]]:
    """Return each person once with their number: who stands by, and who stands behind."""
    found: dict[str, tuple[str, str]] = {}
    for point in session.points:
        for name, phone in ((point.technician, point.phone), (point.second, point.second_phone)):
            if name:
                found.setdefault(name.casefold(), (name, phone))
    return list(found.values())


def _way(roster: Roster, policy: PagingPolicy, name: str, phone: str) -> Recipient | None:
    """Return how somebody is reached: as a contact, by the list, or by the number of the plan."""
    ways = roster.ways(name)
    if not isinstance(ways, SilentReason) and ways:
        return ways[0]
    listed = (one for one in policy.recipients if one.name.casefold() == name.casefold())
    if (one := next(listed, None)) is not None:
        return one
    channel = next((n for n, c in policy.channels.items() if c.kind in TELEPHONE_KINDS), None)
    try:
        address = to_e164(phone)
    except ValueError:
        return None
    if channel is None:
        return None
    return Recipient.model_construct(
        name=one_line(name)[:100], channel=channel, address=address, severities=_ANY, role="",
        backup=False,
    )  # fmt: skip
