"""Whoever is on duty in a rehearsal: answers pages, does the duties of the procedure in time, and
ends what has recovered."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from collector.storage.desk_store import DeskStore
from collector.storage.schema import incidents
from incidents.commands import Acknowledge, Meet, Move, Refused, Reportable
from incidents.procedure_clocks import BY_HAND, DECIDED
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

    from incidents.commands import Command
    from incidents.desk import Desk

ACTOR = "person:truc-mo-phong"
AWAKE_HOURS = range(6, 22)
AWAKE_MINUTES, ASLEEP_MINUTES = 4, 8
LIST_HOURS = (8, 16)
DUTIES_EVERY = timedelta(minutes=10)
DISMISSED = "khong_phai_su_co"


class Person:
    """Acknowledges what pages, looks through the rest at eight and at four, and ends it.

    What is due before they look again they do now: they tell, decide and report. What only the
    world can do, service being back, stays due.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plans: list[tuple[datetime, int, str]] = []
        self._planned: set[tuple[int, str]] = set()

    def is_due(self, now: datetime) -> bool:
        """Say whether there is something to do by now."""
        return bool(self._plans) and self._plans[0][0] <= now

    def act(self, connection: Connection, now: datetime) -> None:
        """Do what is due, and take note of what is new."""
        while self.is_due(now):
            _, incident, what = heapq.heappop(self._plans)
            self._planned.discard((incident, what))
            self._do(connection, incident, what, now)
        for row in connection.execute(select(incidents).where(incidents.c.ended.is_(False))):
            self._consider(row, now)

    def _consider(self, row: Row[Any], now: datetime) -> None:
        if row.acknowledged_at is None:
            soon = AWAKE_MINUTES if now.astimezone(ZONE).hour in AWAKE_HOURS else ASLEEP_MINUTES
            is_paged = row.pages_sent > 0
            at = now + timedelta(minutes=soon) if is_paged else _next_list(now)
            self._plan(at, row.id, "paged" if is_paged else "listed")
            return
        self._plan(now + DUTIES_EVERY, row.id, "duties")
        if row.recovered_at is not None:
            self._plan(_next_list(now), row.id, "end")

    def _plan(self, at: datetime, incident: int, what: str) -> None:
        if (incident, what) not in self._planned:
            self._planned.add((incident, what))
            heapq.heappush(self._plans, (at, incident, what))

    def _do(self, connection: Connection, incident: int, what: str, now: datetime) -> None:
        if what == "duties":
            for duty in self._duties(connection, incident, now):
                self._command(connection, incident, duty, now)
            return
        command: Command = Acknowledge()
        if what == "end":
            dispositions = self._desk.procedure.file.dispositions
            fields = {"disposition": next(iter(dispositions))}
            command = Move(DISMISSED, "diễn tập", fields)
        self._command(connection, incident, command, now)
        if what != "end":
            self._do(connection, incident, "duties", now)

    def _duties(self, connection: Connection, incident: int, now: datetime) -> Iterator[Command]:
        """Yield what must be done before the next look: whatever would be warned of until then."""
        tx = DeskStore(connection)
        for row in self._desk.deadlines_of(tx, incident):
            if not row.is_running or row.soon_at is None or row.soon_at > now + 2 * DUTIES_EVERY:
                continue
            if DECIDED in row.deadline.met_by:
                yield Reportable("no", "diễn tập")
            elif BY_HAND in row.deadline.met_by:
                yield Meet(row.code, "diễn tập", told="diễn tập", document="diễn tập")

    def _command(
        self, connection: Connection, incident: int, command: Command, now: datetime
    ) -> None:
        try:
            self._desk.command(DeskStore(connection), incident, command, ACTOR, now)
        except Refused:
            return  # it fired again or was acknowledged meanwhile: it is looked at anew


def _next_list(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    times = (midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in LIST_HOURS)
    return next(at for at in times if at > local)
