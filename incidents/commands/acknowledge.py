"""Somebody takes the incident."""

from dataclasses import dataclass

from incidents.commands.command import Command, Situation, Spec
from incidents.commands.ways import legal
from incidents.conditions import Refused, name_of
from incidents.state import PERSON, Draft, Kind


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """Somebody is on it: repeats stop."""


def decide(situation: Situation, wish: Acknowledge) -> list[Draft]:
    """Return the entry of an acknowledgement; a second one only where somebody is waited for."""
    del wish
    incident, file = situation.incident, situation.procedure.file
    if incident.acknowledged_at is not None and _is_awaited(situation):
        return [Draft(Kind.ALSO_ACKNOWLEDGED)]
    if incident.acknowledged_at is not None:
        who = name_of(incident.acknowledged_by)
        raise Refused(
            f"Sự cố {incident.code} đã được {who} tiếp nhận.",
            f"{incident.code} is already acknowledged by {who}.",
        )
    legal(situation, file.acknowledged)
    return [Draft(Kind.ACKNOWLEDGED, {"stage": file.acknowledged})]


def _is_awaited(situation: Situation) -> bool:
    """Say whether this person's acknowledgement is waited for beside the first one."""
    incident, calls = situation.incident, situation.incident.calls
    name = situation.actor.removeprefix(PERSON).casefold()
    if incident.ended:
        return False
    if calls.is_handed_on:
        return True
    return bool(calls.owed) and name in calls.called and name not in calls.acknowledged


ACKNOWLEDGE = Spec("ack", Acknowledge, "ack", decide)
