"""Who was told, and which warnings were given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.clocks import ACKNOWLEDGE
from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _notified(incident: Incident, entry: Entry) -> Incident:
    if entry.data["kind"] != "page":
        return replace(incident, last_notice_at=entry.at)
    told = {(name, channel) for name, channel in entry.data["recipients"]}
    told_state = replace(incident, paged=incident.paged | told, pages=incident.pages + len(told))
    if "duties" in entry.data:  # it does not put off the repeats of a page
        return told_state
    return replace(told_state, last_page_at=entry.at)


def _deadline_warned(incident: Incident, entry: Entry) -> Incident:
    if entry.data["deadline"] != ACKNOWLEDGE:
        return incident
    return replace(incident, warned_at=entry.at)


def _deadline_missed(incident: Incident, entry: Entry) -> Incident:
    if entry.data["deadline"] != ACKNOWLEDGE:
        return incident
    return replace(incident, missed_at=entry.at)


CHANGES: dict[str, Change] = {
    Kind.NOTIFIED: _notified,
    Kind.DEADLINE_WARNED: _deadline_warned,
    Kind.DEADLINE_MISSED: _deadline_missed,
}
