"""Looks ahead at who is on call: tells of gaps before they begin, makes documents of handovers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from collector.oncall.desk import OncallDesk
from collector.oncall.handover_desk import HandoverDesk
from collector.storage import handovers
from collector.storage.oncall_tables import oncall_told
from collector.storage.outbox_store import queue_notices
from incidents import gap_messages
from incidents.oncall import GapKind
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.database import Database
    from incidents.desk import Desk
    from incidents.oncall import Gap
    from incidents.paging_policy import Recipient

# A gap that lasts is one gap, and told of once, as long as its beginning can be seen.
_BACK = timedelta(days=31)
UNSIGNED, UNVERIFIED = "unsigned_handover", "unverified_contact"


class OncallKeeper:
    """Its turn is called every minute; what it says is one message, however many gaps there are."""

    def __init__(
        self, database: Database, desk: Desk, *, new_message_id: Callable[[], str]
    ) -> None:
        self._database, self._desk = database, desk
        self._oncall, self._handovers = OncallDesk(desk), HandoverDesk(desk)
        self._new_message_id = new_message_id

    async def turn(self, now: datetime) -> dict[str, int]:
        """Say what is new since the last turn; return what is wrong by kind, for the metrics."""
        if not self._oncall.oncall.escalates:
            return {}
        if await self._database.read(lambda c: self._handovers.wanted(c, now)):
            await self._database.write(lambda c: self._handovers.make(c, now))
        ahead = await self._database.read(lambda c: self.ahead(c, now))
        if await self._database.read(lambda c: _news(c, ahead, now)):
            await self._database.write(lambda c: self._tell(c, now))
        counts = {str(kind): sum(1 for gap in ahead if gap.kind is kind) for kind in GapKind}
        late = await self._database.read(lambda c: self._late(c, now))
        tree = await self._database.read(lambda c: self._oncall.phone_tree(c, now))
        stale = sum(not contact.is_verified for contact in tree)
        return {**counts, UNSIGNED: late, UNVERIFIED: stale}

    def ahead(self, connection: Connection, now: datetime) -> list[Gap]:
        """Return the gaps of now and of the time that is looked ahead, from their beginning."""
        until = now + self._oncall.oncall.file.warn_before
        found = self._oncall.gaps(connection, now - _BACK, until)
        return [gap for gap in found if gap.ends_at > now]

    def _late(self, connection: Connection, now: datetime) -> int:
        grace = self._handovers.grace
        return sum(1 for one in handovers.unsigned(connection) if one.at + grace <= now)

    def _tell(self, connection: Connection, now: datetime) -> None:
        news = _news(connection, self.ahead(connection, now), now)
        if not news:
            return
        for gap in news:
            connection.execute(insert(oncall_told).values(gap=_key(gap, now), at=now))
        schedules = self._oncall.oncall.schedules
        names = {name: schedule.vi or name for name, schedule in schedules.items()}
        words = gap_messages.write(news, names, self._desk.console_url)
        policy, new_id = self._desk.policy, self._new_message_id
        told = self._told(now)
        queue_notices(connection, told, words, policy, new_message_id=new_id, now=now)

    def _told(self, now: datetime) -> Sequence[Recipient]:
        """Return who hears of gaps: who holds the roles for it, else everybody on the list."""
        desk, roles = self._desk, set(self._oncall.oncall.file.warn)
        roster = desk.switchboard.roster((), desk.policy, desk.procedure, now)
        told = roster.told_by_role(roles, "", desk.policy, None).recipients
        by_role = {(one.name, one.channel): one for one in told if one.role in roles}
        return list(by_role.values()) or desk.policy.recipients


def _news(connection: Connection, ahead: Sequence[Gap], now: datetime) -> list[Gap]:
    keys = {_key(gap, now): gap for gap in ahead}
    query = select(oncall_told.c.gap).where(oncall_told.c.gap.in_(keys))
    told = set(connection.scalars(query))
    return [gap for key, gap in keys.items() if key not in told]


def _key(gap: Gap, now: datetime) -> str:
    """Return what makes a gap the same one; one whose beginning is out of sight: once a month."""
    is_old = gap.starts_at <= now - _BACK
    since = now.astimezone(ZONE).strftime("%Y-%m") if is_old else gap.starts_at.isoformat()
    return "|".join((gap.schedule, str(gap.kind), gap.person.casefold(), since))
