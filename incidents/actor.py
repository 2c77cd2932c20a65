"""Who acts at the desk: a name, the roles it holds, the units it answers for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a machine.

    Attributes:
        name: `person:NAME` or `machine:NAME`, as entries keep it.
        roles: Codes of the procedure; None where nobody declared who holds which: then a person
            holds every role of the own organisation but those that a nature is reserved for.
        units: The units whose incidents the roles cover; empty for all.
    """

    name: str
    roles: frozenset[str] | None = None
    units: frozenset[str] = frozenset()

    def held(self, procedure: Procedure) -> frozenset[str]:
        """Return the roles this actor holds under a procedure."""
        if self.roles is not None:
            return self.roles
        inside = {role.code for role in procedure.file.roles if not role.outside}
        return frozenset(inside - procedure.reserved_roles)

    def held_for(self, units: tuple[str, ...], procedure: Procedure) -> frozenset[str]:
        """Return the roles this actor holds for something that concerns `units`."""
        if self.units and not self.units.intersection(units):
            return frozenset()
        return self.held(procedure)

    def tags(self, procedure: Procedure) -> frozenset[str]:
        """Return by what a list of readers may name this actor: `person:NAME`, `role:CODE`."""
        return frozenset({self.name, *(f"role:{code}" for code in self.held(procedure))})


def reader_key(tag: str) -> str:
    """Return a reader as it is compared: composed, without regard to case."""
    return unicodedata.normalize("NFC", tag).casefold()


def may_see(readers: Iterable[str], tags: Iterable[str]) -> bool:
    """Say whether somebody may see what has these readers; none means everybody."""
    wanted = {reader_key(reader) for reader in readers}
    return not wanted or not wanted.isdisjoint(reader_key(tag) for tag in tags)


def as_actor(actor: Actor | str) -> Actor:
    """Return an actor of whom nothing is declared, where only the name is given."""
    return Actor(actor) if isinstance(actor, str) else actor
