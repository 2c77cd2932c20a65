"""What an entry on the board does to the session's incidents: it acknowledges, it meets duties."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from loguru import logger
from sqlalchemy import select

from collector.storage import sessions as store
from collector.storage.desk_store import DeskStore
from collector.storage.schema import units
from incidents.causes import HandReport
from incidents.commands import Acknowledge, Meet
from incidents.conditions import NotAllowed, Refused
from incidents.incident import fold
from incidents.sessions.log import LogKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.commands import Command
    from incidents.desk import Desk
    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.procedure_clocks import Deadline
    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Session
    from incidents.sessions.policy_parts import Symptom

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

    def with_incidents(
        self,
        connection: Connection,
        session: Session,
        entries: Sequence[LogEntry],
        symptoms: Mapping[str, Symptom],
        actor: str,
        now: datetime,
    ) -> list[LogEntry]:
        """Return entries with the incident that each fault belongs to, opened where none hits it.

        The same fault entered at several points at once is one incident; a fault that is over with
        the same hand opens none, and neither does one of a session that does not go on.
        """
        faults = [one for one in entries if one.kind is LogKind.SYMPTOM and not one.incident]
        if not faults or not session.is_live:
            return list(entries)
        codes: dict[int, str] = {}
        for code in dict.fromkeys(one.code for one in faults):
            alike = [one for one in faults if one.code == code]
            known = {one.point: self._known(connection, session, one) for one in alike}
            unknown = [
                one for one in alike if not known[one.point] and _opens(one, entries, symptoms)
            ]
            opened = self._open(connection, session, unknown, symptoms[code], actor, now)
            codes |= {id(one): opened for one in unknown}
            codes |= {id(one): known[one.point] for one in alike if known[one.point]}
        return [replace(one, incident=codes.get(id(one), one.incident)) for one in entries]

    def _known(self, connection: Connection, session: Session, entry: LogEntry) -> str:
        """Return the code of an open incident of the session that hits the entry's point."""
        tx = DeskStore(connection)
        for number in store.incidents_of(connection, session.id):
            state = fold(tx.timeline(number, lock=False))
            part = state.around.in_session
            if state.ended or part is None or not part.holds:
                continue
            hit = set(part.points)
            if entry.point in hit or (not entry.point and hit >= {p.order for p in session.points}):
                return state.code
        return ""

    def _open(
        self,
        connection: Connection,
        session: Session,
        entries: Sequence[LogEntry],
        symptom: Symptom,
        actor: str,
        now: datetime,
    ) -> str:
        points = [p for one in entries if (p := session.point(one.point)) is not None]
        main = next((p for p in session.points if p.is_main), session.points[0])
        unit = (points[0] if points else main).unit
        if not entries or not unit:
            return ""
        where = ", ".join(point.name for point in points) or session.name
        note = next((f" ({one.text})" for one in entries if one.text), "")
        report = HandReport(
            class_code=symptom.incident_class,
            unit=unit,
            unit_name=connection.scalar(select(units.c.name).where(units.c.code == unit)) or unit,
            summary_vi=f"{symptom.vi}: {where}{note}",
            summary_en=f"{symptom.en}: {where}{note}",
            detected_at=min(one.at for one in entries),
            session=session.id,
            points=tuple(point.order for point in points),
        )
        tx = DeskStore(connection)
        try:
            number = self._desk.open_by_hand(tx, report, actor, now)
        except (Refused, NotAllowed) as error:
            logger.warning("session {}: no incident for {}: {}", session.id, symptom.code, error)
            return ""
        return fold(tx.timeline(number, lock=False)).code

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


def _opens(entry: LogEntry, together: Sequence[LogEntry], symptoms: Mapping[str, Symptom]) -> bool:
    """Say whether a fault is one that an incident is about, and not over already."""
    return symptoms[entry.code].opens and not any(
        one.kind is LogKind.RESTORED
        and one.point == entry.point
        and one.at >= entry.at
        and one.code in ("", entry.code)
        for one in together
    )


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
