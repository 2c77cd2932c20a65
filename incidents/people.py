"""Who holds which role: `people.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from incidents.actor import Actor
from incidents.procedure_parts import Part
from incidents.state import PERSON, is_person
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "people.yaml"
MAX_PEOPLE = 10_000


class Person(Part):
    """One person by the name they log in with; no units means all."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    roles: tuple[str, ...] = Field(min_length=1)
    units: tuple[str, ...] = ()


class PeopleFile(Part):
    """A whole `people.yaml`."""

    people: tuple[Person, ...] = Field(min_length=1, max_length=MAX_PEOPLE)


class People:
    """Looks up what a person may do; `None` for a province that declared nobody yet."""

    def __init__(self, people: Iterable[Person] | None = None) -> None:
        self.declared = people is not None
        self._by_name = {person.name.casefold(): person for person in people or ()}
        self._by_role: dict[str, list[Person]] = {}
        for person in self._by_name.values():
            for role in person.roles:
                self._by_role.setdefault(role, []).append(person)

    def actor(self, name: str) -> Actor:
        """Return the actor behind `person:NAME`; a stranger to the file holds no role."""
        if not self.declared or not is_person(name):
            return Actor(name)
        person = self._by_name.get(name.removeprefix(PERSON).casefold())
        if person is None:
            return Actor(name, frozenset())
        return Actor(name, frozenset(person.roles), frozenset(person.units))

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
            if not person.units or set(person.units) & set(units)
        )

    def roles_of(self, name: str) -> tuple[str, ...]:
        """Return the roles declared of a person; none of a stranger to the file."""
        person = self._by_name.get(name.casefold())
        return () if person is None else person.roles

    def has_role(self, role: str) -> bool:
        """Say whether anybody was declared to hold a role."""
        return role in self._by_role


UNDECLARED = People()


def load_people(
    text: str,
    *,
    file: str,
    roles: Collection[str] | None = None,
    units: Collection[str] | None = None,
) -> People:
    """Read and check `people.yaml`; None for roles or units that could not be read themselves.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    people = validate(document, PeopleFile).people
    if problems := list(_contradictions(document, people, roles, units)):
        raise InvalidDocument(problems)
    return People(people)


def _contradictions(
    document: Document,
    people: tuple[Person, ...],
    roles: Collection[str] | None,
    units: Collection[str] | None,
) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, person in enumerate(people):
        if person.name.casefold() in seen:
            yield document.problem(
                ("people", i, "name"),
                f"{person.name!r} is named twice; write all roles into one line",
                f"{person.name!r} bị trùng; ghi mọi vai trò vào một dòng",
            )
        seen.add(person.name.casefold())
        for field, given, allowed in (
            ("roles", person.roles, roles),
            ("units", person.units, units),
        ):
            for j, code in enumerate(given):
                if allowed is not None and code not in allowed:
                    listed = ", ".join(sorted(allowed)[:20])
                    yield document.problem(
                        ("people", i, field, j),
                        f"{code!r} is not defined; allowed: {listed}",
                        f"{code!r} chưa được khai báo; cho phép: {listed}",
                    )
