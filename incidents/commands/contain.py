"""Isolation: after the evidence step, or at once as an emergency that gives its reason in time."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Words
from incidents.conditions import Refused, need_open, need_reason, reason_texts
from incidents.state import Draft, Incident, Kind
from incidents.timeline import microseconds


@dataclass(frozen=True, slots=True)
class Contain(Command):
    """What was isolated; an emergency waits for nothing."""

    what: Words = ""
    emergency: bool = False
    reason: Words = ""


@dataclass(frozen=True, slots=True)
class Explain(Command):
    """The reason of an emergency isolation that was given none at once."""

    reason: Words


def decide(situation: Situation, wish: Contain) -> list[Draft]:
    """Return the entry of an isolation, which says whether evidence had come before it."""
    incident, now = situation.incident, situation.now
    need_open(incident)
    is_before_evidence = _nothing_kept(incident)
    if not wish.emergency:
        if is_before_evidence:
            raise Refused(
                "Chứng cứ trước, cô lập sau: bảo quản chứng cứ hoặc bỏ qua kèm lý do; khẩn cấp thì "
                "dùng “Cô lập khẩn cấp”.",
                "Evidence comes before isolation: preserve or waive it with a reason; in an "
                "emergency use the emergency isolation.",
                ["evidence_step"],
            )
        if not wish.what.strip():
            raise Refused("Cần ghi đã cô lập gì.", "Say what was isolated.", ["what"])
    due_at = None
    if wish.emergency and not wish.reason.strip():
        term = situation.procedure.file.containment.reason_within
        due_at = microseconds(term.after(now, situation.procedure.calendar))
    data = {
        "emergency": wish.emergency,
        "before_evidence": is_before_evidence,
        "reason_due_at": due_at,
    }
    texts = {"note": wish.what.strip()} if wish.what.strip() else {}
    return [Draft(Kind.CONTAINED, data, texts | reason_texts(wish.reason))]


def _nothing_kept(incident: Incident) -> bool:
    """Say whether neither the step was taken or waived nor a piece of evidence is in the file."""
    return not (incident.work.evidence or incident.evidence or incident.waived)


def decide_explain(situation: Situation, wish: Explain) -> list[Draft]:
    """Return the entry that explains the oldest isolation whose reason is missing."""
    need_reason(wish.reason)
    missing = situation.incident.work.unexplained
    if not missing:
        raise Refused(
            "Không có lần cô lập khẩn cấp nào còn thiếu lý do.",
            "No emergency isolation lacks its reason.",
        )
    due_at, now = missing[0].reason_due_at, situation.now
    data = {"entry": missing[0].seq, "late": due_at is not None and now > due_at}
    return [Draft(Kind.CONTAINMENT_EXPLAINED, data, reason_texts(wish.reason))]


def buttons(situation: Situation) -> list[Action]:
    """Return the isolation in its order, and the emergency one that is always there."""
    incident = situation.incident
    if incident.ended:
        return []
    is_early = _nothing_kept(incident)
    emergency = Ask("emergency", "hidden", value="true")
    return [
        Action(
            "contain",
            "Khoanh vùng, cô lập",
            "Contain, isolate",
            act="contain",
            group="respond",
            asks=(Ask("what"),),
            blocked_vi="Chứng cứ trước: bảo quản, hoặc bỏ qua kèm lý do." if is_early else "",
            blocked_en="Evidence first: preserve it, or waive it with a reason."
            if is_early
            else "",
        ),
        Action(
            "contain",
            "Cô lập khẩn cấp",
            "Emergency isolation",
            stage="emergency",
            act="contain",
            group="respond",
            asks=(
                emergency,
                Ask("what", "line", required=False),
                Ask("reason", "line", required=False),
            ),
        ),
    ]


def explain_buttons(situation: Situation) -> list[Action]:
    """Return the form of a missing reason, also after the end."""
    if not situation.incident.work.unexplained:
        return []
    return [
        Action(
            "explain",
            "Ghi lý do cô lập khẩn cấp",
            "Give the reason of the emergency isolation",
            act="contain",
            group="respond",
            asks=(Ask("reason", "line"),),
        )
    ]


CONTAIN = Spec("contain", Contain, "contain", decide, buttons)
EXPLAIN = Spec("explain", Explain, "contain", decide_explain, explain_buttons)
