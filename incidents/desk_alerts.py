"""What the desk does about alerts: opens an incident, joins them to one, marks them recovered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents import causes
from incidents.desk_around import noted
from incidents.in_session import Where
from incidents.incident import MACHINE, fold
from incidents.retrying import retried

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from incidents.causes import Cause
    from incidents.desk_store import DeskTransaction
    from incidents.desk_writer import Writer
    from incidents.in_session import Around
    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.shelf import Shelf

COLLECTOR = MACHINE + "collector"


class AlertsOfDesk:
    """The part of the desk that alerts reach; the rest of it is its owner's."""

    _shelf: Shelf
    _writer: Writer
    around: Callable[[DeskTransaction, Where, datetime], Around]

    @property
    def procedure(self) -> Procedure:
        """The ruleset by which what is detected now is judged."""
        return self._shelf.procedure

    def procedure_of(self, tx: DeskTransaction, state: Incident) -> Procedure:
        """Return the ruleset that was in force when an incident was detected."""
        return self._shelf.procedure_of(tx, state)

    def alert_fired(
        self, tx: DeskTransaction, cause: Cause, now: datetime, *, actor: str = COLLECTOR
    ) -> int:
        """Open an incident for an alert or join it to the open one of its cause; return which.

        Raises:
            Conflict: Others wrote first, three times.
        """

        def once() -> int:
            known = tx.open_incident_of(cause.dedup_key)
            if known is None:
                self._shelf.follow(now)
                where = Where(cause.node, cause.unit, cause.host, cause.class_code)
                around = self.around(tx, where, now)
                draft = causes.opening(replace(cause, around=around), self.procedure, now)
                return noted(tx, self._writer.open(tx, draft, self.procedure, actor, now), around)
            return self._join(tx, known, [cause], actor, now)

        return retried(tx, once)

    def alerts_fired(self, tx: DeskTransaction, of_one: Sequence[Cause], now: datetime) -> int:
        """Do so for alerts of one cause at once: one opens, the others join in one change.

        Raises:
            Conflict: Others wrote first, three times.
        """
        first, *others = of_one
        number = self.alert_fired(tx, first, now)
        if not others:
            return number
        return retried(tx, lambda: self._join(tx, number, others, COLLECTOR, now))

    def alerts_recovered(
        self, tx: DeskTransaction, incident: int, alerts: Collection[int], now: datetime
    ) -> None:
        """Mark alerts recovered; the last one marks the incident, which stays open."""

        def once() -> None:
            number, state = self._where_it_went(tx, incident)
            drafts = causes.recovering(state, alerts)
            self._writer.store(tx, number, state, drafts, COLLECTOR, now)

        retried(tx, once)

    def alert_recovered(
        self, tx: DeskTransaction, incident: int, alert_id: int, now: datetime
    ) -> None:
        """Mark one alert recovered."""
        self.alerts_recovered(tx, incident, [alert_id], now)

    def _join(
        self, tx: DeskTransaction, known: int, of_one: Sequence[Cause], actor: str, now: datetime
    ) -> int:
        number, incident = self._where_it_went(tx, known)
        drafts = causes.joining_all(incident, of_one, self.procedure_of(tx, incident))
        self._writer.store(tx, number, incident, drafts, actor, now)
        return number

    def _where_it_went(self, tx: DeskTransaction, incident: int) -> tuple[int, Incident]:
        """Return an incident, or the one that it was merged into, and lock it."""
        seen: set[int] = set()
        while True:
            state = fold(tx.timeline(incident, lock=True))
            seen.add(incident)
            parent = tx.number_of(state.work.merged_into) if state.work.merged_into else None
            if parent is None or parent in seen or not state.ended:
                return incident, state
            incident = parent
