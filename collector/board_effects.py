"""What an entry on the board does to the session's incidents: it acknowledges, it meets duties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage import sessions as store
from collector.storage.desk_store import DeskStore
from incidents.commands import Acknowledge, Meet
from incidents.conditions import NotAllowed, Refused
from incidents.sessions.log import LogKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.commands import Command
    from incidents.desk import Desk
    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.procedure_clocks import Deadline
    from incidents.sessions.log import LogEntry

WAY = "board"
# Whoever logs these has seen it.
_SEEN = frozenset({LogKind.SYMPTOM, LogKind.ACTION, LogKind.FALLBACK, LogKind.RESTORED})
_WORKED = frozenset({LogKind.ACTION, LogKind.FALLBACK})


class BoardEffects:
    """Gives the desk the commands that an entry stands for; what it refuses is left as it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def entered(
        self,
        connection: Connection,
        session: int,
        entries: Iterable[LogEntry],
        actor: str,
        now: datetime,
    ) -> list[int]:
        """Let entries have their effects; return the incidents that were changed."""
        changed: dict[int, None] = {}
        wanted = [one for one in entries if one.kind in _SEEN | {LogKind.SECRETARIAT}]
        numbers = store.incidents_of(connection, session) if wanted else []
        for entry in wanted:
            for number in numbers:
                if self._affect(connection, number, entry, actor, now):
                    changed[number] = None
        return list(changed)

    def _affect(
        self, connection: Connection, number: int, entry: LogEntry, actor: str, now: datetime
    ) -> bool:
        tx, done = DeskStore(connection), False
        state, _ = self._desk.look(tx, number, actor, now)
        if not _hits(state, entry):
            return False
        if entry.kind in _SEEN and state.acknowledged_at is None:
            done = self._do(tx, number, Acknowledge(), actor, now)
        for deadline in _meant(self._desk.procedure_of(tx, state), entry):
            at = min(max(entry.at, state.detected_at), now)
            how = entry.text or deadline.vi
            wish = Meet(deadline=deadline.code, how=how, at=at, told=deadline.tells or "")
            done = self._do(tx, number, wish, actor, now) or done
        return done

    def _do(self, tx: DeskStore, number: int, wish: Command, actor: str, now: datetime) -> bool:
        try:
            self._desk.command(tx, number, wish, actor, now, way=WAY)
        except (Refused, NotAllowed):
            return False  # done before, or not theirs to do
        return True


def _hits(state: Incident, entry: LogEntry) -> bool:
    """Say whether an entry is about an incident: one it names, or one that hits its point."""
    if entry.incident:
        return entry.incident == state.code
    part = state.around.in_session
    return part is not None and part.holds and (not entry.point or entry.point in part.points)


def _meant(procedure: Procedure, entry: LogEntry) -> list[Deadline]:
    """Return the duties of a live session that an entry says are done."""
    if entry.kind is LogKind.SECRETARIAT:
        return [one for one in procedure.session_deadlines if one.tells]
    if entry.kind in _WORKED:
        return [one for one in procedure.session_deadlines if not one.tells]
    return []
