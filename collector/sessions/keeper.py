"""Moves sessions by the clock, and keeps up with calendars and the weekly schedule."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from collector.sessions.feeds import FeedError, fetch
from collector.sessions.following import Followed, cancel_gone, follow, of_schedule
from collector.storage import sessions as store
from incidents.conditions import Refused
from incidents.incident import MACHINE
from incidents.sessions.calendar_file import read
from incidents.sessions.stages import by_the_clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.changes import Changes
    from collector.sessions.desk import SessionDesk
    from collector.sessions.feeds import Feed
    from collector.storage.database import Database
    from incidents.sessions.calendar_file import Wanted

CALENDAR, SCHEDULE = MACHINE + "calendar", MACHINE + "schedule"
OF_SCHEDULE = "lịch tuần"
FOLLOW_EVERY = timedelta(minutes=10)


class SessionKeeper:
    """Its turn is called every few seconds; calendars are read every ten minutes.

    Attributes:
        problems: What is wrong with the weekly schedule, in words.
    """

    def __init__(
        self,
        database: Database,
        desk: SessionDesk,
        changes: Changes,
        feeds: Sequence[Feed] = (),
    ) -> None:
        self._database, self._desk, self._changes = database, desk, changes
        self._feeds = feeds
        self._followed_at: datetime | None = None
        self._followed_policy: object = None
        self.problems: list[str] = []

    async def turn(self, now: datetime) -> None:
        """Do what is due by now."""
        rules = self._desk.rules
        ahead = await self._database.read(store.open_sessions)
        if any(by_the_clock(session, rules, now).entries for session in ahead):
            self._publish(await self._database.write(lambda c: self._desk.turn(c, now)))
        if self._is_time_to_follow(now):
            await self.follow(now)

    async def follow(self, now: datetime) -> None:
        """Read the weekly schedule and every calendar."""
        self._followed_at, self._followed_policy = now, self._desk.policy
        self._take(await self._database.write(lambda c: self._schedule(c, now)), "schedule")
        for feed in self._feeds:
            await self._feed(feed, now)

    def _is_time_to_follow(self, now: datetime) -> bool:
        last = self._followed_at
        return (
            last is None
            or self._followed_policy is not self._desk.policy
            or not last <= now < last + FOLLOW_EVERY
        )

    def _schedule(self, connection: Connection, now: datetime) -> Followed:
        policy = self._desk.policy
        wanted, self.problems = of_schedule(policy, now)
        done = follow(connection, self._desk, wanted, SCHEDULE, now, source=OF_SCHEDULE)
        done.problems += self.problems
        if not self.problems:
            done.cancelled += cancel_gone(
                connection, self._desk, OF_SCHEDULE, wanted, SCHEDULE, now
            )
        if policy.file.weekly:
            said, events = _said(done), len(wanted)
            store.note_feed(connection, OF_SCHEDULE, now, events=events, error=said, is_good=True)
        return done

    async def _feed(self, feed: Feed, now: datetime) -> None:
        try:
            text = await fetch(feed)
            policy, until = self._desk.policy, now + self._desk.policy.file.ahead
            wanted, notes = await asyncio.to_thread(read, text, policy, now, until)
        except (FeedError, Refused) as error:
            why = error.reason_vi if isinstance(error, Refused) else str(error)
            logger.warning("the calendar {} was not read: {}", feed.name, why)
            await self._database.write(lambda c: store.note_feed(c, feed.name, now, error=why))
            return
        done = await self._database.write(lambda c: self._calendar(c, feed, wanted, notes, now))
        self._take(done, feed.name)

    def _calendar(
        self,
        connection: Connection,
        feed: Feed,
        wanted: list[Wanted],
        notes: list[str],
        now: datetime,
    ) -> Followed:
        source = f"lịch {feed.name}"
        done = follow(connection, self._desk, wanted, CALENDAR, now, source=source)
        # A calendar of which an event could not be read says nothing of what is gone.
        if not notes:
            done.cancelled += cancel_gone(connection, self._desk, source, wanted, CALENDAR, now)
        done.problems += notes
        said, events = _said(done), len(wanted)
        store.note_feed(connection, feed.name, now, events=events, error=said, is_good=True)
        return done

    def _take(self, done: Followed, what: str) -> None:
        if done.numbers:
            logger.info(
                "{}: {} sessions made, {} changed, {} cancelled",
                what, len(done.made), len(done.changed), len(done.cancelled),
            )  # fmt: skip
        self._publish(done.numbers)

    def _publish(self, numbers: list[int]) -> None:
        for number in numbers:
            self._changes.publish("session", str(number))
            self._changes.publish("message", str(number))


def _said(done: Followed) -> str:
    """Return what is wrong, as far as a line of the page holds it."""
    return "; ".join(done.problems[:5])[:500]
