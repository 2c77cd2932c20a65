"""What an incident's deadlines are computed from, as its entries tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# The deadline that has reasons and repeats of its own; every other one is told of as a duty.
ACKNOWLEDGE = "ack"


@dataclass(frozen=True, slots=True)
class Visit:
    """Since when an incident has stood in a stage."""

    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Weight:
    """Since when an incident has had a severity; the first counts from its detection."""

    severity: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Met:
    """A duty that was done: when, who says so and when, how, whom it told, and the proof.

    Attributes:
        at: When it was done.
        recorded_at: When it was written down.
        told: Codes or names of who was told, where somebody was.
        document: Number of the document or receipt, for what was sent.
    """

    deadline: str
    at: datetime
    recorded_at: datetime
    by: str
    how: str = ""
    told: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A later due instant, with who approved it; the reason stands in the entry's words."""

    deadline: str
    until: datetime
    at: datetime
    approver: str


@dataclass(frozen=True, slots=True)
class Reporting:
    """A decision on reporting outside, with its grounds."""

    at: datetime
    is_reportable: bool
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clocks:
    """What happened that starts, stops, pauses, meets and moves deadlines.

    Attributes:
        visits: Every stage so far, the first one first.
        severities: Every severity so far, the first one first.
        reopened: When it was opened again.
        recovered: When machines saw it recovered, and until when that held (None: it holds).
        told_roles: Who was told of it, by role, and when.
        undecided: When another nature opened the decision on reporting again.
        presumed: Grounds that count because nobody had decided in time, since `presumed_at`.
        occurred: (deadline, run, percent) that have come and were written down.
        told: (person, deadline, run, percent) that a message named.
        told_at: When a person last got a message about deadlines.
    """

    visits: tuple[Visit, ...] = ()
    severities: tuple[Weight, ...] = ()
    reopened: tuple[datetime, ...] = ()
    contained_at: datetime | None = None
    met: tuple[Met, ...] = ()
    extended: tuple[Extension, ...] = ()
    reporting: tuple[Reporting, ...] = ()
    recovered: tuple[tuple[datetime, datetime | None], ...] = ()
    told_roles: tuple[tuple[str, datetime], ...] = ()
    undecided: tuple[datetime, ...] = ()
    presumed: tuple[str, ...] = ()
    presumed_at: datetime | None = None
    occurred: frozenset[tuple[str, str, int]] = frozenset()
    told: frozenset[tuple[str, str, str, int]] = frozenset()
    told_at: Mapping[str, datetime] = field(default_factory=dict)


NO_CLOCKS = Clocks()
