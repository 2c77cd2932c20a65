"""Who holds which role, for which units, and who deputises for whom: `people.yaml`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from incidents.actor import Actor, Grant, reader_key
from incidents.places import NO_PLACES
from incidents.procedure_parts import Part
from incidents.state import PERSON, is_person
from incidents.vietnamese import ZONE
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incidents.places import Places
    from incidents.procedure import Procedure
    from incidents.yaml_lines import Document, Problem

FILE = "people.yaml"
MAX_PEOPLE = 10_000
# Holds a role of ours; holds only roles of other organisations; is not in the file.
Standing = Literal["inside", "outside", "unknown"]
Name = Annotated[str, Field(min_length=1, max_length=64)]


def _begin(value: object) -> object:
    return _local(value, timedelta(0))


def _end(value: object) -> object:
    """A day alone is meant with all of it."""
    return _local(value, timedelta(days=1))


def _local(value: object, of_a_day: timedelta) -> object:
    if not isinstance(value, str):
        return value
    try:
        if len(value) == len("2026-12-01"):
            return datetime.combine(date.fromisoformat(value), time(), tzinfo=ZONE) + of_a_day
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "a day (2026-12-01) or a local time (2026-12-01T07:00) is needed"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)


class Person(Part):
    """One person by the name they log in with; neither units nor regions means all."""

    name: Name
    roles: tuple[str, ...] = Field(min_length=1)
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


class Deputy(Part):
    """Who holds another's roles for a time; no roles named means all of theirs.

    Attributes:
        decision: Number and date of the paper that says so.
    """

    on_behalf: Name = Field(alias="for")
    by: Name
    roles: tuple[str, ...] = ()
    begin: Annotated[datetime, BeforeValidator(_begin)] = Field(alias="from")
    end: Annotated[datetime, BeforeValidator(_end)] = Field(alias="until")
    decision: str = Field(min_length=1, max_length=200)

    def holds_at(self, now: datetime) -> bool:
        """Say whether it holds; at its end it no longer does."""
        return self.begin <= now < self.end


class PeopleFile(Part):
    """A whole `people.yaml`."""

    people: tuple[Person, ...] = Field(min_length=1, max_length=MAX_PEOPLE)
    deputies: tuple[Deputy, ...] = Field(default=(), max_length=MAX_PEOPLE)


class People:
    """Looks up what a person may do; `None` for a province that declared nobody yet."""

    def __init__(
        self,
        people: Iterable[Person] | None = None,
        deputies: Iterable[Deputy] = (),
        places: Places = NO_PLACES,
    ) -> None:
        self.declared = people is not None
        self.deputies = tuple(deputies)
        self._by_name = {reader_key(person.name): person for person in people or ()}
        self._by_role: dict[str, list[Person]] = {}
        for person in self._by_name.values():
            for role in person.roles:
                self._by_role.setdefault(role, []).append(person)
        self._units = {
            key: places.covered(person.units, person.regions)
            for key, person in self._by_name.items()
            if person.units or person.regions
        }

    def actor(self, name: str, now: datetime) -> Actor:
        """Return the actor behind `person:NAME`; a stranger to the file holds and sees nothing."""
        if not self.declared or not is_person(name):
            return Actor(name)
        key = reader_key(name.removeprefix(PERSON))
        grants = tuple(self._grants(key, now))
        person = self._by_name.get(key)
        if person is None:
            return Actor(name, frozenset(), frozenset(), grants)
        return Actor(name, frozenset(person.roles), self._units.get(key), grants)

    def deputies_at(self, now: datetime) -> list[Deputy]:
        """Return who deputises for whom just now."""
        return [deputy for deputy in self.deputies if deputy.holds_at(now)]

    def standing(self, name: str, procedure: Procedure) -> Standing:
        """Return what somebody is here by their name; everybody is of ours before a file says."""
        if not self.declared:
            return "inside"
        person = self._by_name.get(reader_key(name))
        if person is None:
            return "unknown"
        outside = {role.code for role in procedure.file.roles if role.outside}
        return "outside" if outside.issuperset(person.roles) else "inside"

    @property
    def names(self) -> frozenset[str] | None:
        """The names people log in with; None where nobody was declared."""
        known = frozenset(person.name for person in self._by_name.values())
        return known if self.declared else None

    def holders(self, role: str, units: Collection[str] = ()) -> tuple[str, ...]:
        """Return who was declared to hold a role for something that concerns `units`."""
        return tuple(
            person.name
            for person in self._by_role.get(role, ())
            if (covered := self._units.get(reader_key(person.name))) is None
            or not covered.isdisjoint(units)
        )

    def roles_of(self, name: str) -> tuple[str, ...]:
        """Return the roles declared of a person; none of a stranger to the file."""
        person = self._by_name.get(reader_key(name))
        return () if person is None else person.roles

    def has_role(self, role: str) -> bool:
        """Say whether anybody was declared to hold a role."""
        return role in self._by_role

    def _grants(self, key: str, now: datetime) -> Iterator[Grant]:
        for deputy in self.deputies:
            whom = reader_key(deputy.on_behalf)
            if reader_key(deputy.by) == key and deputy.holds_at(now) and whom in self._by_name:
                person = self._by_name[whom]
                roles = frozenset(deputy.roles or person.roles).intersection(person.roles)
                yield Grant(roles, self._units.get(whom), person.name)


UNDECLARED = People()


def load_people(
    text: str,
    *,
    file: str,
    roles: Collection[str] | None = None,
    places: Places | None = None,
) -> People:
    """Read and check `people.yaml`; None for roles or units that could not be read themselves.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    found = validate(document, PeopleFile)
    if problems := list(_contradictions(document, found, roles, places)):
        raise InvalidDocument(problems)
    return People(found.people, found.deputies, places or NO_PLACES)


def _contradictions(
    document: Document,
    found: PeopleFile,
    roles: Collection[str] | None,
    places: Places | None,
) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, person in enumerate(found.people):
        if reader_key(person.name) in seen:
            yield document.problem(
                ("people", i, "name"),
                f"{person.name!r} is named twice; write all roles into one line",
                f"{person.name!r} bị trùng; ghi mọi vai trò vào một dòng",
            )
        seen.add(reader_key(person.name))
        for field, given, allowed in (
            ("roles", person.roles, roles),
            ("units", person.units, None if places is None else places.codes),
            ("regions", person.regions, None if places is None else places.regions),
        ):
            yield from _undefined(document, ("people", i, field), given, allowed)
    by_name = {reader_key(person.name): person for person in found.people}
    for i, deputy in enumerate(found.deputies):
        yield from _deputy_problems(document, ("deputies", i), deputy, by_name)


def _deputy_problems(
    document: Document, path: tuple[str | int, ...], deputy: Deputy, by_name: dict[str, Person]
) -> Iterator[Problem]:
    for field, name in (("for", deputy.on_behalf), ("by", deputy.by)):
        if reader_key(name) not in by_name:
            yield document.problem(
                (*path, field),
                f"{name!r} is not among the people of this file",
                f"{name!r} không có trong danh sách người của tệp này",
            )
    if reader_key(deputy.by) == reader_key(deputy.on_behalf):
        yield document.problem(
            (*path, "by"), "nobody deputises for themselves", "không ai ủy quyền cho chính mình"
        )
    if deputy.end <= deputy.begin:
        yield document.problem(
            (*path, "until"), "must be after `from`", "phải sau thời điểm bắt đầu"
        )
    person: Any = by_name.get(reader_key(deputy.on_behalf))
    if person is not None:
        yield from _undefined(document, (*path, "roles"), deputy.roles, person.roles)


def _undefined(
    document: Document,
    path: tuple[str | int, ...],
    given: tuple[str, ...],
    allowed: Collection[str] | None,
) -> Iterator[Problem]:
    for j, code in enumerate(given):
        if allowed is not None and code not in allowed:
            listed = ", ".join(sorted(allowed)[:20])
            yield document.problem(
                (*path, j),
                f"{code!r} is not defined; allowed: {listed}",
                f"{code!r} chưa được khai báo; cho phép: {listed}",
            )
