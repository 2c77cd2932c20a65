"""Who took an incident, and the stages it walks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _acknowledged(incident: Incident, entry: Entry) -> Incident:
    return replace(
        incident,
        stage=entry.data["stage"],
        acknowledged_at=entry.at,
        acknowledged_by=entry.actor,
        handlers=incident.handlers | {entry.actor},
    )


def _moved(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    return replace(
        incident,
        stage=data["to"],
        ended=data["ends"],
        ended_at=entry.at if data["ends"] else None,
        dedup_key=None if data["ends"] else incident.dedup_key,
        root_cause=data.get("root_cause", incident.root_cause),
        handlers=incident.handlers | {entry.actor},
        moved_at=entry.at,
    )


def _closed(incident: Incident, entry: Entry) -> Incident:
    closed = _moved(incident, entry)
    if incident.acknowledged_at is not None:
        return closed
    return replace(closed, acknowledged_at=entry.at, acknowledged_by=entry.actor)


CHANGES: dict[str, Change] = {
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.MOVED: _moved,
    Kind.REOPENED: _moved,
    Kind.CLOSED: _closed,
}
