"""The end of an incident; a recovered one of low severity may be closed in one act."""

from dataclasses import dataclass

from incidents.commands.command import Action, Command, Situation, Spec
from incidents.commands.fields import Code, Words
from incidents.commands.ways import act_of_move, legal, quick_way
from incidents.conditions import met, reason_texts
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Close(Command):
    """The end, with the code of the root cause; a recovered S4 may be closed in one act."""

    reason: Words
    root_cause: Code


def decide(situation: Situation, wish: Close) -> list[Draft]:
    """Return the entry that closes, naming each stage it walked through."""
    incident, procedure = situation.incident, situation.procedure
    closed = procedure.file.closed
    way = quick_way(situation)
    if procedure.transition(incident.stage, closed) is not None or not way:
        way = (legal(situation, closed),)
    fields = {"root_cause": wish.root_cause} if wish.root_cause else {}
    data = met(situation, way, wish.reason, fields)
    data |= {"from": incident.stage, "to": closed, "ends": procedure.stages[closed].ends}
    if len(way) > 1:
        data["through"] = [move.to for move in way[:-1]]
    return [Draft(Kind.CLOSED, data, reason_texts(wish.reason))]


def buttons(situation: Situation) -> list[Action]:
    """Return the quick way, where there is one; the ordinary end is a move."""
    if not situation.is_known_stage or not quick_way(situation):
        return []
    needs = ("reason", "root_cause")
    return [
        Action("close", "Kết thúc nhanh", "Close at once", needs=needs, act=act_of(situation, None))
    ]


def act_of(situation: Situation, wish: Close | None) -> str:
    """Return what an end is: approved after its stages, or quick."""
    del wish
    closed = situation.procedure.file.closed
    move = situation.procedure.transition(situation.incident.stage, closed)
    if move is not None:
        return act_of_move(move)
    return "quick_close" if quick_way(situation) else "approve_end"


CLOSE = Spec("close", Close, act_of, decide, buttons)
