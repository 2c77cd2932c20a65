"""A duty was done: when, how, whom it told, and the number of what was sent."""

from dataclasses import dataclass

from incidents import deadlines
from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.fields import At, Code, Line, Words
from incidents.conditions import Refused
from incidents.deadline_rows import DeadlineRow
from incidents.procedure_clocks import BY_HAND, Deadline
from incidents.state import Draft, Kind
from incidents.timeline import microseconds
from incidents.vietnamese import local_time


@dataclass(frozen=True, slots=True)
class Meet(Command):
    """A duty was done; a clock of law needs who was told, and what is sent its number."""

    deadline: Code
    how: Words
    at: At | None = None
    told: Line = ""
    document: Line = ""


def decide(situation: Situation, wish: Meet) -> list[Draft]:
    """Return the entry of a duty that was done."""
    incident, now = situation.incident, situation.now
    deadline, row = row_of(situation, wish.deadline)
    if BY_HAND not in deadline.met_by:
        ways = ", ".join(_ways(situation, deadline))
        raise Refused(
            f"“{deadline.vi}” hoàn thành khi: {ways}; không ghi bằng tay.",
            f"{deadline.code} is met by {', '.join(deadline.met_by)}, not by hand.",
            ["deadline"],
        )
    if row.met_at is not None:
        raise Refused(
            f"“{deadline.vi}” đã hoàn thành lúc {local_time(row.met_at)}.",
            f"{deadline.code} was met at {local_time(row.met_at)}.",
            ["deadline"],
        )
    at = now if wish.at is None else wish.at
    if not incident.detected_at <= at <= now:
        raise Refused(
            "Thời điểm hoàn thành phải từ lúc phát hiện đến bây giờ.",
            "It was done between the detection and now.",
            ["at"],
        )
    words = {"how": wish.how, "told": wish.told, "document": wish.document}
    given = {name: text.strip() for name, text in words.items() if text.strip()}
    if missing := [name for name in _needed(deadline) if name not in given]:
        raise Refused(
            "Cần ghi: " + ", ".join(_NAMES_VI[name] for name in missing) + ".",
            f"Still needed: {', '.join(missing)}.",
            missing,
        )
    return [
        Draft(
            Kind.DEADLINE_MET,
            {"deadline": deadline.code, "run": row.run, "met_at": microseconds(at)},
            given,
        )
    ]


_NAMES_VI = {"how": "cách thực hiện", "told": "đã báo cho ai", "document": "số, ký hiệu văn bản"}


def row_of(situation: Situation, code: str) -> tuple[Deadline, DeadlineRow]:
    """Return a deadline that the incident has, and its row.

    Raises:
        Refused: The incident has no such deadline, or no longer; names those that run.
    """
    rows = {row.code: row for row in deadlines.rows(situation.incident, situation.procedure)}
    row = rows.get(code)
    if row is None or row.stopped_at is not None:
        running = [row for row in rows.values() if row.is_running]
        raise Refused(
            f"Sự cố không có thời hạn {code} đang chạy; đang chạy: "
            + (", ".join(row.vi for row in running) or "không có")
            + ".",
            f"{code} does not run here; running: "
            + (", ".join(row.code for row in running) or "none")
            + ".",
            ["deadline"],
        )
    return situation.procedure.deadlines[code], row


def _needed(deadline: Deadline) -> list[str]:
    """Return what must be given: for a clock of law also who was told, and what was sent."""
    if not deadline.is_legal:
        return ["how"]
    return ["how", "told", "document"] if deadline.report else ["how", "told"]


def _ways(situation: Situation, deadline: Deadline) -> list[str]:
    stages = situation.procedure.stages
    return [
        f"đến “{stages[what].vi}”" if what in stages else _ACTS_VI.get(what, what)
        for what in deadline.met_by
    ]


_ACTS_VI = {
    "acknowledged": "có người tiếp nhận",
    "decided": "có quyết định báo cáo",
    "contained": "đã khoanh vùng",
    "restored": "dịch vụ khôi phục",
    "closed": "kết thúc sự cố",
    "told": "đã báo người có trách nhiệm",
}


def buttons(situation: Situation) -> list[Action]:
    """Return the form of a duty that is written down by hand, while one runs."""
    deadlines_of = situation.procedure.deadlines
    rows = [
        row
        for row in deadlines.rows(situation.incident, situation.procedure)
        if row.met_at is None
        and row.stopped_at is None
        and BY_HAND in deadlines_of[row.code].met_by
    ]
    if not rows:
        return []
    asks = (
        Ask("deadline", "choice", options=tuple(Option(r.code, r.vi, r.en) for r in rows)),
        Ask("how", "line"),
        Ask("told", "line", required=False),
        Ask("document", "line", required=False),
        Ask("at", "instant", required=False),
    )
    return [
        Action(
            "meet",
            "Ghi việc đã làm đúng hạn",
            "A duty was done",
            act="meet",
            group="report",
            asks=asks,
        )
    ]


MEET = Spec("meet", Meet, "meet", decide, buttons)
