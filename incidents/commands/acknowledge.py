"""Somebody takes the incident."""

from dataclasses import dataclass

from incidents.commands.command import Command, Situation, Spec
from incidents.commands.ways import legal
from incidents.conditions import Refused, name_of
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """Somebody is on it: repeats stop."""


def decide(situation: Situation, wish: Acknowledge) -> list[Draft]:
    """Return the entry of an acknowledgement; there is only one."""
    del wish
    incident, file = situation.incident, situation.procedure.file
    if incident.acknowledged_at is not None:
        who = name_of(incident.acknowledged_by)
        raise Refused(
            f"Sự cố {incident.code} đã được {who} tiếp nhận.",
            f"{incident.code} is already acknowledged by {who}.",
        )
    legal(situation, file.acknowledged)
    return [Draft(Kind.ACKNOWLEDGED, {"stage": file.acknowledged})]


ACKNOWLEDGE = Spec("ack", Acknowledge, "ack", decide)
