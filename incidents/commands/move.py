"""To another stage, as far as the procedure allows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from incidents.commands import acknowledge, close
from incidents.commands.acknowledge import Acknowledge
from incidents.commands.close import Close
from incidents.commands.command import Action, Command, Situation, Spec
from incidents.commands.fields import Code, Fields, Words
from incidents.commands.ways import acknowledges, in_time, legal
from incidents.conditions import FIELDS, Refused, met, reason_texts, same_person
from incidents.procedure_file import Transition
from incidents.state import Draft, Kind


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
    data = met(incident, [move], wish.reason, wish.fields, situation.actor, procedure)
    kind = Kind.REOPENED if move.reopens else Kind.MOVED
    data |= {"from": incident.stage, "to": move.to, "ends": procedure.stages[move.to].ends}
    return [Draft(kind, data, reason_texts(wish.reason))]


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
    blocked = same_person(situation.incident, move, situation.actor)
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


MOVE = Spec("move", Move, decide, buttons, from_form=from_form)
