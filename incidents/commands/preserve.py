"""The evidence step: what was preserved, or why there is nothing to preserve."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Line, Words
from incidents.conditions import Refused, need_open, need_reason, reason_texts
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Preserve(Command):
    """What was preserved and where it is kept; waived, the reason why there is nothing."""

    what: Words = ""
    where: Line = ""
    waived: bool = False
    reason: Words = ""


def decide(situation: Situation, wish: Preserve) -> list[Draft]:
    """Return the entry of the evidence step; the files themselves are taken in elsewhere."""
    need_open(situation.incident)
    if wish.waived:
        need_reason(wish.reason)
        return [
            Draft(Kind.EVIDENCE_PRESERVED, {"waived": True}, reason_texts(wish.reason)),
        ]
    if not wish.what.strip():
        raise Refused(
            "Cần ghi chứng cứ đã bảo quản, hoặc bỏ qua kèm lý do.",
            "Say what was preserved, or waive it with a reason.",
            ["what"],
        )
    texts = {"note": wish.what.strip()}
    if wish.where.strip():
        texts["where"] = wish.where.strip()
    return [Draft(Kind.EVIDENCE_PRESERVED, {"waived": False}, texts | reason_texts(wish.reason))]


def buttons(situation: Situation) -> list[Action]:
    """Return both ways through the step, before anything is isolated."""
    if situation.incident.ended:
        return []
    waived = Ask("waived", "hidden", value="true")
    return [
        Action(
            "preserve",
            "Bảo vệ hiện trường, lưu chứng cứ",
            "Preserve evidence",
            act="preserve",
            group="respond",
            asks=(Ask("what"), Ask("where", "line", required=False)),
        ),
        Action(
            "preserve",
            "Bỏ qua bước chứng cứ",
            "Waive the evidence step",
            stage="waived",
            act="preserve",
            group="respond",
            asks=(waived, Ask("reason")),
        ),
    ]


PRESERVE = Spec("preserve", Preserve, "preserve", decide, buttons)
