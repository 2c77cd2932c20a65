"""What a person may do with an incident now: commands become entries, or a refusal with words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from incidents.causes import change_of_severity
from incidents.conditions import FIELDS, Refused, met, name_of, reason_texts, same_person
from incidents.incident import Draft, Kind, is_person

__all__ = [
    "Acknowledge",
    "Action",
    "Close",
    "Command",
    "Move",
    "Note",
    "Raise",
    "Refused",
    "allowed",
    "decide",
]

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.procedure_file import Transition


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody is on it: repeats stop."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the file."""

    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """To another stage; `fields` holds what the transition needs (see `FIELDS`)."""

    stage: str
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Close:
    """The end, with the code of the root cause; a recovered S4 may be closed in one act."""

    reason: str
    root_cause: str


@dataclass(frozen=True, slots=True)
class Raise:
    """A heavier impact or a wider scope; lowering needs the commander and is not this command."""

    impact: str
    scope: str
    reason: str


Command = Acknowledge | Note | Move | Close | Raise


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what may be done now, what it needs, and why not if it is blocked."""

    kind: Literal["acknowledge", "note", "move", "close"]
    label_vi: str
    label_en: str
    stage: str = ""
    needs: tuple[str, ...] = ()
    role: str = ""
    blocked_vi: str = ""
    blocked_en: str = ""


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
    if isinstance(command, Note):
        return [_note(command)]
    if incident.stage not in procedure.stages:
        raise Refused(
            f"Quy trình {procedure.id} không có giai đoạn {incident.stage} của sự cố.",
            f"The procedure {procedure.id} has no stage {incident.stage}; put it back.",
            ["procedure"],
        )
    if isinstance(command, Acknowledge):
        return [_acknowledge(incident, procedure)]
    if isinstance(command, Move):
        return [_move(incident, command, actor, procedure, now)]
    if isinstance(command, Close):
        return [_close(incident, command, actor, procedure)]
    return [_raise(incident, command, procedure)]


def allowed(incident: Incident, actor: str, procedure: Procedure, now: datetime) -> list[Action]:
    """Return what a person may do now, in the order of the procedure; nothing for a machine."""
    if not is_person(actor):
        return []
    note = Action("note", "Ghi chú", "Note", needs=("text",))
    if incident.stage not in procedure.stages:
        return [note]
    actions: list[Action] = []
    for move in procedure.allowed_transitions(incident.stage):
        if not _in_time(incident, move, procedure, now):
            continue
        actions.append(_action(incident, move, actor, procedure))
    if _quick_way(incident, procedure):
        needs = ("reason", "root_cause")
        actions.append(Action("close", "Kết thúc nhanh", "Close at once", needs=needs))
    return [*actions, note]


def _action(incident: Incident, move: Transition, actor: str, procedure: Procedure) -> Action:
    stage = procedure.stages[move.to]
    kind: Literal["acknowledge", "move", "close"] = "move"
    if _acknowledges(incident, move, procedure):
        kind = "acknowledge"
    elif move.to == procedure.file.closed:
        kind = "close"
    blocked = same_person(incident, move, actor)
    return Action(
        kind,
        stage.vi,
        stage.en,
        stage=stage.code,
        needs=tuple(need for need in move.needs if need != "other_person"),
        role=move.role or "",
        blocked_vi=blocked.reason_vi if blocked else "",
        blocked_en=blocked.reason_en if blocked else "",
    )


def _acknowledge(incident: Incident, procedure: Procedure) -> Draft:
    if incident.acknowledged_at is not None:
        raise Refused(
            f"Sự cố {incident.code} đã được {name_of(incident.acknowledged_by)} tiếp nhận.",
            f"{incident.code} is already acknowledged by {name_of(incident.acknowledged_by)}.",
        )
    _legal(incident, procedure.file.acknowledged, procedure)
    return Draft(Kind.ACKNOWLEDGED, {"stage": procedure.file.acknowledged})


def _note(command: Note) -> Draft:
    if not command.text.strip():
        raise Refused("Ghi chú còn trống.", "The note is empty.", ["text"])
    return Draft(Kind.NOTE, {}, {"note": command.text.strip()})


def _move(
    incident: Incident, command: Move, actor: str, procedure: Procedure, now: datetime
) -> Draft:
    if unknown := sorted(set(command.fields) - set(FIELDS)):
        raise Refused(
            f"Không có trường {', '.join(unknown)}.",
            f"Unknown field {', '.join(unknown)}; allowed: {', '.join(FIELDS)}.",
            unknown,
        )
    if command.stage == procedure.file.closed:
        close = Close(command.reason, command.fields.get("root_cause", ""))
        return _close(incident, close, actor, procedure)
    move = _legal(incident, command.stage, procedure)
    if _acknowledges(incident, move, procedure):
        return _acknowledge(incident, procedure)
    if not _in_time(incident, move, procedure, now):
        raise Refused(
            f"Đã quá thời hạn mở lại ({move.within.words_vi if move.within else ''}).",
            f"Too late to reopen ({move.within.words_en if move.within else ''} after its end).",
            ["within"],
        )
    data = met(incident, [move], command.reason, command.fields, actor, procedure)
    kind = Kind.REOPENED if move.reopens else Kind.MOVED
    data |= {"from": incident.stage, "to": move.to, "ends": procedure.stages[move.to].ends}
    return Draft(kind, data, reason_texts(command.reason))


def _close(incident: Incident, command: Close, actor: str, procedure: Procedure) -> Draft:
    closed = procedure.file.closed
    way = _quick_way(incident, procedure)
    if procedure.transition(incident.stage, closed) is not None:
        way = (_legal(incident, closed, procedure),)
    if not way:
        _legal(incident, closed, procedure)
    fields = {"root_cause": command.root_cause} if command.root_cause else {}
    data = met(incident, way, command.reason, fields, actor, procedure)
    data |= {"from": incident.stage, "to": closed, "ends": procedure.stages[closed].ends}
    if len(way) > 1:
        data["through"] = [move.to for move in way[:-1]]
    return Draft(Kind.CLOSED, data, reason_texts(command.reason))


def _raise(incident: Incident, command: Raise, procedure: Procedure) -> Draft:
    file = procedure.file
    if command.impact not in file.impacts or command.scope not in file.scopes:
        raise Refused(
            f"Mức ảnh hưởng là {', '.join(file.impacts)}; phạm vi là {', '.join(file.scopes)}.",
            f"Impact is {', '.join(file.impacts)}; scope is {', '.join(file.scopes)}.",
            ["impact", "scope"],
        )
    if not command.reason.strip():
        raise Refused("Cần ghi lý do.", "A reason is needed.", ["reason"])
    severity = procedure.severity(command.impact, command.scope)
    if incident.ended or not procedure.is_higher(severity, incident.severity):
        raise Refused(
            f"{severity} không cao hơn {incident.severity}; hạ mức cần chỉ huy ứng phó và lý do.",
            f"{severity} is not above {incident.severity}; lowering needs the commander.",
            ["chi_huy"],
        )
    return change_of_severity(
        incident,
        procedure,
        impact=command.impact,
        scope=command.scope,
        texts=reason_texts(command.reason),
    )


def _legal(incident: Incident, to: str, procedure: Procedure) -> Transition:
    move = procedure.transition(incident.stage, to)
    if move is not None:
        return move
    here = procedure.stages[incident.stage]
    there = procedure.stages.get(to)
    next_vi = ", ".join(procedure.stages[t.to].vi for t in here.next) or "không có"
    next_en = ", ".join(t.to for t in here.next) or "none"
    raise Refused(
        f"Từ giai đoạn “{here.vi}” không chuyển được sang “{there.vi if there else to}”; "
        f"được phép: {next_vi}.",
        f"No transition from {here.code} to {to}; allowed: {next_en}.",
        [t.to for t in here.next],
    )


def _quick_way(incident: Incident, procedure: Procedure) -> tuple[Transition, ...]:
    """The legal moves to the end of a recovered incident, where the procedure grants them."""
    quick = incident.severity in procedure.file.quick_close.severities
    if not quick or incident.recovered_at is None or incident.ended:
        return ()
    way = procedure.way_to(incident.stage, procedure.file.closed)
    return way if len(way) > 1 else ()


def _in_time(incident: Incident, move: Transition, procedure: Procedure, now: datetime) -> bool:
    if move.within is None or incident.ended_at is None:
        return True
    return now <= move.within.after(incident.ended_at, procedure.calendar)


def _acknowledges(incident: Incident, move: Transition, procedure: Procedure) -> bool:
    return move.to == procedure.file.acknowledged and incident.acknowledged_at is None
