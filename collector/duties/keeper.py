"""Tells people of recurring duties: once when one comes near, once when it is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage import duties as store
from collector.storage.outbox_store import queue_notices
from incidents import duty_messages
from incidents.duties import to_tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.duties.book import DutyBook
    from collector.storage.database import Database
    from incidents.desk import Desk


class DutyKeeper:
    """Its turn is called every minute; what it says is one message, however much is due."""

    def __init__(
        self, database: Database, book: DutyBook, desk: Desk, *, new_message_id: Callable[[], str]
    ) -> None:
        self._database, self._book, self._desk = database, book, desk
        self._new_message_id = new_message_id

    async def turn(self, now: datetime) -> None:
        """Say what is new since the last turn."""
        today = self._book.calendar.day_of(now)
        if not await self._database.read(store.is_in_use):
            await self._database.write(lambda c: store.note_first_day(c, today))
        if await self._database.read(lambda c: self._news(c, now)):
            await self._database.write(lambda c: self._tell(c, now))

    def _news(self, connection: Connection, now: datetime) -> list[duty_messages.Item]:
        told = store.load_told(connection)
        news = []
        for line in self._book.lines(connection, now):
            state = to_tell(line.standing, self._book.calendar, now)
            occurrence = line.standing.occurrence
            if state is None or (occurrence.duty, occurrence.period, str(state)) in told:
                continue
            news.append(duty_messages.Item(line.duty, occurrence, state))
        return news

    def _tell(self, connection: Connection, now: datetime) -> None:
        news = self._news(connection, now)
        if not news:  # somebody recorded it meanwhile
            return
        for item in news:
            one = item.occurrence
            store.note_told(connection, one.duty, one.period, str(item.state), now)
        words = duty_messages.write(news, self._desk.console_url)
        policy, new_id = self._desk.policy, self._new_message_id
        told = policy.recipients
        queue_notices(connection, told, words, policy, new_message_id=new_id, now=now)
