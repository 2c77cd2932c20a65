"""Who can be called now: schedules, roles and persons become people with a way to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from incidents.oncall import on_call
from incidents.oncall_schedules import LOCAL, PROVINCE
from incidents.paging import SilentReason
from incidents.paging_policy import Recipient
from incidents.people import UNDECLARED
from incidents.places import NO_PLACES
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from incidents.contacts import Contact
    from incidents.oncall import Override, Shift
    from incidents.oncall_file import Oncall
    from incidents.oncall_levels import Target, TargetPost
    from incidents.oncall_schedules import Schedule
    from incidents.paging_policy import PagingPolicy
    from incidents.people import People
    from incidents.places import Places
    from incidents.policy_parts import Severity

_ALL: frozenset[Severity] = frozenset({"S1", "S2", "S3", "S4"})


class Found(NamedTuple):
    """A person to be called; `via` names the schedule or role through which."""

    person: str
    via: str


class Missing(NamedTuple):
    """Why somebody cannot be called: a post is empty, or a person cannot be reached."""

    reason: SilentReason
    person: str
    via: str


class Roster:
    """Looks up who can be called at one instant; each schedule is computed once.

    Args:
        policy: Its channels are those of today.
        holidays: Days that the calendar of the procedure keeps free.
    """

    def __init__(
        self,
        oncall: Oncall,
        overrides: Iterable[Override],
        policy: PagingPolicy,
        *,
        at: datetime,
        holidays: frozenset[date] = frozenset(),
        people: People = UNDECLARED,
        places: Places = NO_PLACES,
    ) -> None:
        self.places = places
        self._oncall, self._policy, self._people = oncall, policy, people
        self._overrides = (*oncall.overrides, *overrides)
        self._holidays, self._at = holidays, at
        self._shifts: dict[str, Shift] = {}
        self._told: dict[tuple[str, str, str, str | None], list[Recipient]] = {}

    def shift(self, schedule: Schedule) -> Shift:
        """Return who holds the posts of a schedule."""
        found = self._shifts.get(schedule.name)
        if found is None:
            found = on_call(schedule, self._overrides, self._holidays, self._at)
            self._shifts[schedule.name] = found
        return found

    def serving(self, unit: str) -> list[Schedule]:
        """Return the schedules that serve a unit: by itself or one above, by region, or all."""
        schedules = list(self._oncall.schedules.values())
        for code in self.places.upward(unit):
            if named := [one for one in schedules if code in one.units]:
                return named
        region = self.places.region(unit)
        return [one for one in schedules if region and region in one.regions] or self.province()

    def province(self) -> list[Schedule]:
        """Return the schedules that serve every unit."""
        return [one for one in self._oncall.schedules.values() if one.is_province_wide]

    def members(self, target: Target, unit: str) -> tuple[list[Found], list[Missing]]:
        """Return whom a target means for a unit, and which posts are empty."""
        if target.person:
            return [Found(target.person, "")], []
        if target.role:
            found = self.holders(target.role, unit, target.post)
            missing = [] if found else [Missing(SilentReason.NO_CONTACT, "", target.role)]
            return found, missing
        schedules = self._named(target.schedule, unit)
        if not schedules:
            return [], [Missing(SilentReason.NOBODY_ON_CALL, "", target.schedule)]
        return self._posts(schedules, target.post)

    def holders(self, role: str, unit: str, post: TargetPost = "primary") -> list[Found]:
        """Return who holds a role for a unit and has a contact, or who stands in for them."""
        named = [contact.name for contact in self._oncall.contacts.with_role(role)]
        declared = self._people.holders(role, self.places.upward(unit))
        found: dict[str, Found] = {}
        for name in (*declared, *self._deputies(role, declared), *named):
            contact = self._oncall.contacts.of(name)
            if contact is None or (post == "primary" and contact.backup_of):
                continue
            if post == "backup" and not contact.backup_of:
                continue
            found.setdefault(contact.name, Found(contact.name, role))
        return list(found.values())

    def _deputies(self, role: str, holders: Iterable[str]) -> list[str]:
        """Return who deputises just now for somebody who holds a role."""
        known = {name.casefold() for name in holders}
        return [
            deputy.by
            for deputy in self._people.deputies_at(self._at)
            if deputy.on_behalf.casefold() in known and (not deputy.roles or role in deputy.roles)
        ]

    def on_duty(self, role: str, unit: str, post: TargetPost) -> list[Found]:
        """Return who holds a role because they are on call: nearest schedule of that role first."""
        for schedules in (self.serving(unit), self.province()):
            of_role = [schedule for schedule in schedules if schedule.role == role]
            if found := self._posts(of_role, post)[0]:
                return found
        return []

    def ways(self, person: str, count: int = 1) -> tuple[Recipient, ...] | SilentReason:
        """Return how a person is reached: over one channel, and one more for every further call."""
        contact = self._oncall.contacts.of(person)
        if contact is None or not contact.is_valid_on(self._at.astimezone(ZONE).date()):
            return SilentReason.NO_CONTACT
        ways = self.all_ways(contact)
        return ways[:count] or SilentReason.NO_CHANNEL

    def ways_of(self, persons: Iterable[str]) -> tuple[Recipient, ...]:
        """Return the first way to each of these people, as far as they can be reached."""
        found = (self.ways(person) for person in persons)
        return tuple(way for ways in found if isinstance(ways, tuple) for way in ways)

    def all_ways(self, contact: Contact) -> tuple[Recipient, ...]:
        """Return every channel of a contact that can be used today."""
        ways = []
        for name in contact.channels:
            settings = self._policy.channels.get(name)
            address = None if settings is None else contact.address_over(settings.kind)
            if address is not None:
                ways.append(_recipient(contact.name, name, address))
        return tuple(ways)

    def contact_ways(self, names: Iterable[tuple[str, str]]) -> tuple[Recipient, ...]:
        """Return recipients for persons and channels that were used before, as far as they are."""
        found = []
        for name, channel in sorted(names):
            contact = self._oncall.contacts.of(name)
            found += (
                []
                if contact is None
                else [way for way in self.all_ways(contact) if way.channel == channel]
            )
        return tuple(found)

    def is_allowed(self, person: str, only: str | None, unit: str) -> bool:
        """Say whether somebody may know of an incident that is reserved for a role."""
        if only is None:
            return True
        names = {found.person.casefold() for found in self.holders(only, unit, "both")}
        return person.casefold() in names

    def told_by_role(
        self, roles: Iterable[str], unit: str, static: PagingPolicy, only: str | None
    ) -> PagingPolicy:
        """Return whom to tell by role: who is on call, who holds it, else who is on call here.

        The list of `channels.yaml` stays beside them.
        """
        told: list[Recipient] = list(static.recipients)
        listed = {one.role for one in told}
        for role in roles:
            holders = self._by_role(role, unit, "primary", only)
            if not holders and role not in listed:
                holders = self._in_their_place(role, unit, only)
            told += [*holders, *self._by_role(role, unit, "backup", only)]
        return static.model_copy(update={"recipients": tuple(told)})

    def _by_role(self, role: str, unit: str, post: TargetPost, only: str | None) -> list[Recipient]:
        key = (role, unit, post, only)
        if key not in self._told:
            self._told[key] = self._reached_by_role(role, unit, post, only)
        return self._told[key]

    def _reached_by_role(
        self, role: str, unit: str, post: TargetPost, only: str | None
    ) -> list[Recipient]:
        found = self.on_duty(role, unit, post) or self.holders(role, unit, post)
        changes = {"role": role, "backup": post == "backup"}
        return [way.model_copy(update=changes) for way in self._reached(found, only, unit)]

    def _in_their_place(self, role: str, unit: str, only: str | None) -> list[Recipient]:
        """Return who is on call here, for a role that nobody holds who can be reached."""
        found = self._posts(self.serving(unit), "primary")[0]
        return [way.model_copy(update={"role": role}) for way in self._reached(found, only, unit)]

    def _reached(self, found: Iterable[Found], only: str | None, unit: str) -> list[Recipient]:
        ways = [self.ways(one.person) for one in found if self.is_allowed(one.person, only, unit)]
        return [way for some in ways if not isinstance(some, SilentReason) for way in some]

    def missing(self, role: str, unit: str) -> list[Missing]:
        """Return why those who hold a role cannot be told; that nobody holds it."""
        found = self.on_duty(role, unit, "primary") or self.holders(role, unit)
        if not found:
            return [Missing(SilentReason.NO_CONTACT, "", role)]
        ways = {one.person: self.ways(one.person) for one in found}
        return [Missing(why, name, role) for name, why in ways.items() if isinstance(why, str)]

    def _named(self, name: str, unit: str) -> list[Schedule]:
        if name == LOCAL:
            return self.serving(unit)
        if name == PROVINCE:
            return self.province()
        schedule = self._oncall.schedules.get(name)
        return [] if schedule is None else [schedule]

    def _posts(
        self, schedules: Sequence[Schedule], post: TargetPost
    ) -> tuple[list[Found], list[Missing]]:
        found, missing = [], []
        for schedule in schedules:
            shift = self.shift(schedule)
            held = {"primary": shift.primary, "backup": shift.backup}
            for name, one in held.items():
                if post not in ("both", name):
                    continue
                if one.person:
                    found.append(Found(one.person, schedule.name))
                else:
                    missing.append(Missing(SilentReason.NOBODY_ON_CALL, "", schedule.name))
        return found, missing


def _recipient(name: str, channel: str, address: str) -> Recipient:
    return Recipient.model_construct(
        name=name, channel=channel, address=address, severities=_ALL, role="", backup=False
    )
