"""Which moves are legal now: shared by the commands that change the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.conditions import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.commands.command import Situation
    from incidents.procedure import Procedure
    from incidents.procedure_file import Transition
    from incidents.state import Incident


def legal(situation: Situation, to: str) -> Transition:
    """Return the transition from where the incident stands.

    Raises:
        Refused: There is none; it names those that there are.
    """
    incident, procedure = situation.incident, situation.procedure
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


def quick_way(situation: Situation) -> tuple[Transition, ...]:
    """Return the legal moves to the end of a recovered incident, where the procedure grants it."""
    incident, procedure = situation.incident, situation.procedure
    quick = incident.severity in procedure.file.quick_close.severities
    if not quick or incident.recovered_at is None or incident.ended:
        return ()
    way = procedure.way_to(incident.stage, procedure.file.closed)
    return way if len(way) > 1 else ()


def in_time(situation: Situation, move: Transition) -> bool:
    """Say whether a move that is bound to a time after the end is still possible."""
    until = possible_until(situation.incident, move, situation.procedure)
    return until is None or situation.now <= until


def possible_until(incident: Incident, move: Transition, procedure: Procedure) -> datetime | None:
    """Return the last instant of a move that is bound to a time after the end."""
    if move.within is None or incident.ended_at is None:
        return None
    return move.within.after(incident.ended_at, procedure.calendar)


def reopen_until(incident: Incident, procedure: Procedure) -> datetime | None:
    """Return the last instant at which an ended incident may be reopened; None: no bound."""
    stage = procedure.stages.get(incident.stage)
    bounds = [
        possible_until(incident, move, procedure)
        for move in (stage.next if stage and incident.ended else ())
        if move.reopens
    ]
    known = [until for until in bounds if until is not None]
    return max(known) if known and len(known) == len(bounds) else None


def acknowledges(situation: Situation, move: Transition) -> bool:
    """Say whether a move is the acknowledgement."""
    is_there = move.to == situation.procedure.file.acknowledged
    return is_there and situation.incident.acknowledged_at is None


def act_of_move(move: Transition) -> str:
    """Return what the table `may` calls a move."""
    return move.act or "move"
