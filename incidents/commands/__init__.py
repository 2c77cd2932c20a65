"""What a person may do with an incident now: commands become entries, or a refusal with words.

One file per command; a new one is its file and its line in `COMMANDS`. The API, the forms of the
console and the buttons follow from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.commands.acknowledge import ACKNOWLEDGE, Acknowledge
from incidents.commands.close import CLOSE, Close
from incidents.commands.command import Action, Command, Situation, Spec
from incidents.commands.move import MOVE, Move
from incidents.commands.note import NOTE, Note
from incidents.commands.raise_severity import RAISE, Raise
from incidents.conditions import Refused
from incidents.state import is_person

__all__ = [
    "BY_NAME",
    "COMMANDS",
    "Acknowledge",
    "Action",
    "Close",
    "Command",
    "Move",
    "Note",
    "Raise",
    "Refused",
    "Situation",
    "Spec",
    "allowed",
    "decide",
]

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.procedure import Procedure
    from incidents.state import Draft, Incident

# In the order in which the page offers them.
COMMANDS: tuple[Spec, ...] = (ACKNOWLEDGE, MOVE, CLOSE, RAISE, NOTE)
BY_NAME = {spec.name: spec for spec in COMMANDS}
_BY_WISH = {spec.wish: spec for spec in COMMANDS}


def decide(
    incident: Incident, command: Command, actor: str, procedure: Procedure, now: datetime
) -> list[Draft]:
    """Return the entries that a command makes.

    Raises:
        Refused: The procedure does not allow it, a condition failed, or the actor is a machine.
    """
    if not is_person(actor):
        raise Refused(
            "Chỉ con người được tiếp nhận, chuyển giai đoạn và kết thúc sự cố.",
            f"Only a person acknowledges, moves and closes; {actor!r} asked.",
            ["person"],
        )
    spec = _BY_WISH[type(command)]
    situation = Situation(incident, actor, procedure, now)
    if not spec.any_stage and not situation.is_known_stage:
        raise Refused(
            f"Quy trình {procedure.id} không có giai đoạn {incident.stage} của sự cố.",
            f"The procedure {procedure.id} has no stage {incident.stage}; put it back.",
            ["procedure"],
        )
    return spec.decide(situation, command)


def allowed(incident: Incident, actor: str, procedure: Procedure, now: datetime) -> list[Action]:
    """Return what a person may do now, in the order of the procedure; nothing for a machine."""
    if not is_person(actor):
        return []
    situation = Situation(incident, actor, procedure, now)
    offered = [spec for spec in COMMANDS if spec.any_stage or situation.is_known_stage]
    return [action for spec in offered for action in spec.buttons(situation)]
