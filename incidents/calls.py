"""Whom the levels of an escalation called for an incident, and who answered: folded of entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Calls:
    """How far the levels have come since they were last begun with; names are in lower case.

    Attributes:
        level: Called last, from 1; 0: nobody was called yet.
        level_at: When that level was first called.
        called_at: When anybody of it was last called.
        reason: Of the last call.
        called: Who was called, with the level.
        counts: How often each was called: every call more goes over one channel more.
        acknowledged: Who acknowledged.
        owed: Who must still acknowledge, where all must.
        passed: Who passed it on.
        is_handed_on: Whoever had it passed it on, and nobody has taken it since.
        begun: How often the levels were begun with.
    """

    level: int = 0
    level_at: datetime | None = None
    called_at: datetime | None = None
    reason: str = ""
    called: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    acknowledged: frozenset[str] = frozenset()
    owed: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    is_handed_on: bool = False
    begun: int = 0


NO_CALLS = Calls()
