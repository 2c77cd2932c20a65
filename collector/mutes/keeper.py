"""Makes silences and windows begin and end: in memory, in the tables, and for their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.mutes.mutes import remind_at
from collector.storage import mutes as store
from collector.storage.fleet import fact
from collector.storage.outbox_store import queue_notices
from incidents import window_messages

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.changes import Changes
    from collector.mutes.mutes import Mute
    from collector.outages.outages import Outages
    from collector.storage.database import Database
    from incidents.desk import Desk


class MuteKeeper:
    """Its turn is called every few seconds, and when somebody made or ended a mute."""

    def __init__(
        self,
        database: Database,
        outages: Outages,
        desk: Desk,
        changes: Changes,
        *,
        new_message_id: Callable[[], str],
        console_url: str = "",
    ) -> None:
        self._database, self._outages, self._desk = database, outages, desk
        self._changes, self._new_message_id = changes, new_message_id
        self._console_url = console_url
        self._version: str | None = None
        self._is_first = True

    async def turn(self, now: datetime) -> None:
        """Let what is due begin and end, and remind owners."""
        muting = self._outages.muting
        version = await self._database.read(lambda c: fact(c, store.MUTES))
        if self._is_first or version != self._version:
            self._version, self._is_first = version, False
            muting.load(await self._database.read(lambda c: store.load_mutes(c, now)))
        began = muting.follow(now)
        active = {mute.id for mute in muting.active}
        ended = await self._database.read(store.marked) - active
        for mute in began:
            await self._begin(mute)
        for number in sorted(ended):
            await self._end(number, now)
        if began or ended:
            self._outages.remute(now)
            self._changes.publish("alert", "mutes")
            self._changes.publish("worklist", "mutes")
        for mute in await self._database.read(lambda c: store.unreminded(c, now)):
            at = remind_at(mute)
            if at is not None and at <= now:
                await self._database.write(lambda c, due=mute: self._remind(c, due, now))  # type: ignore[misc]

    async def _begin(self, mute: Mute) -> None:
        agents = self._outages.muting.under(mute.agent) if mute.agent else []
        await self._database.write(lambda c: store.mark(c, mute, agents))

    async def _end(self, number: int, now: datetime) -> None:
        await self._database.write(lambda c: self._finish(c, number, now))

    def _finish(self, connection: Connection, number: int, now: datetime) -> None:
        """Say what is still broken, then take the mute off what needs no telling.

        What does is told by the evaluation, and loses it then: it is said once, by the report of
        this end, although the end is found again until all of it is told.
        """
        mute = store.find_mute(connection, number)
        is_new = store.note_end(connection, number, now)
        if mute is not None and mute.kind == "maintenance" and is_new:
            broken = store.still_broken(connection, number)
            if broken:
                store.report(connection, number, broken, now)
                names = [(row.summary_vi, row.summary_en) for row in broken]
                words = window_messages.still_broken(mute.reason, names, self._console_url)
                self._tell_owner(connection, mute, words, now)
        store.unmark(connection, number)

    def _remind(self, connection: Connection, mute: Mute, now: datetime) -> None:
        if store.note_reminded(connection, mute.id, now):
            words = window_messages.ends_soon(mute.reason, mute.last_instant, self._console_url)
            self._tell_owner(connection, mute, words, now)

    def _tell_owner(
        self,
        connection: Connection,
        mute: Mute,
        words: window_messages.Notice,
        now: datetime,
    ) -> None:
        """Queue a notice where the owner is somebody whom the policy knows."""
        policy, new_id = self._desk.policy, self._new_message_id
        told = [one for one in policy.recipients if one.name == mute.owner]
        queue_notices(connection, told, words, policy, new_message_id=new_id, now=now)
