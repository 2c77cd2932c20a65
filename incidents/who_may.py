"""What the desk knows of people: who is of ours, what they see, which acts their roles cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.commands.command import Situation
from incidents.commands.permission import missing_role, refusal
from incidents.conditions import NotAllowed
from incidents.incident import PERSON, fold

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from incidents.actor import Viewer
    from incidents.conditions import Refused
    from incidents.desk_store import DeskTransaction
    from incidents.incident import Incident
    from incidents.people import People, Standing
    from incidents.procedure import Procedure


class WhoMay:
    """The part of the desk that asks `people` by the ruleset in force."""

    people: People

    @property
    def procedure(self) -> Procedure:
        """The ruleset in force."""
        raise NotImplementedError

    def procedure_of(self, tx: DeskTransaction, state: Incident) -> Procedure:
        """Return the ruleset of an incident."""
        raise NotImplementedError

    def reserved_without_holder(self) -> tuple[str, ...]:
        """Return the roles that a nature is reserved for and nobody holds: nobody sees those."""
        reserved = sorted(self.procedure.reserved_roles)
        return tuple(role for role in reserved if not self.people.has_role(role))

    def standing(self, name: str) -> Standing:
        """Return whether somebody is of this organisation, by the name they log in with."""
        return self.people.standing(name, self.procedure)

    def deputy_for(self, actor: str, at: datetime) -> tuple[str, ...]:
        """Return `person:NAME` of everybody for whom an actor deputises at an instant."""
        grants = self.people.actor(actor, at).grants
        return tuple(sorted({f"{PERSON}{grant.on_behalf}" for grant in grants}))

    def viewer(self, actor: str, now: datetime) -> Viewer:
        """Return what an actor sees: which units, and by what a list of readers may name them."""
        return self.people.actor(actor, now).viewer(self.procedure)

    def may_acknowledge(self, name: str, severity: str, now: datetime) -> bool:
        """Say whether the acknowledgement of somebody of this name would count."""
        who, procedure = self.people.actor(PERSON + name, now), self.procedure
        held, allowed = who.held(procedure), procedure.may("ack", severity)
        return bool(held) and (allowed is None or not held.isdisjoint(allowed))

    def check_act(
        self, act: str, actor: str, now: datetime, units: Collection[str] | None = None
    ) -> None:
        """Refuse an act that is about no incident to who holds none of its roles.

        Args:
            units: What it is about; None where any of the actor's units will do.

        Raises:
            NotAllowed: Naming the roles.
        """
        who, procedure = self.people.actor(actor, now), self.procedure
        listed = procedure.file.may.get(act)  # type: ignore[call-overload]
        roles = {role for s in procedure.severities for role in procedure.may(act, s) or ()}
        allowed = [role.code for role in procedure.file.roles if role.code in roles]
        held = who.held(procedure) if units is None else who.held_for(units, procedure)
        _refuse(missing_role(who, None if listed is None else allowed, procedure, held=held))

    def check_incident_act(
        self, tx: DeskTransaction, incident: int, act: str, actor: str, now: datetime
    ) -> None:
        """Refuse an act on an incident that is no command to who holds none of its roles.

        Raises:
            NotAllowed: Naming the roles.
        """
        state = fold(tx.timeline(incident, lock=False))
        who = self.people.actor(actor, now)
        _refuse(refusal(Situation(state, who, self.procedure_of(tx, state), now), act))


def _refuse(refused: Refused | None) -> None:
    if refused is not None:
        raise NotAllowed(refused.reason_vi, refused.reason_en, refused.needed)
