"""Silences and maintenance windows: what they cover, and when.

Both concern telling alone: what they cover is recorded and evaluated as ever. A silence is short,
made by whoever is disturbed, and never covers the worst severity. A maintenance window is planned,
has an owner, may come round week after week, and covers what hangs under what is worked on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from collector.alerts_in.matchers import all_match
from collector.hours.expected import Expected
from collector.hours.hours import NO_HOURS, Hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from collector.alerts_in.matchers import LabelMatcher

Kind = Literal["silence", "maintenance"]
LONGEST_SILENCE = timedelta(days=7)
LONGEST_MAINTENANCE = timedelta(days=400)
# The owner is reminded this long before the end: of a single window, and of a series.
REMIND_BEFORE = timedelta(hours=1)
REMIND_BEFORE_SERIES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Subject:
    """An alert as a mute sees it.

    Attributes:
        parents: The nodes through which alone it is reached.
        is_worst: Its incident would have the worst severity.
        is_unreachable: It is a silence, not a fault that somebody observed.
        labels: As matchers see it.
        source: Who outside said it.
    """

    agent: str
    unit: str
    rule: str
    parents: frozenset[str] = frozenset()
    is_worst: bool = False
    is_unreachable: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Mute:
    """One silence or window; empty names cover any, and all that are given must match.

    Attributes:
        agent: A host's agent, `unit:CODE` or `target:NAME` for what hangs under it.
        weekly: Only at these times, week after week; without, from start to end.
        ended_at: When somebody ended it before its time.
        matchers: On labels; all must match, too.
        source: Only what this outside source says.
    """

    id: int
    kind: Kind
    agent: str
    unit: str
    rule: str
    reason: str
    owner: str
    created_by: str
    starts_at: datetime
    ends_at: datetime
    weekly: Hours = NO_HOURS
    ended_at: datetime | None = None
    matchers: tuple[LabelMatcher, ...] = ()
    source: str = ""

    @property
    def last_instant(self) -> datetime:
        """Return when it is over for good."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)


def is_active(mute: Mute, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether a mute holds now; its end no longer belongs to it."""
    if not mute.starts_at <= now < mute.last_instant:
        return False
    return Expected(mute.weekly).contain(now.astimezone(zone), is_patient=False)


def covers(mute: Mute, subject: Subject) -> bool:
    """Say whether an alert is one that a mute is meant for, whatever the time.

    The worst severity is never silenced; a window covers it where something cannot be reached,
    for that is what working on a line looks like.
    """
    if subject.is_worst and not (mute.kind == "maintenance" and subject.is_unreachable):
        return False
    if mute.agent and mute.agent != subject.agent and mute.agent not in subject.parents:
        return False
    if mute.unit and mute.unit != subject.unit:
        return False
    if mute.source and mute.source != subject.source:
        return False
    is_any = mute.agent or mute.unit or mute.rule or mute.matchers
    return (
        bool(is_any)
        and mute.rule in {"", subject.rule}
        and all_match(mute.matchers, subject.labels)
    )


def muting(active: Iterable[Mute], subject: Subject) -> Mute | None:
    """Return what covers an alert, maintenance before silences; None: it is told."""
    found = [mute for mute in active if covers(mute, subject)]
    return min(found, key=lambda mute: (mute.kind != "maintenance", mute.id), default=None)


def remind_at(mute: Mute) -> datetime | None:
    """Return when the owner of a window is reminded of its end; None for a silence."""
    if mute.kind == "silence":
        return None
    before = REMIND_BEFORE_SERIES if mute.weekly.ranges else REMIND_BEFORE
    return max(mute.starts_at, mute.last_instant - before)
