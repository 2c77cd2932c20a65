"""What each kind of entry changes in an incident: one small function per kind, by topic.

A new kind is its line in `Kind` and its function in the file of its topic; a new topic is a file
with `CHANGES` and its name below. A kind without a function changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.folds import alerts, severity, stages, telling
from incidents.folds.opening import opened

if TYPE_CHECKING:
    from incidents.folds.change import Change

__all__ = ["CHANGES", "opened"]

_TOPICS = (alerts, stages, severity, telling)
CHANGES: dict[str, Change] = {kind: do for topic in _TOPICS for kind, do in topic.CHANGES.items()}
