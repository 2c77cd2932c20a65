"""The decision whether an incident is reported outside, and on which grounds."""

from dataclasses import dataclass
from typing import Literal

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec, options
from incidents.commands.fields import Codes, Words
from incidents.conditions import Refused, need_reason, reason_texts
from incidents.state import Draft, Kind
from incidents.work import NO, YES

Decision = Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Reportable(Command):
    """Reported outside or not; yes names its grounds, which start the clocks of law."""

    decision: Decision
    reason: Words
    grounds: Codes = ()


def act_of(situation: Situation, wish: Reportable) -> str:
    """Return which of the two decisions it is: other roles make them."""
    del situation
    return "report_yes" if wish.decision == YES else "report_no"


def decide(situation: Situation, wish: Reportable) -> list[Draft]:
    """Return the entry of the decision; detection stays where it was."""
    incident, procedure = situation.incident, situation.procedure
    if procedure.only_role(incident.nature) is not None:
        raise Refused(
            "Sự cố mật mã báo cáo theo pháp luật cơ yếu, không theo thời hạn của cơ quan công an.",
            "A cipher incident is reported under cipher law, never on the clocks of the police.",
            ["nature"],
        )
    need_reason(wish.reason)
    known = procedure.file.grounds
    unknown = [ground for ground in wish.grounds if ground not in known]
    if unknown or (wish.decision == YES) != bool(wish.grounds):
        listed = ", ".join(f"{code} ({names.vi})" for code, names in known.items())
        raise Refused(
            f"Quyết định “có” cần căn cứ, “không” thì không có căn cứ. Căn cứ: {listed}.",
            f"“yes” names its grounds, “no” has none. Grounds: {', '.join(known)}.",
            ["grounds"],
        )
    grounds = [ground for ground in known if ground in wish.grounds]
    data = {"decision": wish.decision, "grounds": grounds}
    return [Draft(Kind.REPORTABLE_DECIDED, data, reason_texts(wish.reason))]


def buttons(situation: Situation) -> list[Action]:
    """Return yes and no, each with what it needs; none on the path of its own law."""
    incident, procedure = situation.incident, situation.procedure
    if procedure.only_role(incident.nature) is not None:
        return []
    grounds = Ask("grounds", "choices", options=options(procedure.file.grounds))
    yes = (_fixed(YES), grounds, Ask("reason"))
    no = (_fixed(NO), Ask("reason"))
    return [
        Action(
            "reportable",
            "Quyết định: phải báo cáo",
            "Decide: reportable",
            stage=YES,
            act="report_yes",
            group="report",
            asks=yes,
        ),
        Action(
            "reportable",
            "Quyết định: không báo cáo",
            "Decide: not reportable",
            stage=NO,
            act="report_no",
            group="report",
            asks=no,
        ),
    ]


def _fixed(decision: str) -> Ask:
    return Ask("decision", "hidden", options=(Option(decision, "", ""),), value=decision)


REPORTABLE = Spec("reportable", Reportable, act_of, decide, buttons, lists=frozenset({"grounds"}))
