"""What an incident weighs, and the clock that follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.folds.opening import optional
from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _session_over(incident: Incident, entry: Entry) -> Incident:
    """The session ended: from now on it is an ordinary incident, detected when it was."""
    part = incident.around.in_session
    if part is None or part.left_at is not None:
        return incident
    around = replace(incident.around, in_session=replace(part, left_at=entry.at))
    changed = replace(incident, around=around)
    if "acknowledge_due_at" not in entry.data:
        return changed
    return replace(
        changed,
        acknowledge_due_at=optional(entry.data["acknowledge_due_at"]),
        acknowledge_warn_at=optional(entry.data["acknowledge_warn_at"]),
    )


def _severity_changed(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    changed = replace(
        incident, impact=data["impact"], scope=data["scope"], severity=data["severity"]
    )
    if "acknowledge_due_at" not in data:
        return changed
    return replace(
        changed,
        acknowledge_due_at=optional(data["acknowledge_due_at"]),
        acknowledge_warn_at=optional(data["acknowledge_warn_at"]),
    )


CHANGES: dict[str, Change] = {
    Kind.SESSION_OVER: _session_over,
    Kind.SEVERITY_CHANGED: _severity_changed,
}
