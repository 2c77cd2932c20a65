"""Tests channels: when somebody asks, and each once a day; what fails is told over the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.storage import channel_tests as store
from collector.storage.channel_tests import TestRow, Way
from collector.storage.outbox_store import queue_notices
from incidents.channel_test_messages import NOT_BACK, write_failed
from incidents.conditions import Refused
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from collector.services import IncidentDesk
    from collector.storage.database import Database
    from incidents.paging_policy import Recipient
    from incidents.roster import Roster

DAILY = "machine:daily test"
# So long a daily test may be on its way.
PATIENCE = timedelta(minutes=10)
SHOWN_DAYS = timedelta(days=2)
WORST = "S1"


class Tested(NamedTuple):
    """What the last daily test of a channel came to; None: there was none, or it is on its way."""

    is_good: bool | None
    at: datetime | None


class ChannelTester:
    """Its turn is called every minute.

    Args:
        new_id: Returns a name that nothing else has.
    """

    def __init__(self, database: Database, desk: IncidentDesk, new_id: Callable[[], str]) -> None:
        self._database, self._desk, self._new_id = database, desk, new_id

    def ask(self, connection: Connection, person: str, actor: str, now: datetime) -> str:
        """Queue a real page over every channel of a person; return the name of the test.

        Raises:
            Refused: Nobody of this name can be reached over anything.
        """
        ways = self._ways_of(person, now)
        if not ways:
            raise Refused(
                f"Không có kênh nào để báo cho {person}: khai báo trong oncall.yaml hoặc "
                "channels.yaml.",
                f"No channel reaches {person}: name them in oncall.yaml or channels.yaml.",
                ["person"],
            )
        batch = self._new_id()
        store.add_tests(connection, ways, batch=batch, actor=actor, now=now)
        return batch

    async def turn(self, now: datetime) -> dict[str, Tested]:
        """Test what is due today, tell of what failed; return each channel's last result."""
        policy, local = self._desk.policy, now.astimezone(ZONE)
        since = (local - SHOWN_DAYS).date().isoformat()
        rows = await self._database.read(lambda c: store.daily_tests(c, since))
        if policy.daily_test is not None and local.time() >= policy.daily_test.at:
            day = local.date().isoformat()
            done = {row.channel for row in rows if row.day == day}
            ways = [way for way in self._own_ways() if way.channel not in done]
            if ways:
                await self._database.write(lambda c: self._begin(c, ways, day, now))
        if any(self._has_failed(row, now) and row.told_at is None for row in rows):
            await self._database.write(lambda c: self._tell(c, since, now))
        found = {name: Tested(None, None) for name in policy.channels}
        for row in rows:
            if row.channel in found and (self._is_good(row) or self._has_failed(row, now)):
                found[row.channel] = Tested(self._is_good(row), row.at)
        return found

    def _is_good(self, row: TestRow) -> bool:
        settings = self._desk.policy.channels.get(row.channel)
        must_return = settings is not None and settings.test_comes_back
        return row.status == "sent" and (not must_return or row.returned_at is not None)

    def _has_failed(self, row: TestRow, now: datetime) -> bool:
        if row.status in ("failed", "cancelled"):
            return True
        return not self._is_good(row) and row.at + PATIENCE <= now

    def _begin(self, connection: Connection, ways: list[Way], day: str, now: datetime) -> None:
        store.add_tests(connection, ways, batch=self._new_id(), actor=DAILY, now=now, day=day)

    def _tell(self, connection: Connection, since: str, now: datetime) -> None:
        for row in store.daily_tests(connection, since):
            if self._has_failed(row, now) and store.note_told(connection, row.message_id, now):
                self._tell_of(connection, row, now)

    def _tell_of(self, connection: Connection, failed: TestRow, now: datetime) -> None:
        error = NOT_BACK if failed.status == "sent" else failed.error
        words = write_failed(failed.channel, failed.at, error, self._desk.console_url)
        logger.error("the channel {} failed its daily test: {}", failed.channel, error)
        told, policy = self._others(failed.channel, now), self._desk.policy
        queue_notices(connection, told, words, policy, new_message_id=self._new_id, now=now)

    def _others(self, failed: str, now: datetime) -> list[Recipient]:
        """Return who hears that a channel failed, over every channel of theirs but that one."""
        desk, policy = self._desk, self._desk.policy
        oncall, roster = desk.switchboard.oncall, self._roster(now)
        told = list(policy.wanting(WORST))
        if oncall.escalates:
            names = roster.told_by_role(oncall.file.warn, "", policy, None).recipients
            for name in {one.name for one in names}:
                ways = roster.ways(name, len(policy.channels))
                told += () if isinstance(ways, str) else ways
        found = {(one.channel, one.address): one for one in told if one.channel != failed}
        return list(found.values())

    def _roster(self, now: datetime) -> Roster:
        return self._desk.switchboard.roster((), self._desk.policy, self._desk.procedure, now)

    def _ways_of(self, person: str, now: datetime) -> list[Way]:
        policy = self._desk.policy
        ways = self._roster(now).ways(person, len(policy.channels))
        found = [] if isinstance(ways, str) else list(ways)
        found += [one for one in policy.recipients if one.name.casefold() == person.casefold()]
        unique = {(one.channel, one.address): one for one in found}
        return [
            Way(one.name, one.channel, one.address, policy.reach_of(one.channel))
            for one in unique.values()
        ]

    def _own_ways(self) -> list[Way]:
        """Return where the daily test of each channel goes; none where nobody said."""
        policy = self._desk.policy
        return [
            Way("wanwatch", name, address, policy.reach_of(name))
            for name, settings in policy.channels.items()
            if (address := settings.tested_at()) is not None
        ]
