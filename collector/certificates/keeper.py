"""Tells each unit's officer of certificates that end: each list once, one message for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage import certificates as store
from collector.storage.fleet import load_units
from collector.storage.outbox_store import queue_notices
from incidents import certificate_messages
from incidents.certificates import news
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.certificates.book import CertificateBook
    from collector.storage.database import Database
    from incidents.certificates import News
    from incidents.desk import Desk
    from incidents.paging_policy import Recipient

# Who hears of what a unit has; where nobody holds it there, everybody on the list does.
ROLE = "can_bo_don_vi"
# Nothing of this cannot wait for the morning.
FIRST_HOUR = 7


class CertificateKeeper:
    """Its turn is called every minute; on most of them nothing is to be said."""

    def __init__(
        self,
        database: Database,
        book: CertificateBook,
        desk: Desk,
        *,
        new_message_id: Callable[[], str],
    ) -> None:
        self._database, self._book, self._desk = database, book, desk
        self._new_message_id = new_message_id

    async def turn(self, now: datetime) -> None:
        """Say what has come on a list since the last turn; from seven in the morning on."""
        if not self._book.certificates or now.astimezone(ZONE).hour < FIRST_HOUR:
            return
        if await self._database.read(lambda c: self._news(c, now)):
            await self._database.write(lambda c: self._tell(c, now))

    def _news(self, connection: Connection, now: datetime) -> list[News]:
        today = now.astimezone(ZONE).date()
        return news(self._book.certificates, today, store.load_told(connection))

    def _tell(self, connection: Connection, now: datetime) -> None:
        names = {unit.code: unit.name for unit in load_units(connection)}
        today, policy = now.astimezone(ZONE).date(), self._desk.policy
        by_recipient: dict[Recipient, list[News]] = {}
        for item in self._news(connection, now):
            store.note_told(connection, item, now)
            for recipient in self._told(item.certificate.unit, now):
                by_recipient.setdefault(recipient, []).append(item)
        for recipient, items in by_recipient.items():
            words = certificate_messages.write(items, names, today, self._desk.console_url)
            queue_notices(
                connection, [recipient], words, policy, new_message_id=self._new_message_id, now=now
            )

    def _told(self, unit: str, now: datetime) -> Sequence[Recipient]:
        desk = self._desk
        roster = desk.switchboard.roster((), desk.policy, desk.procedure, now)
        told = roster.told_by_role({ROLE}, unit, desk.policy, None).recipients
        by_role = {(one.name, one.channel): one for one in told if one.role == ROLE}
        return list(by_role.values()) or desk.policy.recipients
