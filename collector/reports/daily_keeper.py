"""Makes the report of the day at its hour, once, and sends it to whom the province names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from collector.liveness import MAX_SETTLING_SECONDS
from collector.reports.printing import MEDIA_TYPES, PrintError
from collector.storage import message_files
from collector.storage import reports as store
from collector.storage.fleet import fact, set_fact
from collector.storage.outbox_store import queue_notice
from incidents import daily_messages
from incidents.channel import PUBLIC
from incidents.contacts import MAIL_KIND
from incidents.outbox import Attached
from incidents.paging import SilentReason
from incidents.paging_policy import Recipient
from incidents.reports.kinds.daily import DAILY
from incidents.unit_day import at_hour
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.reports.desk import ReportDesk
    from collector.reports.printing import Form
    from collector.storage.database import Database
    from incidents.desk import Desk
    from incidents.reports.document import Document
    from incidents.reports.life import Report

ACTOR = "machine:daily"
SENT = "daily_sent"


class DailyKeeper:
    """Its turn is called every minute; what it has done is in the tables, so a restart is nothing.

    Args:
        started_at: Since when hosts are heard; before everybody could be, nothing is made.
        printing: Returns a document as a file, given its form and who asks.
    """

    def __init__(
        self,
        database: Database,
        reports: ReportDesk,
        days: UnitDayDesk,
        desk: Desk,
        *,
        started_at: datetime,
        printing: Callable[[Document, Form, str], Awaitable[bytes]],
        new_message_id: Callable[[], str],
    ) -> None:
        self._database, self._reports, self._days, self._desk = database, reports, days, desk
        self._started_at, self._printing = started_at, printing
        self._new_message_id = new_message_id

    async def turn(self, now: datetime) -> bool:
        """Make and send what is due; return whether anything was done."""
        day = now.astimezone(ZONE).date()
        is_settled = now - self._started_at >= timedelta(seconds=MAX_SETTLING_SECONDS)
        if now < at_hour(day, self._days.file.report.at) or not is_settled:
            return False
        subject = day.isoformat()
        report, sent = await self._database.read(lambda c: self._known(c, subject))
        if report is not None and sent == subject:
            return False
        if report is None:
            report = await self._database.write(lambda c: self._make(c, subject, now))
            logger.info("the report of {} was made: number {}", subject, report.id)
        pdf = await self._pdf(report, now) if self._days.file.report.send_to else None
        made = report
        await self._database.write(lambda c: self._send(c, made, pdf, now))
        return True

    def _known(self, connection: Connection, subject: str) -> tuple[Report | None, str | None]:
        found = store.of_subject(connection, DAILY.code, subject)
        return found[0] if found else None, fact(connection, SENT)

    def _make(self, connection: Connection, subject: str, now: datetime) -> Report:
        found = store.of_subject(connection, DAILY.code, subject)
        return (
            found[0] if found else self._reports.make(connection, DAILY.code, subject, ACTOR, now)
        )

    async def _pdf(self, report: Report, now: datetime) -> bytes | None:
        """Return the file; None where it cannot be printed: then the words say where it is."""
        document = self._reports.composed(report, now, is_draft=False)
        try:
            return await self._printing(document, "pdf", ACTOR)
        except PrintError as error:
            logger.error("the report of {} could not be printed: {}", report.subject, error)
            return None

    def _send(
        self, connection: Connection, report: Report, pdf: bytes | None, now: datetime
    ) -> None:
        """Queue a message for everybody who is named, and note that this is done."""
        if fact(connection, SENT) == report.subject:
            return
        policy = self._desk.policy
        words = daily_messages.write(report.facts, report.subject, self._desk.console_url)
        for name in self._days.file.report.send_to:
            recipient = self._way(name, now)
            if recipient is None:
                logger.warning("the report of the day cannot be sent to {}: no way is known", name)
                continue
            reach, message_id = policy.reach_of(recipient.channel), self._new_message_id()
            queue_notice(connection, recipient, words, reach=reach, message_id=message_id, now=now)
            is_mail = policy.channels[recipient.channel].kind == MAIL_KIND
            if pdf is not None and is_mail and reach != PUBLIC:
                file = Attached(f"bao-cao-ngay-{report.subject}.pdf", MEDIA_TYPES["pdf"], pdf)
                message_files.attach(connection, message_id, file)
        set_fact(connection, SENT, report.subject)

    def _way(self, name: str, now: datetime) -> Recipient | None:
        """Return how somebody gets it: by mail inside, else as they are reached otherwise."""
        policy, board = self._desk.policy, self._desk.switchboard
        contact = board.oncall.contacts.of(name)
        if contact is not None and contact.email:
            for channel, settings in policy.channels.items():
                if settings.kind == MAIL_KIND and settings.reach != PUBLIC:
                    return Recipient(
                        name=contact.name,
                        channel=channel,
                        address=contact.email,
                        severities=frozenset({"S4"}),
                    )
        listed = [one for one in policy.recipients if one.name.casefold() == name.casefold()]
        listed.sort(key=lambda one: policy.channels[one.channel].kind != MAIL_KIND)
        if listed:
            return listed[0]
        roster = board.roster((), policy, self._desk.procedure, now)
        ways = roster.ways(name)
        return None if isinstance(ways, SilentReason) or not ways else ways[0]
