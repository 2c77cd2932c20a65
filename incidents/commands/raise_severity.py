"""A heavier impact or a wider scope."""

from dataclasses import dataclass

from incidents.causes import change_of_severity
from incidents.commands.command import Command, Situation, Spec
from incidents.commands.fields import Code, Words
from incidents.conditions import Refused, reason_texts
from incidents.state import Draft


@dataclass(frozen=True, slots=True)
class Raise(Command):
    """A heavier impact or a wider scope; lowering needs the commander and is not this command."""

    impact: Code
    scope: Code
    reason: Words


def decide(situation: Situation, wish: Raise) -> list[Draft]:
    """Return the entry of a severity above the present one."""
    incident, procedure = situation.incident, situation.procedure
    file = procedure.file
    if wish.impact not in file.impacts or wish.scope not in file.scopes:
        raise Refused(
            f"Mức ảnh hưởng là {', '.join(file.impacts)}; phạm vi là {', '.join(file.scopes)}.",
            f"Impact is {', '.join(file.impacts)}; scope is {', '.join(file.scopes)}.",
            ["impact", "scope"],
        )
    if not wish.reason.strip():
        raise Refused("Cần ghi lý do.", "A reason is needed.", ["reason"])
    severity = procedure.severity(wish.impact, wish.scope)
    if incident.ended or not procedure.is_higher(severity, incident.severity):
        raise Refused(
            f"{severity} không cao hơn {incident.severity}; hạ mức cần chỉ huy ứng phó và lý do.",
            f"{severity} is not above {incident.severity}; lowering needs the commander.",
            ["chi_huy"],
        )
    draft = change_of_severity(
        incident,
        procedure,
        impact=wish.impact,
        scope=wish.scope,
        texts=reason_texts(wish.reason),
    )
    return [draft]


RAISE = Spec("raise", Raise, "raise", decide)
