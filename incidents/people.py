"""Who holds which role: `people.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from incidents.actor import Actor
from incidents.procedure_parts import Part
from incidents.state import PERSON, is_person
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incidents.procedure import Procedure
    from incidents.yaml_lines import Document, Problem

FILE = "people.yaml"
MAX_PEOPLE = 10_000
# Holds a role of ours; holds only roles of other organisations; is not in the file.
Standing = Literal["inside", "outside", "unknown"]


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

    def actor(self, name: str) -> Actor:
        """Return the actor behind `person:NAME`; a stranger to the file holds no role."""
        if not self.declared or not is_person(name):
            return Actor(name)
        person = self._by_name.get(name.removeprefix(PERSON).casefold())
        if person is None:
            return Actor(name, frozenset())
        return Actor(name, frozenset(person.roles), frozenset(person.units))

    def standing(self, name: str, procedure: Procedure) -> Standing:
        """Return what somebody is here by their name; everybody is of ours before a file says."""
        if not self.declared:
            return "inside"
        person = self._by_name.get(name.casefold())
        if person is None:
            return "unknown"
        outside = {role.code for role in procedure.file.roles if role.outside}
        return "outside" if outside.issuperset(person.roles) else "inside"

    def has_role(self, role: str) -> bool:
        """Say whether anybody was declared to hold a role."""
        return any(role in person.roles for person in self._by_name.values())


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
