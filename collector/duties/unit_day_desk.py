"""The days of units over the tables: how each stands, who is asked, what people say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.storage import unit_days as store
from collector.storage.outbox_store import queue_notices
from collector.storage.queries.visibility import NOBODY
from incidents import unit_day_messages as messages
from incidents.conditions import Refused
from incidents.state import PERSON
from incidents.unit_day import (
    CORRECTED_WITHIN_DAYS,
    MOST_WORDS,
    Confirmation,
    count,
    day_meant,
    days_of,
    may_confirm,
)
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from sqlalchemy import Connection, Row

    from collector.hours.expected import Expected
    from collector.services import IncidentDesk
    from collector.storage.queries.visibility import Viewer
    from incidents.contacts import Contact
    from incidents.day_file import DayFile
    from incidents.unit_day import Count, UnitDay
    from incidents.unit_day_replies import Said

ACT = "unit_day"
# Of which severity the news that something happened is: whoever is told of it is told of this.
SEVERITY = "S3"
# Who answers for more units than this says by the page what happened in which.
MOST_BY_TEXT = 3


class Officer(NamedTuple):
    """Whom to call about a unit; `phones` in E.164, or what units.csv says as it is."""

    name: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """How a day stands.

    Attributes:
        officers: By unit: whom to call; `people` are those of them that are contacts, by name.
        reminded: By unit: who was reminded.
    """

    day: date
    lines: list[UnitDay]
    officers: dict[str, tuple[Officer, ...]]
    people: dict[str, tuple[str, ...]]
    reminded: dict[str, tuple[str, ...]]

    @property
    def count(self) -> Count:
        """Return how many were asked and answered."""
        return count(self.lines)


class UnitDayDesk:
    """Asks the policy in force and the tables; keeps nothing itself.

    Args:
        expected_of_unit: When anybody of a unit is expected: a day without hours is free.
    """

    def __init__(
        self,
        desk: IncidentDesk,
        file: DayFile,
        *,
        expected_of_unit: Callable[[str], Expected],
        new_message_id: Callable[[], str],
    ) -> None:
        self._desk, self.file = desk, file
        self._expected_of_unit, self._new_message_id = expected_of_unit, new_message_id

    def adopt(self, file: DayFile) -> None:
        """Go by another `day.yaml` from now on."""
        self.file = file

    def board(self, connection: Connection, day: date, viewer: Viewer, now: datetime) -> Board:
        """Return how a day stands for the units that somebody sees."""
        rows = [row for row in store.units_on(connection, viewer, day) if self._takes_part(row)]
        [(_, lines)] = self.history(connection, day, day, viewer, now)
        known = self._contacts(rows, now)
        return Board(
            day,
            lines,
            {row.code: _officers(known[row.code], row.contact) for row in rows},
            {unit: tuple(one.name for one in contacts) for unit, contacts in known.items()},
            store.reminded(connection, day),
        )

    def counted(self, connection: Connection, day: date, viewer: Viewer, now: datetime) -> Count:
        """Return how many were asked of a day and answered."""
        [(_, lines)] = self.history(connection, day, day, viewer, now)
        return count(lines)

    def history(
        self, connection: Connection, first: date, last: date, viewer: Viewer, now: datetime
    ) -> Iterator[tuple[date, list[UnitDay]]]:
        """Yield the days of a span of time with how each stood for every unit."""
        said: dict[date, dict[str, list[Confirmation]]] = {}
        for one in store.said_on(connection, first, last):
            said.setdefault(one.day, {}).setdefault(one.unit, []).append(one)
        for back in range((last - first).days + 1):
            day = first + timedelta(days=back)
            rows = [row for row in store.units_on(connection, viewer, day) if self._takes_part(row)]
            asked = [(row.code, row.name, self._is_asked(row.code, day)) for row in rows]
            yield day, days_of(asked, said.get(day, {}), self.file.units.hours, day, now)

    def days_shown(self, now: datetime) -> list[date]:
        """Return the days that can be confirmed or looked at, the newest first."""
        today = now.astimezone(ZONE).date()
        return [today - timedelta(days=back) for back in range(CORRECTED_WITHIN_DAYS + 1)]

    def last_asked(self, connection: Connection, viewer: Viewer, before: date) -> date | None:
        """Return the last day before one on which any unit was asked."""
        for back in range(1, 31):
            day = before - timedelta(days=back)
            rows = store.units_on(connection, viewer, day)
            if any(self._takes_part(row) and self._is_asked(row.code, day) for row in rows):
                return day
        return None

    def day_meant(self, connection: Connection, unit: str, now: datetime) -> date:
        """Return the day that somebody of a unit means who names none."""
        shown = self.days_shown(now)
        said = store.said_on(connection, shown[-1], shown[0], unit=unit)
        return day_meant(
            self.file.units.hours,
            now,
            lambda day: self._is_asked(unit, day),
            [one.day for one in said],
        )

    def confirm(self, connection: Connection, said: Confirmation, now: datetime) -> Confirmation:
        """Keep what somebody says of a day; the caller has asked whether they may.

        Raises:
            Refused: The unit has no day to confirm, the day is none of the last ones, or it says
                neither that nothing happened nor what did.
        """
        name = self._check(connection, said, now)
        before = store.said_on(connection, said.day, said.day, unit=said.unit)
        store.add(connection, said)
        is_news = not before or (before[-1].is_clean, before[-1].text) != (said.is_clean, said.text)
        if not said.is_clean and is_news:
            self._tell(connection, said, name, now)
        return said

    def take_text(
        self, connection: Connection, actor: str, said: Said, now: datetime
    ) -> list[Confirmation] | None:
        """Keep what a text says of the day of the sender's units; None: they are no unit's officer.

        Raises:
            NotAllowed: Their role does not confirm days.
            Refused: They answer for so many units that it is not clear which one is meant.
        """
        viewer = self._desk.viewer(actor, now)
        if viewer.units is None:
            return None
        today = now.astimezone(ZONE).date()
        rows = [row for row in store.units_on(connection, viewer, today) if self._takes_part(row)]
        if not rows:
            return None
        self._desk.check_act(ACT, actor, now, [row.code for row in rows])
        if len(rows) > (MOST_BY_TEXT if said.is_clean else 1):
            raise Refused(
                "Phụ trách nhiều đơn vị: xin xác nhận trên trang của từng đơn vị.",
                "They answer for several units: confirm on the page of each.",
                ["unit"],
            )
        found = []
        for row in rows:
            day = self.day_meant(connection, row.code, now)
            one = Confirmation(row.code, day, now, actor, "sms", said.is_clean, said.text)
            found.append(self.confirm(connection, one, now))
        return found

    def _check(self, connection: Connection, said: Confirmation, now: datetime) -> str:
        rows = store.units_on(connection, NOBODY, said.day)
        row = next((row for row in rows if row.code == said.unit and self._takes_part(row)), None)
        if row is None:
            raise Refused(
                f"Đơn vị {said.unit} không phải xác nhận ngày.",
                f"The unit {said.unit} confirms no days: see day.yaml and units.csv.",
                ["unit"],
            )
        if not may_confirm(self.file.units.hours, said.day, now):
            opens = self.file.units.opens
            raise Refused(
                f"Ngày {said.day:%d/%m/%Y} chưa hoặc không còn xác nhận được: từ {opens:%H:%M} "
                f"của ngày đó, trong {CORRECTED_WITHIN_DAYS} ngày.",
                f"{said.day} cannot be confirmed now: from {opens:%H:%M} of that day on, for "
                f"{CORRECTED_WITHIN_DAYS} days.",
                ["day"],
            )
        if said.is_clean == bool(said.text) or len(said.text) > MOST_WORDS:
            raise Refused(
                f"Cần ghi sự việc (tối đa {MOST_WORDS} ký tự), hoặc không có sự cố.",
                f"Say what happened (at most {MOST_WORDS} characters), or that nothing did.",
                ["text"],
            )
        if said.way == "call" and not said.told_by:
            raise Refused(
                "Cần ghi ai của đơn vị đã báo qua điện thoại.",
                "Who of the unit said so on the telephone is needed.",
                ["told_by"],
            )
        return str(row.name)

    def _tell(self, connection: Connection, said: Confirmation, name: str, now: datetime) -> None:
        notice = messages.happened(
            said, name, said.actor.removeprefix(PERSON), self._desk.console_url
        )
        policy = self._desk.policy
        queue_notices(
            connection,
            policy.wanting(SEVERITY),
            notice,
            policy,
            new_message_id=self._new_message_id,
            now=now,
        )

    def _takes_part(self, row: Row[Any]) -> bool:
        part = self.file.units
        is_kind = row.kind in part.kinds if part.kinds else row.parent is not None
        return is_kind and row.code not in part.without

    def _is_asked(self, unit: str, day: date) -> bool:
        if day in self.file.units.also:
            return True
        expected = self._expected_of_unit(unit)
        if expected.is_always:
            return self._desk.procedure.calendar.is_working_day(day)
        return expected.opens_at(datetime.combine(day, time(), tzinfo=ZONE)) is not None

    def _contacts(self, rows: Iterable[Row[Any]], now: datetime) -> dict[str, list[Contact]]:
        """Return who holds the role for each unit and not for all, or is noted for it."""
        people, board = self._desk.people, self._desk.switchboard
        contacts = board.oncall.contacts
        roster = board.roster((), self._desk.policy, self._desk.procedure, now)
        today = now.astimezone(ZONE).date()
        of_everybody = {
            contact.name
            for contact in contacts.all
            if people.actor(PERSON + contact.name, now).units is None
        }
        found = {}
        for row in rows:
            held = [one.person for one in roster.holders(self.file.units.role, row.code)]
            names = [name for name in held if name not in of_everybody]
            names += [one.name for one in contacts.all if one.unit in (row.code, row.name)]
            known = [contacts.of(name) for name in dict.fromkeys(names)]
            found[row.code] = [one for one in known if one is not None and one.is_valid_on(today)]
        return found


def _officers(contacts: list[Contact], written: str) -> tuple[Officer, ...]:
    """Return whom to call; where there is no contact, what units.csv says."""
    found = tuple(Officer(one.shown_name, one.phones) for one in contacts)
    return found or ((Officer(written, ()),) if written else ())
