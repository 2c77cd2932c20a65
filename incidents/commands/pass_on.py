"""Somebody who was called cannot: the next person is."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Words
from incidents.conditions import Refused, name_of
from incidents.escalation import is_answered
from incidents.state import PERSON, Draft, Kind


@dataclass(frozen=True, slots=True)
class PassOn(Command):
    """Let the next person of the level be called, then the next level; never nobody."""

    reason: Words = ""


def decide(situation: Situation, wish: PassOn) -> list[Draft]:
    """Return the entry; refused where it would leave the incident to nobody."""
    incident, reachable = situation.incident, situation.facts.reachable
    name = _name(situation)
    if incident.ended:
        raise Refused(f"Sự cố {incident.code} đã kết thúc.", f"{incident.code} has ended.")
    if reachable is None or not incident.calls.level:
        raise Refused(
            f"Sự cố {incident.code} không gọi theo bậc, nên không có người kế tiếp.",
            f"Nobody is called for {incident.code} by levels, so there is no next person.",
        )
    if not _has_it(situation):
        who = name_of(incident.acknowledged_by) if is_answered(incident) else "–"
        raise Refused(
            f"Không phải {name} đang được gọi hoặc đang giữ sự cố {incident.code} (người giữ: "
            f"{who}).",
            f"{name} is neither called for {incident.code} nor has it (it is with: {who}).",
            ["person"],
        )
    if not reachable - {name}:
        raise Refused(
            "Không còn ai khác gọi được lúc này; sự cố vẫn ở người đang nhận.",
            "Nobody but you can be called now; the incident stays with you.",
        )
    texts = {"reason": wish.reason.strip()} if wish.reason.strip() else {}
    return [Draft(Kind.PASSED_ON, {"level": incident.calls.level}, texts)]


def buttons(situation: Situation) -> list[Action]:
    """Return the form for who is called or has it."""
    if situation.incident.ended or not _has_it(situation):
        return []
    asks = (Ask("reason", "line", required=False),)
    return [Action("pass_on", "Chuyển người kế tiếp", "Pass on", act="pass_on", asks=asks)]


def _has_it(situation: Situation) -> bool:
    incident, name = situation.incident, _name(situation)
    calls = incident.calls
    if is_answered(incident):
        return bool(calls.level) and situation.actor == incident.acknowledged_by
    return name in calls.called and name not in calls.passed


def _name(situation: Situation) -> str:
    return situation.actor.removeprefix(PERSON).casefold()


PASS_ON = Spec("pass_on", PassOn, "pass_on", decide, buttons, any_stage=True)
