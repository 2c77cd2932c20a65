"""What each kind of entry changes in an incident: one small function per kind, by topic.

A new kind is its line in `Kind` and its function in the file of its topic; a new topic is a file
with `CHANGES` and its name below. A kind may mean something to several topics; one without a
function changes nothing.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from incidents.folds import (
    alerts,
    calls,
    carriers,
    clocks,
    files,
    findings,
    people_work,
    severity,
    sharing,
    stages,
    telling,
)
from incidents.folds.opening import opened

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry

__all__ = ["CHANGES", "opened"]

_TOPICS = (
    alerts, stages, severity, telling, clocks, files, people_work, sharing, calls, findings,
    carriers,
)  # fmt: skip


def _after_each_other(changes: list[Change]) -> Change:
    """One change made of several: what a kind means to one topic and to another."""
    if len(changes) == 1:
        return changes[0]

    def all_of_them(incident: Incident, entry: Entry) -> Incident:
        return reduce(lambda state, change: change(state, entry), changes, incident)

    return all_of_them


CHANGES: dict[str, Change] = {
    kind: _after_each_other([topic.CHANGES[kind] for topic in _TOPICS if kind in topic.CHANGES])
    for kind in sorted({str(kind) for topic in _TOPICS for kind in topic.CHANGES})
}
