"""What may happen to a conference session: decided, stored and logged in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collector.sessions.around import SessionsAround
from collector.sessions.board_effects import BoardEffects
from collector.sessions.telling import Teller
from collector.storage import sessions as store
from collector.storage.desk_store import DeskStore
from collector.targets.targets import NO_TARGETS
from incidents.causes import session_over
from incidents.conditions import Refused
from incidents.sessions import messages, planning, stages
from incidents.sessions.entering import checked, closing
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.desk import Desk
    from incidents.sessions.entering import Draft as Entered
    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy
    from incidents.state import Draft, Incident
    from incidents.window_messages import Notice


class NoSuchSession(Exception):
    """There is none of this number."""


class SessionDesk(SessionsAround):
    """Everything that people and the clock do to sessions.

    Args:
        policy: What the province decides about sessions; `adopt` takes over another one.
    """

    def __init__(
        self, desk: Desk, policy: SessionPolicy, *, new_message_id: Callable[[], str]
    ) -> None:
        self.adopt(policy, NO_TARGETS)
        self._desk, self._effects = desk, BoardEffects(desk)
        self._teller = Teller(desk, new_message_id=new_message_id)

    @property
    def rules(self) -> stages.Rules:
        """Return by which times the clock moves sessions."""
        file = self.policy.file
        return stages.Rules(file.pre_check, file.not_held_after, file.left_running)

    def plan(
        self,
        connection: Connection,
        new: Session,
        actor: str,
        now: datetime,
        *,
        source: str = "",
        digest: str = "",
        how: str = "form",
    ) -> int:
        """Keep a plan; return its number.

        Args:
            source: The calendar or schedule that brought it; `digest`: of what it said.
            how: Where it comes from, for the log.

        Raises:
            Refused: It cannot be held.
        """
        new = replace(new, points=planning.numbered(new.points), stage=Stage.PLANNED)
        planning.check(new, now)
        number = store.add_session(connection, new, actor, now, source=source, digest=digest)
        entry = LogEntry(now, actor, LogKind.PLANNED, data={"how": how})
        store.log(connection, number, [entry], now)
        self._by_the_clock(connection, replace(new, id=number), now)
        return number

    def change(
        self, connection: Connection, after: Session, actor: str, now: datetime, reason: str = ""
    ) -> bool:
        """Put another plan in the place of a session's; return whether anything changed.

        A session that is moved tells its technicians, once: the same plan again changes nothing.

        Raises:
            Refused: It cannot be held, or the session is over.
        """
        before = self._locked(connection, after.id)
        change = planning.changed(before, after, actor, now)
        if change.entry is None:
            return False
        planning.check(change.session, now)
        self._keep_places(connection, before, change.session)
        store.store_session(connection, change.session)
        store.set_points(connection, before.id, change.session.points)
        entry = replace(change.entry, text=reason)
        store.log(connection, before.id, [entry], now)
        self._by_the_clock(connection, change.session, now)
        if change.is_moved:
            before_check = self.policy.file.pre_check
            words = messages.moved(before, change.session, before_check, self._desk.console_url)
            self._tell(connection, change.session, words, now)
        return True

    def move(
        self,
        connection: Connection,
        number: int,
        starts_at: datetime,
        ends_at: datetime | None,
        actor: str,
        now: datetime,
        reason: str = "",
    ) -> bool:
        """Give a session other times; without an end it keeps its length."""
        before = self._locked(connection, number)
        ends_at = ends_at or starts_at + (before.ends_at - before.starts_at)
        after = replace(before, starts_at=starts_at, ends_at=ends_at)
        return self.change(connection, after, actor, now, reason)

    def step(
        self,
        connection: Connection,
        number: int,
        wanted: Stage,
        actor: str,
        now: datetime,
        reason: str = "",
    ) -> bool:
        """Begin, end, cancel or report a session; return whether anything changed.

        Raises:
            Refused: The stage does not follow.
        """
        before = self._locked(connection, number)
        moved = stages.by_a_person(before, wanted, actor, now, reason)
        self._store(connection, moved, now)
        self._let_go(connection, moved, now)
        if moved.entries and wanted is Stage.CANCELLED:
            words = messages.cancelled(before, reason, self._desk.console_url)
            self._tell(connection, before, words, now)
        return bool(moved.entries)

    def confirm(
        self,
        connection: Connection,
        number: int,
        place: int,
        actor: str,
        now: datetime,
        *,
        is_there: bool = True,
    ) -> bool:
        """Note that a technician will be there, or not after all; return whether that is new."""
        before = self._locked(connection, number)
        point = before.point(place)
        if point is None:
            raise Refused(
                f"Phiên không có điểm cầu số {place}.",
                f"The session has no point {place}.",
                ["point"],
            )
        if point.is_confirmed == is_there:
            return False
        if before.is_over:
            raise stages.refusal(before, Stage.PRE_CHECK)
        points = [
            replace(one, is_confirmed=is_there) if one is point else one for one in before.points
        ]
        store.set_points(connection, number, points)
        entry = LogEntry(
            now, actor, LogKind.CONFIRMED, point=place, data={"confirmed": is_there},
            text=point.technician,
        )  # fmt: skip
        store.log(connection, number, [entry], now)
        return True

    def enter(
        self,
        connection: Connection,
        number: int,
        drafts: Sequence[Entered],
        actor: str,
        now: datetime,
    ) -> tuple[list[int], list[int]]:
        """Keep what technicians entered, each once by its key.

        Returns the numbers of the entries, and of the incidents that they acknowledged or of
        which they met a duty. What was entered offline comes late and is kept, also after the
        log was closed.

        Raises:
            Refused: A point or symptom is unknown, or the instant cannot be.
        """
        session = self._locked(connection, number)
        entries = [checked(draft, session, self.policy, actor, now) for draft in drafts]
        known = store.known_keys(connection, number, [entry.key for entry in entries])
        new = [entry for entry in entries if entry.key not in known]
        told = self._effects.with_incidents(
            connection, session, new, self.policy.symptoms, actor, now
        )
        by_entry = dict(zip(map(id, new), told, strict=True))
        kept = store.log(connection, number, [by_entry.get(id(one), one) for one in entries], now)
        return kept, self._effects.entered(connection, number, told, actor, now)

    def close(
        self, connection: Connection, number: int, actor: str, now: datetime, *, is_clean: bool
    ) -> bool:
        """Close the log of a session that has ended; return whether it was open.

        Raises:
            Refused: It goes on, or the log and "nothing happened" contradict each other.
        """
        session = self._locked(connection, number)
        entry = closing(
            session, store.whole_log(connection, number), actor, now, self.policy, is_clean=is_clean
        )
        if entry is None:
            return False
        store.store_session(connection, replace(session, closed_at=now))
        store.log(connection, number, [entry], now)
        return True

    def turn(self, connection: Connection, now: datetime) -> list[int]:
        """Move sessions by the clock; return which."""
        moved = []
        for session in store.open_sessions(connection):
            if stages.by_the_clock(session, self.rules, now).entries:
                locked = self._locked(connection, session.id)
                self._by_the_clock(connection, locked, now)
                moved.append(session.id)
        return moved

    def _by_the_clock(self, connection: Connection, session: Session, now: datetime) -> None:
        moved = stages.by_the_clock(session, self.rules, now)
        self._store(connection, moved, now)
        self._let_go(connection, moved, now)

    def _let_go(self, connection: Connection, moved: stages.Moved, now: datetime) -> None:
        """Make the incidents of a session that is over ordinary ones, with their detection."""
        if not moved.entries or not moved.session.is_over:
            return
        tx = DeskStore(connection)
        for incident in store.incidents_of(connection, moved.session.id):
            self._desk.add(tx, incident, stages.CLOCK, now, self._ordinary(tx, now))

    def _ordinary(self, tx: DeskStore, now: datetime) -> Callable[[Incident], list[Draft]]:
        return lambda state: session_over(state, self._desk.procedure_of(tx, state), now)

    def _store(self, connection: Connection, moved: stages.Moved, now: datetime) -> None:
        if moved.entries:
            store.store_session(connection, moved.session)
            store.log(connection, moved.session.id, moved.entries, now)

    def _tell(self, connection: Connection, session: Session, words: Notice, now: datetime) -> None:
        who = self._teller.tell(connection, session, words, now)
        entry = LogEntry(now, stages.CLOCK, LogKind.TOLD, code=words.reason, data=who)
        store.log(connection, session.id, [entry], now)

    def _locked(self, connection: Connection, number: int) -> Session:
        found = store.find(connection, number, lock=True)
        if found is None:
            raise NoSuchSession(number)
        return found

    def _keep_places(self, connection: Connection, before: Session, after: Session) -> None:
        """Refuse to take out a point of which the log tells something that people entered."""
        gone = {point.order for point in before.points} - {point.order for point in after.points}
        if not gone:
            return
        log = store.whole_log(connection, before.id)
        named = sorted({entry.point for entry in log if entry.point in gone})
        if named:
            names = ", ".join(point.name for point in before.points if point.order in named)
            raise Refused(
                f"Nhật ký phiên đã ghi về {names}; không bỏ điểm cầu này được.",
                f"The log of the session tells of {names}; that point stays.",
                ["points"],
            )
