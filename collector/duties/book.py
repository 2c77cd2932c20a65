"""The register of duties together with what was done of it, as pages and commands use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.storage import duties as store
from incidents.conditions import Refused
from incidents.duties import Done, DueState, Standing, standings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.calendar import Calendar
    from incidents.duties_file import Duty

AHEAD = timedelta(days=60)
MOST_PROOF = 1_000


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One line of the list: the duty of the register, and how one of its periods stands."""

    duty: Duty
    standing: Standing


class DutyBook:
    """Holds the register in force; the calendar is the procedure's."""

    def __init__(self, duties: Sequence[Duty], calendar: Calendar) -> None:
        self.adopt(duties, calendar)

    def adopt(self, duties: Sequence[Duty], calendar: Calendar) -> None:
        """Work by another register and calendar from now on."""
        self._duties, self.calendar = {duty.code: duty for duty in duties}, calendar

    @property
    def register(self) -> tuple[Duty, ...]:
        """The duties in force."""
        return tuple(self._duties.values())

    def lines(
        self, connection: Connection, now: datetime, ahead: timedelta = AHEAD
    ) -> list[DutyLine]:
        """Return what is overdue, what is coming within `ahead`, and what was done lately."""
        found = standings(
            self._duties.values(),
            self.calendar,
            store.load_done(connection),
            since=store.first_day(connection, self.calendar.day_of(now)),
            now=now,
            ahead=ahead,
        )
        return [DutyLine(self._duties[one.occurrence.duty], one) for one in found]

    def record(
        self,
        connection: Connection,
        code: str,
        period: str,
        *,
        done_at: datetime,
        proof: str,
        actor: str,
        now: datetime,
    ) -> DutyLine:
        """Store that a duty was done, and return how it stands then.

        Raises:
            Refused: There is no such duty or period, it is done already, nothing proves it, or it
                was done in the future.
        """
        line = self._line(connection, code, period, now)
        proof = proof.strip()
        if line.standing.done is not None:
            raise Refused(
                f"Việc {code} kỳ {period} đã được ghi là hoàn thành.",
                f"{code} of {period} is recorded as done already.",
                ["period"],
            )
        if not proof or len(proof) > MOST_PROOF:
            raise Refused(
                f"Cần ghi: {line.duty.proof.vi} (tối đa {MOST_PROOF} ký tự).",
                f"Its proof is needed: {line.duty.proof.en} (at most {MOST_PROOF} characters).",
                ["proof"],
            )
        if done_at > now:
            raise Refused(
                "Thời điểm hoàn thành ở tương lai.", "It was done in the future.", ["done_at"]
            )
        store.add_done(connection, code, period, Done(done_at, now, actor, proof))
        return self._line(connection, code, period, now)

    def _line(self, connection: Connection, code: str, period: str, now: datetime) -> DutyLine:
        year = timedelta(days=366)
        for line in self.lines(connection, now, ahead=year):
            if (line.duty.code, line.standing.occurrence.period) == (code, period):
                return line
        listed = ", ".join(sorted(self._duties))
        raise Refused(
            f"Không có việc {code} kỳ {period} trong danh mục.",
            f"No duty {code} of {period}; duties: {listed}; `wanwatch duty list` shows periods.",
            ["duty"],
        )


def is_overdue(line: DutyLine) -> bool:
    """Say whether a line is undone and past its term."""
    return line.standing.state is DueState.OVERDUE
