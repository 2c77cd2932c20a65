"""A deadline of an incident as a row: instants that do not move with the clock, and its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.clocks import Extension, Met
    from incidents.procedure_clocks import Deadline


class State(StrEnum):
    """Where a deadline stands; the last one is of a clock that stopped before it was due."""

    NOT_DUE = "chua_den_han"
    DUE_SOON = "sap_den_han"
    OVERDUE = "qua_han"
    ON_TIME = "hoan_thanh_dung_han"
    LATE = "hoan_thanh_tre"
    STOPPED = "khong_con_ap_dung"


@dataclass(frozen=True, slots=True)
class Point:
    """An instant at which somebody is told, or the screen shows it (`tell` is "screen")."""

    percent: int
    tell: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A clock of this deadline that another one replaced: it stays in the record.

    Attributes:
        why: severity, extended, reopened, done (of one that repeats), undone (it did not hold).
        replaced_at: When another clock took its place; it was overdue if it was due before.
    """

    run: str
    severity: str
    due_at: datetime
    replaced_at: datetime
    why: str
    met_at: datetime | None = None

    @property
    def was_late(self) -> bool:
        """Say whether it was missed, or met late; met at the due instant is on time."""
        if self.met_at is not None:
            return self.met_at > self.due_at
        return self.replaced_at >= self.due_at


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One deadline of one incident.

    Attributes:
        deadline: As the ruleset has it.
        run: Names the clock: another severity, extension, reopening or repetition is another run.
        clock: elapsed, working, days, list or none.
        on_list: `daily` or `monthly`: it stands on that list and has no clock.
        due_at: None while it has no clock, and of what stands on a list.
        target_at: The office's own, earlier target.
        paused_since: Set while its clock stands; `pauses` are those that ended.
        met_at: When it was done; `proof` says how, where somebody wrote it down.
        stopped_at: When it ceased to apply without having been met; `stopped_by` says why.
        missed_before: Earlier clocks of it that were missed or met late.
    """

    deadline: Deadline
    run: str
    severity: str
    start_at: datetime
    clock: str = "none"
    term_vi: str = ""
    term_en: str = ""
    on_list: str = ""
    due_at: datetime | None = None
    target_at: datetime | None = None
    soon_at: datetime | None = None
    points: tuple[Point, ...] = ()
    paused_since: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    extension: Extension | None = None
    met_at: datetime | None = None
    proof: Met | None = None
    stopped_at: datetime | None = None
    stopped_by: str = ""
    earlier: tuple[Earlier, ...] = ()

    @property
    def code(self) -> str:
        """Its code in the ruleset."""
        return self.deadline.code

    @property
    def vi(self) -> str:
        """Its name in Vietnamese."""
        return self.deadline.vi

    @property
    def en(self) -> str:
        """Its name in English."""
        return self.deadline.en

    @property
    def mark(self) -> str:
        """Whether its number is law (`rule`) or `proposed`."""
        return self.deadline.mark

    @property
    def who(self) -> str:
        """The role that acts."""
        return self.deadline.who

    @property
    def is_legal(self) -> bool:
        """A clock of law: it never pauses and cannot be extended."""
        return self.deadline.is_legal

    @property
    def is_running(self) -> bool:
        """Say whether it has a clock that nothing has ended."""
        return self.due_at is not None and self.met_at is None and self.stopped_at is None

    @property
    def missed_before(self) -> int:
        """How many earlier clocks of it were missed or met late."""
        return sum(1 for clock in self.earlier if clock.was_late)

    def state(self, now: datetime) -> State:
        """Return where it stands; a due instant that has come is overdue, met at it is on time."""
        due = self.due_at
        if due is None:
            return State.STOPPED if self.stopped_at else State.NOT_DUE
        if self.met_at is not None:
            return State.ON_TIME if self.met_at <= due else State.LATE
        if self.stopped_at is not None:
            return State.OVERDUE if due <= self.stopped_at else State.STOPPED
        at = min(now, self.paused_since) if self.paused_since is not None else now
        if at >= due:
            return State.OVERDUE
        return State.DUE_SOON if self.soon_at is not None and at >= self.soon_at else State.NOT_DUE

    def late_by(self, now: datetime) -> timedelta:
        """Return by how much it was or is late; nothing while it is not."""
        if self.due_at is None:
            return timedelta()
        ended_at = self.met_at or self.stopped_at or self.paused_since or now
        return max(timedelta(), ended_at - self.due_at)
