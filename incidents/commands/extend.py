"""More time for an internal deadline; a clock of law has none to give."""

from dataclasses import dataclass

from incidents import deadlines
from incidents.carrier import CODE as CARRIER
from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.fields import At, Code, Line, Words
from incidents.commands.meet import row_of
from incidents.conditions import Refused, reason_texts
from incidents.state import Draft, Kind
from incidents.timeline import microseconds
from incidents.vietnamese import local_time


@dataclass(frozen=True, slots=True)
class Extend(Command):
    """A later due instant, with who approved it and why; the first one stays in the record."""

    deadline: Code
    until: At
    approver: Line
    reason: Words


def decide(situation: Situation, wish: Extend) -> list[Draft]:
    """Return the entry of an extension."""
    deadline, row = row_of(situation, wish.deadline)
    if deadline.is_legal:
        raise Refused(
            f"“{deadline.vi}” là thời hạn theo quy định ({deadline.basis}): không được gia hạn.",
            f"{deadline.code} is a clock of law ({deadline.basis}): it cannot be extended.",
            ["deadline"],
        )
    if row.code == CARRIER:
        raise Refused(
            "Giờ hẹn của nhà mạng chỉ thay đổi khi nhà mạng hẹn lại.",
            "A carrier's promise changes only by another promise.",
            ["deadline"],
        )
    if row.met_at is not None or row.due_at is None or row.paused_since is not None:
        raise Refused(
            f"“{deadline.vi}” không có thời hạn đang chạy để gia hạn.",
            f"{deadline.code} has no running clock to extend.",
            ["deadline"],
        )
    if wish.until <= max(row.due_at, situation.now):
        raise Refused(
            f"Hạn mới phải sau hạn {local_time(row.due_at)} và sau bây giờ.",
            f"The new instant must be after {local_time(row.due_at)} and after now.",
            ["until"],
        )
    missing = [n for n in ("approver", "reason") if not getattr(wish, n).strip()]
    if missing:
        raise Refused(
            "Gia hạn cần người phê duyệt và lý do.",
            "An extension needs an approver and a reason.",
            missing,
        )
    data = {
        "deadline": deadline.code,
        "run": row.run,
        "due_before": microseconds(row.due_at),
        "until": microseconds(wish.until),
    }
    words = {"approver": wish.approver.strip(), **reason_texts(wish.reason)}
    return [Draft(Kind.DEADLINE_EXTENDED, data, words)]


def buttons(situation: Situation) -> list[Action]:
    """Return the form of an extension, while an internal clock runs."""
    rows = [
        row
        for row in deadlines.rows(situation.incident, situation.procedure)
        if row.is_running and not row.is_legal and row.paused_since is None and row.code != CARRIER
    ]
    if not rows:
        return []
    asks = (
        Ask("deadline", "choice", options=tuple(Option(r.code, r.vi, r.en) for r in rows)),
        Ask("until", "instant"),
        Ask("approver", "line"),
        Ask("reason"),
    )
    return [
        Action("extend", "Gia hạn", "Extend a deadline", act="extend", group="report", asks=asks)
    ]


EXTEND = Spec("extend", Extend, "extend", decide, buttons)
