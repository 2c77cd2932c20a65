"""A desk with an outbox, a mail server and an HTTP receiver, on one of the databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import select

from collector.storage import schema
from collector.storage.desk_store import DeskStore
from collector.storage.outbox_store import OutboxStore
from incidents.channel import Means
from incidents.channels import build_channels
from incidents.delivery import Delivery
from tests.builders import AN, T0, cause, desk, policy

if TYPE_CHECKING:
    from datetime import datetime

    from collector.storage.database import Database
    from incidents.paging_policy import PagingPolicy
    from tests.receivers import HttpReceiver, MailServer

CHANNELS = """
channels:
  mail: {{kind: email, host: 127.0.0.1, port: {mail}, from: wanwatch@example.vn}}
  hook: {{kind: webhook, url: "{hook}", bearer_file: token}}
recipients:
  - {{name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}}
  - {{name: Lãnh đạo, channel: hook, severities: [S1, S2]}}
delivery: {{attempts: 3, first_pause: 10s, longest_pause: 1m}}
"""


class Post:
    """A desk, an outbox, channels and both receivers."""

    def __init__(self, db: Database, mail: MailServer, hook: HttpReceiver) -> None:
        self.db, self.mail, self.hook = db, mail, hook
        self.policy = policy(CHANNELS.format(mail=mail.port, hook=hook.url))
        self.desk = desk(self.policy)
        self.client = httpx.AsyncClient()

    def delivery(self) -> Delivery:
        channels = build_channels(self.policy, Means(lambda _: "bearer-secret", self.client))
        return Delivery(OutboxStore(self.db), channels, self.policy.delivery, jitter=lambda: 1.0)

    def work_by(self, paging: PagingPolicy) -> None:
        """Take another paging policy over."""
        self.policy, self.desk = paging, desk(paging)

    def turn(self, now: datetime) -> None:
        """Let the desk do what is due."""
        self.db.write_now(lambda c: self.desk.turn(DeskStore(c), now))

    def fire(self, now: datetime = T0, alert_id: int = 1, **changes: Any) -> int:
        told = cause(alert_id, **changes)
        return self.db.write_now(lambda c: self.desk.alert_fired(DeskStore(c), told, now))

    def command(self, incident: int, command: Any, now: datetime = T0) -> None:
        self.db.write_now(lambda c: self.desk.command(DeskStore(c), incident, command, AN, now))

    def box(self, channel: str = "mail") -> list[tuple[str, int, bool, str]]:
        t = schema.outbox
        query = (
            select(t.c.status, t.c.attempts, t.c.repeated, t.c.error)
            .where(t.c.channel == channel)
            .order_by(t.c.id)
        )
        return [tuple(row) for row in self.db.read_now(lambda c: c.execute(query).all())]
