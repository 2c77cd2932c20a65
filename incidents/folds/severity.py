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
    Kind.SEVERITY_CHANGED: _severity_changed,
}
