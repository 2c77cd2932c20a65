"""Who may do an act: the one place where roles are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.conditions import Refused, name_of
from incidents.state import PERSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.actor import Actor
    from incidents.commands.command import Situation
    from incidents.procedure import Procedure


def refusal(situation: Situation, act: str, role: str | None = None) -> Refused | None:
    """Return why the actor may not do an act on this incident, or None.

    A nature that is reserved for a role needs that role and no other.
    """
    incident, procedure = situation.incident, situation.procedure
    only = procedure.only_role(incident.nature)
    if only is not None:
        return missing_role(situation.who, [only], procedure, held=situation.who.held(procedure))
    held = situation.who.held_for(incident.units, procedure)
    allowed = procedure.may(act, incident.severity)
    return missing_role(situation.who, allowed, procedure, held=held) or (
        missing_role(situation.who, [role], procedure, held=held) if role else None
    )


def on_behalf(situation: Situation, act: str) -> str:
    """Return `person:NAME` for whom the actor does this as a deputy; empty in their own right."""
    incident, procedure = situation.incident, situation.procedure
    only = procedure.only_role(incident.nature)
    allowed = [only] if only is not None else procedure.may(act, incident.severity)
    name = situation.who.on_behalf(incident.units, allowed, procedure)
    return f"{PERSON}{name}" if name else ""


def missing_role(
    who: Actor, allowed: Iterable[str] | None, procedure: Procedure, *, held: frozenset[str]
) -> Refused | None:
    """Return the refusal of somebody who holds none of the roles `allowed`; None allows any."""
    wanted = procedure.acting_roles if allowed is None else list(allowed)
    if held.intersection(wanted):
        return None
    needed = wanted
    name = name_of(who.name)
    has_vi = procedure.role_names(sorted(held), "vi") or "chưa có vai trò nào ở đây"
    has_en = procedure.role_names(sorted(held), "en") or "none here"
    return Refused(
        f"Việc này cần vai trò: {procedure.role_names(needed, 'vi')}. {name}: {has_vi}.",
        f"This needs the role {procedure.role_names(needed, 'en')}. {name} holds: {has_en}.",
        needed,
    )
