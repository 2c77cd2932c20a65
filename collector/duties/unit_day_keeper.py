"""Reminds, once, the officers of units whose day nobody has confirmed by the cut-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage import unit_days as store
from collector.storage.outbox_store import queue_notice, queue_public
from collector.storage.queries.visibility import NOBODY
from incidents import unit_day_messages as messages
from incidents.channel import PUBLIC
from incidents.paging import SilentReason
from incidents.unit_day import State, is_time_to_remind
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.storage.database import Database
    from incidents.desk import Desk
    from incidents.paging_policy import Recipient
    from incidents.roster import Roster
    from incidents.unit_day import Count, UnitDay

LEAST = "S4"


class UnitDayKeeper:
    """Its turn is called every minute; each officer gets one message for all units."""

    def __init__(
        self,
        database: Database,
        days: UnitDayDesk,
        desk: Desk,
        *,
        new_message_id: Callable[[], str],
    ) -> None:
        self._database, self._days, self._desk = database, days, desk
        self._new_message_id = new_message_id

    async def turn(self, now: datetime) -> Count:
        """Remind who is to be reminded; return how today stands."""
        day = now.astimezone(ZONE).date()
        if is_time_to_remind(self._days.file.units.hours, day, now):
            silent = await self._database.read(lambda c: self._silent(c, now))
            if silent:
                await self._database.write(lambda c: self._remind(c, now))
        return await self._database.read(lambda c: self._days.counted(c, day, NOBODY, now))

    def _silent(self, connection: Connection, now: datetime) -> list[UnitDay]:
        board = self._days.board(connection, now.astimezone(ZONE).date(), NOBODY, now)
        waiting = (State.REMINDED, State.MISSING)
        return [
            one for one in board.lines if one.state in waiting and one.unit not in board.reminded
        ]

    def _remind(self, connection: Connection, now: datetime) -> None:
        """Queue the messages, and note each unit: with nobody to reach it is noted as well."""
        day = now.astimezone(ZONE).date()
        roster = self._desk.switchboard.roster((), self._desk.policy, self._desk.procedure, now)
        told: dict[Recipient, list[str]] = {}
        board = self._days.board(connection, day, NOBODY, now)
        for one in self._silent(connection, now):
            ways = [
                way
                for person in board.people[one.unit]
                if (way := _way(roster, person)) is not None
            ]
            for way in ways:
                told.setdefault(way, []).append(one.name)
            store.note_reminded(connection, one.unit, day, [way.name for way in ways], now)
        for recipient, names in told.items():
            self._queue(connection, recipient, names, now)

    def _queue(
        self, connection: Connection, recipient: Recipient, names: list[str], now: datetime
    ) -> None:
        day, message_id = now.astimezone(ZONE).date(), self._new_message_id()
        reach = self._desk.policy.reach_of(recipient.channel)
        if reach == PUBLIC:
            queue_public(
                connection,
                incident=None,
                channel=recipient.channel,
                recipient=recipient.name,
                address=recipient.address,
                severity=LEAST,
                words=messages.public_reminder(day),
                message_id=message_id,
                now=now,
                reason=messages.REMINDER,
            )
            return
        listed_at = self._days.file.units.hours.listed_at(day)
        notice = messages.reminder(day, names, listed_at, self._desk.console_url)
        queue_notice(connection, recipient, notice, reach=reach, message_id=message_id, now=now)


def _way(roster: Roster, person: str) -> Recipient | None:
    ways = roster.ways(person)
    return None if isinstance(ways, SilentReason) or not ways else ways[0]
