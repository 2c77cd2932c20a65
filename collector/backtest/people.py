"""People of the past do in a run what they did at the time, where it has what they did it to."""

from __future__ import annotations

import heapq
import itertools
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from collector.storage.desk_store import DeskStore
from collector.storage.fleet import set_fact
from collector.storage.mutes import MUTES
from collector.storage.schema import incidents, mutes, oncall_cancelled, oncall_overrides
from incidents.incident import Draft

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.backtest.past import Act, Followed, Past
    from incidents.desk import Desk

STANDING_IN = {"override": oncall_overrides, "cancel": oncall_cancelled}

_log = logging.getLogger(__name__)


class People:
    """What was decided by hand in the past, each at its instant.

    A silence, window or override is made when it was made and ends when somebody ended it. What
    people did to an incident is done to the one of the same cause that is open in the run; one
    that opens later than at the time takes over at once what had been done by then.

    Attributes:
        done: How many acts of incidents were repeated; `refused`: how many could not be.
    """

    def __init__(self, desk: Desk, past: Past) -> None:
        self._desk = desk
        self.done = self.refused = 0
        self._order = itertools.count()
        self._due: list[tuple[datetime, int, Any]] = []
        self._followed = past.followed
        self._newest = 0
        for row in past.mutes:
            made = {**row, "ended_at": None, "ended_by": "", "reminded_at": None}
            self._push(row["created_at"], ("mute", {**made, "end_noted_at": None}))
            if row["ended_at"] is not None:
                self._push(row["ended_at"], ("unmute", row))
        for row in past.overrides:
            self._push(row["made_at"], ("override", row))
        for row in past.cancelled:
            self._push(row["at"], ("cancel", row))
        for followed in past.followed:
            for act in followed.acts:
                self._push(act.at, ("act", (followed, act)))

    @property
    def next_at(self) -> datetime | None:
        """Return when somebody did something next."""
        return self._due[0][0] if self._due else None

    def turn(self, connection: Connection, now: datetime) -> bool:
        """Do what is due; return whether there was anything."""
        is_any = False
        while self._due and self._due[0][0] <= now:
            _, _, (kind, what) = heapq.heappop(self._due)
            is_any = True
            if kind == "act":
                followed, act = what
                self._repeat(connection, followed, act, now)
            elif kind in STANDING_IN:
                connection.execute(insert(STANDING_IN[kind]).values(what))
            else:
                self._mute(connection, kind, what, now)
        return is_any

    def welcome(self, connection: Connection, now: datetime) -> None:
        """Let incidents that have just opened take over what had been done about them."""
        query = select(incidents.c.id, incidents.c.dedup_key).where(incidents.c.id > self._newest)
        for number, key in connection.execute(query.order_by(incidents.c.id)).all():
            self._newest = number
            for followed in self._followed:
                was_open = followed.opened_at <= now and (
                    followed.ended_at is None or followed.ended_at > now
                )
                if followed.key == key and was_open:
                    for act in followed.acts:
                        if act.at <= now:
                            self._repeat(connection, followed, act, now)

    def _push(self, at: datetime, what: Any) -> None:
        heapq.heappush(self._due, (at, next(self._order), what))

    def _repeat(self, connection: Connection, followed: Followed, act: Act, now: datetime) -> None:
        store = DeskStore(connection)
        number = store.open_incident_of(followed.key)
        if number is None:
            return
        draft = Draft(act.kind, act.data)
        try:
            with store.attempt():
                self._desk.add(store, number, act.actor, now, lambda _: [draft])
        except (ValueError, LookupError, TypeError) as error:
            self.refused += 1
            _log.debug("%s of %s is not repeated: %r", act.kind, followed.key, error)
        else:
            self.done += 1

    def _mute(self, connection: Connection, kind: str, row: dict[str, Any], now: datetime) -> None:
        if kind == "mute":
            connection.execute(insert(mutes).values(row))
        else:
            change = update(mutes).where(mutes.c.id == row["id"])
            connection.execute(change.values(ended_at=now, ended_by=row["ended_by"]))
        set_fact(connection, MUTES, f"{now} {row['id']} {kind}")
