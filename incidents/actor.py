"""Who acts at the desk: a name, its roles, the units it answers for, and as whose deputy."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from incidents.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: every query that reads incidents, alerts, hosts or units asks this.

    Attributes:
        tags: By what a list of readers may name them: `person:NAME`, `role:CODE`.
        units: The units that they see; None for all.
    """

    tags: frozenset[str] = frozenset()
    units: frozenset[str] | None = None

    def sees(self, unit: str) -> bool:
        """Say whether what happens in a unit is shown."""
        return self.units is None or unit in self.units


# Sees all units, and nothing that names its readers: for figures and for machines.
NOBODY = Viewer()


@dataclass(frozen=True, slots=True)
class Grant:
    """Roles that somebody holds for another person, by a decision and for its time."""

    roles: frozenset[str]
    units: frozenset[str] | None
    on_behalf: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a machine.

    Attributes:
        name: `person:NAME` or `machine:NAME`, as entries keep it.
        roles: Codes of the procedure; None where nobody declared who holds which: then a person
            holds every role of the own organisation but those that a nature is reserved for.
        units: The units that the roles cover; None for all.
        grants: What they hold as a deputy just now.
    """

    name: str
    roles: frozenset[str] | None = None
    units: frozenset[str] | None = None
    grants: tuple[Grant, ...] = ()

    def held(self, procedure: Procedure) -> frozenset[str]:
        """Return the roles this actor holds under a procedure, their own and as a deputy."""
        return self._own(procedure).union(*(grant.roles for grant in self.grants))

    def held_for(self, units: Collection[str], procedure: Procedure) -> frozenset[str]:
        """Return the roles this actor holds for something that concerns `units`."""
        own = self._own(procedure) if _covers(self.units, units) else frozenset()
        return own.union(*(g.roles for g in self.grants if _covers(g.units, units)))

    def on_behalf(
        self, units: Collection[str], allowed: Iterable[str] | None, procedure: Procedure
    ) -> str:
        """Return for whom this actor does what the roles `allowed` may; empty: in their own right.

        Args:
            allowed: None allows any role.
        """
        wanted = None if allowed is None else frozenset(allowed)
        own = self._own(procedure) if _covers(self.units, units) else frozenset()
        if own and (wanted is None or own & wanted):
            return ""
        fitting = (
            grant.on_behalf
            for grant in self.grants
            if _covers(grant.units, units) and (wanted is None or grant.roles & wanted)
        )
        return next(fitting, "")

    def viewer(self, procedure: Procedure) -> Viewer:
        """Return what this actor sees."""
        scopes = [self.units, *(grant.units for grant in self.grants)]
        known = [scope for scope in scopes if scope is not None]
        units = None if len(known) < len(scopes) else frozenset().union(*known)
        return Viewer(self.tags(procedure), units)

    def tags(self, procedure: Procedure) -> frozenset[str]:
        """Return by what a list of readers may name this actor: `person:NAME`, `role:CODE`."""
        return frozenset({self.name, *(f"role:{code}" for code in self.held(procedure))})

    def _own(self, procedure: Procedure) -> frozenset[str]:
        if self.roles is not None:
            return self.roles
        inside = {role.code for role in procedure.file.roles if not role.outside}
        return frozenset(inside - procedure.reserved_roles)


def _covers(scope: frozenset[str] | None, units: Collection[str]) -> bool:
    return scope is None or not scope.isdisjoint(units)


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
