"""A drill that replays what machines said of an earlier incident: step by step, at its pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidents.causes import change_of_severity
from incidents.state import MACHINE, Draft, Incident, Kind
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from incidents.procedure import Procedure
    from incidents.timeline import Entry
    from incidents.work import Replay

DRILL = MACHINE + "drill"
SLOWEST_PERCENT, FASTEST_PERCENT = 100, 6000
_OF_MACHINES = frozenset(
    {
        Kind.ALERT_JOINED,
        Kind.FIRED_AGAIN,
        Kind.ALERT_RECOVERED,
        Kind.RECOVERED,
        Kind.SEVERITY_CHANGED,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a machine said, so long after the incident had opened."""

    after: timedelta
    kind: Kind
    data: Mapping[str, Any]
    texts: Mapping[str, str]


def steps(entries: Sequence[Entry]) -> list[Step]:
    """Return what machines said of an incident after it had opened."""
    opened_at = entries[0].at
    return [
        Step(entry.at - opened_at, Kind(entry.kind), entry.data, entry.texts or {})
        for entry in entries[1:]
        if entry.actor.startswith(MACHINE) and entry.kind in _OF_MACHINES
    ]


def first_at(entries: Sequence[Entry], pace_percent: int, now: datetime) -> datetime | None:
    """Return when the first step of a drill that begins now is due."""
    found = steps(entries)
    return None if not found else now + found[0].after * 100 / pace_percent


def next_step(incident: Incident, source: Sequence[Entry], procedure: Procedure) -> Draft | None:
    """Return the entry of the step that is next; None when nothing is left."""
    replay = incident.work.replay
    if replay is None:
        return None
    found = steps(source)[replay.done :]
    if not found:
        return None
    step = found[0]
    following = found[1] if len(found) > 1 else None
    at = None if following is None else microseconds(_at(replay, following))
    draft = Draft(step.kind, step.data, step.texts)
    if step.kind is Kind.SEVERITY_CHANGED:
        draft = change_of_severity(
            incident,
            procedure,
            impact=step.data["impact"],
            scope=step.data["scope"],
            texts={},
        )
    return Draft(draft.kind, {**draft.data, "replay": {"next_at": at}}, draft.texts)


def is_due(incident: Incident, now: datetime) -> bool:
    """Say whether a step of a drill has come; after its end none comes."""
    replay = incident.work.replay
    if replay is None or replay.next_at is None or incident.ended:
        return False
    return replay.next_at <= now


def _at(replay: Replay, step: Step) -> datetime:
    return replay.started_at + step.after * 100 / replay.pace_percent
