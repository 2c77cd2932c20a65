"""A desk, a real database and a clock that a test moves through every turn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import func, select

from collector.storage import schema
from collector.storage.desk_store import DeskStore, stored_timeline
from tests.builders import AN, T0, cause, desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.storage.database import Database
    from incidents.commands import Command
    from incidents.desk import Desk
    from incidents.timeline import Stored


class DeskDriver:
    """A desk, a database and a clock that a test moves."""

    def __init__(self, db: Database, at_desk: Desk | None = None) -> None:
        self.db = db
        self.desk = at_desk or desk()
        self.now = T0

    def after(self, **length: float) -> Self:
        """Move the clock, doing every turn that comes due on the way."""
        until = self.now + timedelta(**length)
        while (due := self.next_turn_at()) is not None and due <= until:
            self.now = max(self.now, due)
            self.do(lambda tx: self.desk.turn(tx, self.now))
        self.now = until
        return self

    def do(self, fn: Callable[[DeskStore], Any]) -> Any:
        """Run something in one transaction."""
        return self.db.write_now(lambda connection: fn(DeskStore(connection)))

    def command(self, incident: int, command: Command, actor: str = AN) -> Any:
        """Do what a person asks."""
        return self.do(lambda tx: self.desk.command(tx, incident, command, actor, self.now))

    def next_turn_at(self) -> datetime | None:
        """When the desk must look again."""
        query = select(func.min(schema.incidents.c.next_turn_at))
        return self.db.read_now(lambda c: c.execute(query).scalar())


class DutyOffice(DeskDriver):
    """Drives a desk; `messages` are those about deadlines."""

    def fire(self, alert_id: int = 1, **changes: Any) -> int:
        """Let an alert fire."""
        told = cause(alert_id, **changes)
        return int(self.do(lambda tx: self.desk.alert_fired(tx, told, self.now)))

    def messages(self, recipient: str = "") -> list[tuple[int, str, str]]:
        """Minute, recipient and named deadlines of each message about deadlines."""
        box = schema.outbox
        query = select(box).where(box.c.duties != "").order_by(box.c.id)
        return [
            (round((row.created_at - T0).total_seconds() / 60), row.recipient, row.duties)
            for row in self.db.read_now(lambda c: c.execute(query).all())
            if recipient in ("", row.recipient)
        ]

    def rows(self, table: Any, **where: Any) -> list[Any]:
        """Every row of a table with these values."""
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        return self.db.read_now(lambda c: c.execute(query).all())

    def entries(self, incident: int) -> list[Stored]:
        """The timeline as it lies in the tables."""
        return self.db.read_now(lambda c: stored_timeline(c, incident))
