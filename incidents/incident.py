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
    for entry in entries:
        incident = apply(incident, entry)
    if incident is None:
        raise ValueError("an incident without entries")
    return incident


def apply(incident: Incident | None, entry: Entry) -> Incident:
    """Return the incident after one more entry; a kind it does not know changes nothing."""
    if incident is None:
        if entry.kind != Kind.OPENED:
            raise ValueError(f"{entry.code}: the first entry is {entry.kind!r}, not 'opened'")
        after = opened(entry)
    else:
        change = CHANGES.get(entry.kind)
        after = incident if change is None else change(incident, entry)
    if is_person(entry.actor):
        after = replace(after, acted_at=entry.at)
    return replace(after, last_seq=entry.seq, last_hash=entry.hash())
