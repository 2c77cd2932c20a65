"""An incident is its timeline: entries fold into what the incident is now.

What each kind of entry changes stands in `incidents/folds`, by topic.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.folds import CHANGES, opened
from incidents.state import MACHINE, PERSON, Draft, Incident, Kind, is_person

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from incidents.timeline import Entry

__all__ = [
    "MACHINE",
    "PERSON",
    "Draft",
    "Incident",
    "Kind",
    "apply",
    "fold",
    "is_person",
]


def fold(entries: Iterable[Entry]) -> Incident:
    """Return the incident that the entries make.

    Raises:
        ValueError: There is no entry, or the first does not open an incident.
    """
    incident: Incident | None = None
    last: Entry | None = None
    acted_at: datetime | None = None
    for last in entries:
        incident = _changed(incident, last)
        if is_person(last.actor):
            acted_at = last.at
    if incident is None or last is None:
        raise ValueError("an incident without entries")
    return replace(incident, acted_at=acted_at, last_seq=last.seq, last_hash=last.hash())


def apply(incident: Incident | None, entry: Entry) -> Incident:
    """Return the incident after one more entry; a kind it does not know changes nothing."""
    after = _changed(incident, entry)
    if is_person(entry.actor):
        after = replace(after, acted_at=entry.at)
    return replace(after, last_seq=entry.seq, last_hash=entry.hash())


def _changed(incident: Incident | None, entry: Entry) -> Incident:
    """Return what the kind of an entry makes of the incident, without its place in the file."""
    if incident is None:
        if entry.kind != Kind.OPENED:
            raise ValueError(f"{entry.code}: the first entry is {entry.kind!r}, not 'opened'")
        return opened(entry)
    change = CHANGES.get(entry.kind)
    return incident if change is None else change(incident, entry)
