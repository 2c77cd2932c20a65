"""The axes of an incident, each apart: class, nature, root cause, how it was found, TLP."""

from dataclasses import dataclass
from typing import Any

from incidents.causes import change_of_severity
from incidents.commands.command import Action, Ask, Command, Situation, Spec, options
from incidents.commands.fields import Code, Words
from incidents.conditions import Refused, need_open, need_reason, reason_texts
from incidents.procedure import Procedure
from incidents.severity import Circumstances, weigh
from incidents.state import Draft, Incident, Kind


@dataclass(frozen=True, slots=True)
class Classify(Command):
    """Another value on any of the axes; what is left empty stays as it is.

    Another nature asks for the decision on reporting again. Nothing here moves the detection.
    """

    reason: Words
    class_code: Code = ""
    nature: Code = ""
    root_cause: Code = ""
    detected_by: Code = ""
    tlp: Code = ""


def decide(situation: Situation, wish: Classify) -> list[Draft]:
    """Return the entry of what changes, and the severity that a suspected secret has."""
    incident, procedure = situation.incident, situation.procedure
    need_open(incident)
    need_reason(wish.reason)
    data: dict[str, Any] = {}
    for axis, given, before, allowed in _axes(incident, procedure, wish):
        if given and given not in allowed:
            listed = ", ".join(allowed)
            raise Refused(
                f"Không có {given}; cho phép: {listed}.",
                f"{given} is not defined; allowed: {listed}.",
                [axis],
            )
        if given and given != before:
            name = "class" if axis == "class_code" else axis
            data |= {name: given, f"{name}_before": before}
    if not data:
        raise Refused("Không có gì thay đổi.", "Nothing changes.", ["class_code", "nature"])
    _check_reserved(situation, data.get("nature", incident.nature))
    drafts = [Draft(Kind.CLASSIFIED, data, reason_texts(wish.reason))]
    incident_class = procedure.classes[data.get("class", incident.class_code)]
    if incident_class.pointer_only:
        secret = Circumstances(secret_or_security=True)
        weighed = weigh(procedure, incident.impact, incident.scope, secret)
        if procedure.is_higher(weighed.severity, incident.severity):
            change = change_of_severity(
                incident,
                procedure,
                impact=incident.impact,
                scope=incident.scope,
                texts={},
                weighed=weighed,
            )
            drafts.append(change)
    return drafts


def _axes(
    incident: Incident, procedure: Procedure, wish: Classify
) -> list[tuple[str, str, str, list[str]]]:
    file = procedure.file
    return [
        ("class_code", wish.class_code, incident.class_code, list(procedure.classes)),
        ("nature", wish.nature, incident.nature, list(file.natures)),
        ("root_cause", wish.root_cause, incident.root_cause or "", list(file.root_causes)),
        ("detected_by", wish.detected_by, incident.work.detected_by, list(file.detected_by)),
        ("tlp", wish.tlp, incident.work.tlp, list(file.tlp)),
    ]


def _check_reserved(situation: Situation, nature: str) -> None:
    """Refuse that somebody takes an incident out of a reserved nature who may not see it."""
    before = situation.procedure.only_role(situation.incident.nature)
    if before is not None and situation.procedure.only_role(nature) != before:
        held = situation.who.held(situation.procedure)
        if before not in held:
            names = situation.procedure.role_names([before], "vi")
            raise Refused(f"Cần vai trò {names}.", f"The role {before} is needed.", [before])


def buttons(situation: Situation) -> list[Action]:
    """Return the form of the axes, while the incident is open."""
    incident, file = situation.incident, situation.procedure.file
    if incident.ended:
        return []
    classes = {c.code: c for c in file.classes}
    asks = (
        Ask("class_code", "choice", False, options(classes, but=incident.class_code)),
        Ask("nature", "choice", False, options(file.natures, but=incident.nature)),
        Ask("root_cause", "choice", False, options(file.root_causes)),
        Ask("detected_by", "choice", False, options(file.detected_by)),
        Ask("tlp", "choice", False, options(file.tlp)),
        Ask("reason"),
    )
    action = Action(
        "classify", "Phân loại lại", "Classify", act="classify", group="weigh", asks=asks
    )
    return [action]


CLASSIFY = Spec("classify", Classify, "classify", decide, buttons)
