"""To another stage, as far as the procedure allows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from incidents.causes import change_of_severity
from incidents.commands import acknowledge, close
from incidents.commands.acknowledge import Acknowledge
from incidents.commands.close import Close
from incidents.commands.command import Action, Command, Situation, Spec
from incidents.commands.fields import Code, Fields, Words
from incidents.commands.permission import refusal
from incidents.commands.ways import acknowledges, act_of_move, in_time, legal
from incidents.conditions import FIELDS, Refused, met, reason_texts, unmet
from incidents.procedure_file import Transition
from incidents.state import Draft, Kind

# What a form asks for; the other needs are met or not, whatever is typed.
TYPED = ("reason", *FIELDS)


@dataclass(frozen=True, slots=True)
class Move(Command):
    """To another stage; `fields` holds what the transition needs (see `FIELDS`)."""

    stage: Code
    reason: Words = ""
    fields: Fields = field(default_factory=dict)


def decide(situation: Situation, wish: Move) -> list[Draft]:
    """Return the entry of a move; to the end it closes, to the first stage it acknowledges."""
    incident, procedure = situation.incident, situation.procedure
    if unknown := sorted(set(wish.fields) - set(FIELDS)):
        raise Refused(
            f"Không có trường {', '.join(unknown)}.",
            f"Unknown field {', '.join(unknown)}; allowed: {', '.join(FIELDS)}.",
            unknown,
        )
    if wish.stage == procedure.file.closed:
        end = Close(wish.reason, wish.fields.get("root_cause", ""))
        return close.decide(situation, end)
    move = legal(situation, wish.stage)
    if acknowledges(situation, move):
        return acknowledge.decide(situation, Acknowledge())
    if not in_time(situation, move):
        raise Refused(
            f"Đã quá thời hạn mở lại ({move.within.words_vi if move.within else ''}).",
            f"Too late to reopen ({move.within.words_en if move.within else ''} after its end).",
            ["within"],
        )
    if refused := refusal(situation, act_of_move(move), move.role):
        raise refused
    data = met(situation, [move], wish.reason, wish.fields)
    kind = Kind.REOPENED if move.reopens else Kind.MOVED
    data |= {"from": incident.stage, "to": move.to, "ends": procedure.stages[move.to].ends}
    drafts = [Draft(kind, data, reason_texts(wish.reason))]
    if "parent" in data:
        drafts += _taken_in(situation, data["parent"])
    return drafts


def _taken_in(situation: Situation, code: str) -> list[Draft]:
    """Return the entry of the parent: the duplicate's alerts and units go on there."""
    incident, procedure = situation.incident, situation.procedure
    parent = situation.facts.others.get(code)
    if parent is None:
        return []
    if procedure.only_role(parent.nature) != procedure.only_role(incident.nature):
        raise Refused(
            "Không gộp sự cố mật mã với sự cố khác loại.",
            "A cipher incident does not go into one of another nature.",
            ["parent"],
        )
    if parent.work.merged_into is not None or (parent.ended and incident.open_alerts):
        end = parent.work.merged_into
        raise Refused(
            f"{code} đã kết thúc; cần mở lại, hoặc chọn {end or 'sự cố khác'}.",
            f"{code} has ended; reopen it, or choose {end or 'another one'}.",
            ["parent"],
        )
    data = {
        "child": incident.code,
        "alerts": sorted(incident.open_alerts),
        "units": list(incident.units),
    }
    drafts = [Draft(Kind.MERGED, data, on=code)]
    scope = procedure.higher_scope(parent.scope, procedure.file.several_units_scope)
    if scope != parent.scope and not set(incident.units) <= set(parent.units):
        wider = change_of_severity(parent, procedure, impact=parent.impact, scope=scope, texts={})
        drafts.append(replace(wider, on=code))
    return drafts


def _names(wish: Move) -> tuple[str, ...]:
    parent = wish.fields.get("parent", "").strip()
    return (parent,) if parent else ()


def buttons(situation: Situation) -> list[Action]:
    """Return one button for each legal transition, in the order of the procedure."""
    if not situation.is_known_stage:
        return []
    moves = situation.procedure.allowed_transitions(situation.incident.stage)
    return [_button(situation, move) for move in moves if in_time(situation, move)]


def from_form(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the body: what a transition may need stands among the fields of a form."""
    body: dict[str, Any] = {name: text for name, text in given.items() if name not in FIELDS}
    body["fields"] = {name: given[name] for name in FIELDS if given.get(name)}
    return body


def _button(situation: Situation, move: Transition) -> Action:
    stage = situation.procedure.stages[move.to]
    kind = "move"
    if acknowledges(situation, move):
        kind = "acknowledge"
    elif move.to == situation.procedure.file.closed:
        kind = "close"
    against = unmet(situation, [move])
    return Action(
        kind,
        stage.vi,
        stage.en,
        stage=stage.code,
        needs=tuple(need for need in move.needs if need in TYPED),
        act="ack" if kind == "acknowledge" else act_of_move(move),
        role=move.role or "",
        blocked_vi=" ".join(refused.reason_vi for refused in against),
        blocked_en=" ".join(refused.reason_en for refused in against),
    )


def act_of(situation: Situation, wish: Move) -> str:
    """Return what a move is; one that is not legal is refused later, with the legal ones."""
    move = situation.procedure.transition(situation.incident.stage, wish.stage)
    if move is None:
        return "move"
    return "ack" if acknowledges(situation, move) else act_of_move(move)


MOVE = Spec("move", Move, act_of, decide, buttons, names=_names, from_form=from_form)
