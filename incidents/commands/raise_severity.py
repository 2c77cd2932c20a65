"""Impact and scope: heavier or wider by who is on duty, lighter by the commander alone."""

from dataclasses import dataclass

from incidents.causes import change_of_severity
from incidents.commands.command import Action, Ask, Command, Situation, Spec, options
from incidents.commands.fields import Code, Words
from incidents.conditions import Refused, need_open, need_reason, reason_texts
from incidents.severity import Circumstances, Weighed, weigh
from incidents.state import Draft


@dataclass(frozen=True, slots=True)
class Raise(Command):
    """Another impact or scope that is not lighter; unsure between two, the higher counts."""

    impact: Code
    scope: Code
    reason: Words
    cipher_compromised: bool = False
    secret_or_security: bool = False
    or_else: Code = ""


@dataclass(frozen=True, slots=True)
class Lower(Command):
    """A lower severity, with a reason; the earlier clocks stay in the record."""

    impact: Code
    scope: Code
    reason: Words


def decide_raise(situation: Situation, wish: Raise) -> list[Draft]:
    """Return the entry of a severity that is not below the present one."""
    incident, procedure = situation.incident, situation.procedure
    weighed = _weighed(
        situation,
        wish.impact,
        wish.scope,
        cipher_compromised=wish.cipher_compromised,
        secret_or_security=wish.secret_or_security,
        or_else=wish.or_else or None,
    )
    need_open(incident)
    need_reason(wish.reason)
    if procedure.is_higher(incident.severity, weighed.severity):
        raise Refused(
            f"{weighed.severity} thấp hơn {incident.severity}; hạ mức cần chỉ huy và lý do.",
            f"{weighed.severity} is below {incident.severity}; lowering needs the commander.",
            ["chi_huy"],
        )
    same = (wish.impact, wish.scope, weighed.severity)
    if same == (incident.impact, incident.scope, incident.severity):
        raise Refused(
            f"Sự cố đã ở {incident.impact}, {incident.scope}, {incident.severity}.",
            f"It is {incident.impact}, {incident.scope}, {incident.severity} already.",
            ["impact", "scope"],
        )
    return [_changed(situation, wish.impact, wish.scope, wish.reason, weighed)]


def decide_lower(situation: Situation, wish: Lower) -> list[Draft]:
    """Return the entry of a severity below the present one."""
    incident, procedure = situation.incident, situation.procedure
    weighed = _weighed(situation, wish.impact, wish.scope)
    need_open(incident)
    need_reason(wish.reason)
    if not procedure.is_higher(incident.severity, weighed.severity):
        raise Refused(
            f"{weighed.severity} không thấp hơn {incident.severity}.",
            f"{weighed.severity} is not below {incident.severity}.",
            ["impact", "scope"],
        )
    return [_changed(situation, wish.impact, wish.scope, wish.reason, weighed)]


def _weighed(
    situation: Situation,
    impact: str,
    scope: str,
    *,
    cipher_compromised: bool = False,
    secret_or_security: bool = False,
    or_else: str | None = None,
) -> Weighed:
    incident, procedure = situation.incident, situation.procedure
    file = procedure.file
    if impact not in file.impacts or scope not in file.scopes:
        raise Refused(
            f"Mức ảnh hưởng là {', '.join(file.impacts)}; phạm vi là {', '.join(file.scopes)}.",
            f"Impact is {', '.join(file.impacts)}; scope is {', '.join(file.scopes)}.",
            ["impact", "scope"],
        )
    if or_else is not None and or_else not in procedure.severities:
        raise Refused(
            f"Mức độ là {', '.join(procedure.severities)}.",
            f"A severity is one of {', '.join(procedure.severities)}.",
            ["or_else"],
        )
    incident_class = procedure.classes.get(incident.class_code)
    is_secret = incident_class is not None and incident_class.pointer_only
    given = Circumstances(
        cipher_compromised=cipher_compromised,
        secret_or_security=secret_or_security or is_secret or incident.work.is_pointer_only,
        or_else=or_else,
    )
    return weigh(procedure, impact, scope, given)


def _changed(situation: Situation, impact: str, scope: str, reason: str, weighed: Weighed) -> Draft:
    return change_of_severity(
        situation.incident,
        situation.procedure,
        impact=impact,
        scope=scope,
        texts=reason_texts(reason),
        weighed=weighed,
    )


def raise_buttons(situation: Situation) -> list[Action]:
    """Return the form of another weight, while the incident is open."""
    if situation.incident.ended:
        return []
    asks = (
        *_weight(situation),
        Ask("secret_or_security", "yes", required=False),
        Ask("cipher_compromised", "yes", required=False),
        Ask("reason"),
    )
    return [Action("raise", "Nâng mức", "Raise severity", act="raise", group="weigh", asks=asks)]


def lower_buttons(situation: Situation) -> list[Action]:
    """Return the form of a lower severity, while there is one."""
    incident, severities = situation.incident, list(situation.procedure.severities)
    if incident.ended or incident.severity == severities[-1]:
        return []
    asks = (*_weight(situation), Ask("reason"))
    return [Action("lower", "Hạ mức", "Lower severity", act="lower", group="weigh", asks=asks)]


def _weight(situation: Situation) -> tuple[Ask, Ask]:
    file, incident = situation.procedure.file, situation.incident
    return (
        Ask("impact", "choice", options=options(file.impacts), value=incident.impact),
        Ask("scope", "choice", options=options(file.scopes), value=incident.scope),
    )


RAISE = Spec("raise", Raise, "raise", decide_raise, raise_buttons)
LOWER = Spec("lower", Lower, "lower", decide_lower, lower_buttons)
