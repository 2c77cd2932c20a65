"""Who is on call, as pages and commands ask it: now, at any instant, in a month; when nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from collector.storage import oncall as store
from incidents.conditions import Refused
from incidents.oncall import UNNAMED, gaps, on_call, shifts_between
from incidents.oncall_calendar import of_overrides, of_person, read
from incidents.phone_numbers import shown
from incidents.vietnamese import NOTHING, ZONE, person_sort_key, ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from collector.services import IncidentDesk
    from collector.storage.oncall import NewOverride
    from incidents.contacts import Contact
    from incidents.oncall import Gap, Held, Override, Shift
    from incidents.oncall_file import Oncall
    from incidents.oncall_schedules import Schedule
    from incidents.vietnamese import Search

ACT = "oncall"
# A shift that began in this time before is still asked for; a page shows at most this much.
MOST_DAYS = 100
FEED_BEFORE, FEED_AFTER = timedelta(days=30), timedelta(days=90)
MOST_REASON = 200


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One piece of a schedule, as the API shows it; `…_why` says why somebody, or nobody."""

    schedule: str
    name_vi: str
    name_en: str
    shift: str
    starts_at: datetime
    ends_at: datetime
    primary: str
    primary_why: str
    primary_instead_of: str
    backup: str
    backup_why: str
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of the phone tree.

    Attributes:
        verify_by: The day by which it must be verified again; None: it never was.
        is_verified: It was, and not too long ago.
        on_call: The schedules whose post the person holds now.
    """

    name: str
    shown_name: str
    title: str
    unit: str
    roles: tuple[str, ...]
    phones: tuple[str, ...]
    email: str
    channels: tuple[str, ...]
    backup_of: str
    valid_from: date | None
    valid_to: date | None
    verified_on: date | None
    verify_by: date | None
    is_verified: bool
    on_call: tuple[str, ...]


class OncallDesk:
    """Asks the schedules in force and the overrides in the tables; keeps nothing itself."""

    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    @property
    def oncall(self) -> Oncall:
        """The schedules of today."""
        return self._desk.switchboard.oncall

    def at(self, connection: Connection, at: datetime, now: datetime) -> list[ShiftRow]:
        """Return who was, is or will be on call at an instant.

        Of the past it is what was known then: the schedules in force, the overrides entered.
        """
        if at < now:
            oncall = store.oncall_at(connection, at)
            overrides = store.overrides_known_at(connection, at)
        else:
            oncall, overrides = self.oncall, store.overrides_from(connection, at)
        known = [*oncall.overrides, *overrides]
        holidays = self._holidays(at)
        return [
            _row(schedule, on_call(schedule, known, holidays, at))
            for schedule in oncall.schedules.values()
        ]

    def shifts(self, connection: Connection, start: datetime, end: datetime) -> list[ShiftRow]:
        """Return the pieces between two instants as they are planned today."""
        return [_row(*one) for one in self._pieces(connection, start, _bounded(start, end))]

    def gaps(self, connection: Connection, start: datetime, end: datetime) -> list[Gap]:
        """Return where nobody is on call, nobody stands behind, or a person cannot be reached."""
        overrides = [*self.oncall.overrides, *store.overrides_from(connection, start)]
        holidays, reachable = self._holidays(start), self.reachable(start)
        return [
            gap
            for schedule in self.oncall.schedules.values()
            for gap in gaps(
                schedule, overrides, holidays, start, _bounded(start, end), reachable=reachable
            )
        ]

    def reachable(self, at: datetime) -> frozenset[str] | None:
        """Return who has a contact that holds and a channel, in lower case.

        None where there are no channels at all: then nobody is told of anything, and every list
        of gaps would say nothing else.
        """
        if not self._desk.policy.channels:
            return None
        roster = self._desk.switchboard.roster((), self._desk.policy, self._desk.procedure, at)
        return frozenset(
            contact.name.casefold()
            for contact in self.oncall.contacts.all
            if not isinstance(roster.ways(contact.name), str)
        )

    def add(
        self, connection: Connection, wished: Sequence[NewOverride], actor: str, now: datetime
    ) -> list[int]:
        """Keep overrides, all or none; those that are known already are left out.

        Raises:
            Refused: The actor lacks the role, or a schedule, person or time cannot be.
        """
        self._desk.check_act(ACT, actor, now)
        for one in wished:
            self._check(one, now)
        made = [store.add_override(connection, one, actor, now) for one in wished]
        return [number for number in made if number is not None]

    def cancel(
        self, connection: Connection, number: int, actor: str, reason: str, now: datetime
    ) -> None:
        """Take an override back from now on.

        Raises:
            Refused: The actor lacks the role, or there is none of this number to take back.
        """
        self._desk.check_act(ACT, actor, now)
        found = store.find_override(connection, number)
        if found is None or found.ends_at <= now:
            raise Refused(
                f"Không có lần thay ca số {number} nào đang hoặc sẽ có hiệu lực.",
                f"No override {number} holds or will.",
                ["override"],
            )
        store.cancel_override(connection, number, actor, reason.strip()[:MOST_REASON], now)

    def overrides(self, connection: Connection, now: datetime) -> list[Override]:
        """Return the overrides that hold or will: those of the file, then what people entered."""
        of_file = [one for one in self.oncall.overrides if one.ends_at > now]
        return [*of_file, *store.overrides_from(connection, now)]

    def read_calendar(
        self, text: str, *, person: str, stand_in: str, schedule: str
    ) -> list[NewOverride]:
        """Return the events of a calendar as overrides.

        Raises:
            Refused: It is no calendar, or an event cannot be an override.
        """
        chosen = self.oncall.schedules.get(schedule)
        zone = str(ZONE) if chosen is None else chosen.zone
        found = read(text, person=person, stand_in=stand_in, schedule=schedule, zone=zone)
        return [
            store.NewOverride(
                one.schedule, one.starts_at, one.ends_at, one.out, one.stand_in, one.reason, one.uid
            )
            for one in found
        ]

    def calendar_of(self, connection: Connection, person: str, now: datetime) -> str:
        """Return the calendar of one person: a month back, three ahead."""
        pieces = self._pieces(connection, now - FEED_BEFORE, now + FEED_AFTER)
        contact = self.oncall.contacts.of(person)
        title = f"Lịch trực {person if contact is None else contact.shown_name}"
        return of_person(person, pieces, now, title=title)

    def calendar_of_overrides(self, connection: Connection, now: datetime) -> str:
        """Return what people entered as a calendar that can be taken in again."""
        return of_overrides(store.overrides_from(connection, now), now, title="Thay ca, đổi ca")

    def phone_tree(
        self, connection: Connection, now: datetime, search: Search = NOTHING
    ) -> list[ContactRow]:
        """Return the contacts that hold today: who is on call first, then by given name."""
        today = now.astimezone(ZONE).date()
        on_call_now: dict[str, list[str]] = {}
        for row in self.at(connection, now, now):
            for name in (row.primary, row.backup):
                if name:
                    on_call_now.setdefault(name.casefold(), []).append(row.name_vi)
        rows = [
            self._contact(one, today, tuple(on_call_now.get(one.name.casefold(), ())))
            for one in self.oncall.contacts.all
            if one.valid_to is None or today <= one.valid_to
        ]
        rows.sort(key=lambda row: (not row.on_call, person_sort_key(row.shown_name)))
        return ranked(rows, search, lambda row: f"{row.shown_name} {row.name} {row.title}")

    def _contact(self, contact: Contact, today: date, on_call_now: tuple[str, ...]) -> ContactRow:
        verify_by = contact.verify_by(self.oncall.file.re_verify)
        return ContactRow(
            name=contact.name,
            shown_name=contact.shown_name,
            title=contact.title,
            unit=contact.unit,
            roles=contact.roles or self._desk.people.roles_of(contact.name),
            phones=tuple(shown(number) for number in contact.phones),
            email=contact.email,
            channels=contact.channels,
            backup_of=contact.backup_of,
            valid_from=contact.valid_from,
            valid_to=contact.valid_to,
            verified_on=contact.verified_on,
            verify_by=verify_by,
            is_verified=verify_by is not None and today <= verify_by,
            on_call=on_call_now,
        )

    def _pieces(
        self, connection: Connection, start: datetime, end: datetime
    ) -> list[tuple[Schedule, Shift]]:
        overrides = [*self.oncall.overrides, *store.overrides_from(connection, start)]
        holidays = self._holidays(start)
        return [
            (schedule, shift)
            for schedule in self.oncall.schedules.values()
            for shift in shifts_between(schedule, overrides, holidays, start, end)
        ]

    def _holidays(self, at: datetime) -> frozenset[date]:
        return self._desk.rulesets.at(at).calendar.holidays

    def _check(self, new: NewOverride, now: datetime) -> None:
        if new.schedule and new.schedule not in self.oncall.schedules:
            listed = ", ".join(self.oncall.schedules) or "–"
            raise Refused(
                f"Không có lịch trực {new.schedule}; có: {listed}.",
                f"No schedule {new.schedule}; there are: {listed}.",
                ["schedule"],
            )
        if not new.out and not new.stand_in:
            raise Refused(
                "Cần nêu ai nghỉ, ai trực thay, hoặc cả hai.",
                "Say who is out, who stands in, or both.",
                ["out", "stand_in"],
            )
        for name in (new.out, new.stand_in):
            if name != UNNAMED and self.oncall.contacts.of(name) is None:
                listed = ", ".join(one.name for one in self.oncall.contacts.all[:20]) or "–"
                raise Refused(
                    f"{name} không có trong danh bạ trực; có: {listed}.",
                    f"{name} is no contact; there are: {listed}.",
                    ["out", "stand_in"],
                )
        if new.ends_at <= new.starts_at or new.ends_at <= now:
            raise Refused(
                "Thời gian thay ca phải kết thúc sau khi bắt đầu và sau lúc này.",
                "It must end after it starts, and after now.",
                ["until"],
            )


def _bounded(start: datetime, end: datetime) -> datetime:
    if end <= start or end - start > timedelta(days=MOST_DAYS):
        raise Refused(
            f"Khoảng thời gian phải dài hơn 0 và không quá {MOST_DAYS} ngày.",
            f"The time must be longer than nothing and at most {MOST_DAYS} days.",
            ["from", "until"],
        )
    return end


def _row(schedule: Schedule, shift: Shift) -> ShiftRow:
    return ShiftRow(
        schedule=schedule.name,
        name_vi=schedule.vi or schedule.name,
        name_en=schedule.en or schedule.vi or schedule.name,
        shift=shift.name,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        primary=shift.primary.person,
        primary_why=str(shift.primary.why),
        primary_instead_of=_instead(shift.primary),
        backup=shift.backup.person,
        backup_why=str(shift.backup.why),
        is_holiday=shift.is_holiday,
    )


def _instead(held: Held) -> str:
    return held.instead_of if held.instead_of.casefold() != held.person.casefold() else ""
