"""Two runs over the same history held against each other: what is more, less, earlier, later."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from datetime import datetime

    from collector.backtest.outcome import AlertLine, IncidentLine, Outcome, PageLine

# Two runs that mean the same may differ by one turn of the evaluator each.
ONE_TURN = timedelta(seconds=2)


Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Moved(Generic[Line]):
    """The same thing at another instant or of another weight.

    Attributes:
        later_seconds: By how much it comes later than before; negative: earlier.
    """

    before: Line
    after: Line
    later_seconds: float


@dataclass(frozen=True)
class Compared(Generic[Line]):
    """What is only in the proposed run, only in the current one, in both but otherwise, alike."""

    added: tuple[Line, ...]
    missing: tuple[Line, ...]
    moved: tuple[Moved[Line], ...]
    same: int


@dataclass(frozen=True)
class Difference:
    """The proposed rules against the current ones.

    Attributes:
        pages: By (recipient, reason): how many more (or, negative, fewer) messages leave.
        missed: Incidents of the current rules that the proposed ones do not find.
    """

    alerts: Compared[AlertLine]
    incidents: Compared[IncidentLine]
    pages: dict[tuple[str, str], int]

    @property
    def missed(self) -> tuple[IncidentLine, ...]:
        """Return the incidents that are not found any more."""
        return self.incidents.missing

    @property
    def is_nothing(self) -> bool:
        """Say whether both runs came to the same."""
        parts = (self.alerts, self.incidents)
        return not self.pages and not any(p.added or p.missing or p.moved for p in parts)


def difference(current: Outcome, proposed: Outcome) -> Difference:
    """Return what the proposed run has more, less and otherwise than the current one."""
    return Difference(
        compare(
            current.alerts,
            proposed.alerts,
            key=lambda one: one.fingerprint,
            lasts=lambda one: (one.started_at, one.resolved_at),
            weighs=lambda one: (one.severity, one.outcome, one.suppressed),
        ),
        compare(
            current.incidents,
            proposed.incidents,
            key=lambda one: one.key,
            lasts=lambda one: (one.opened_at, one.ended_at),
            weighs=lambda one: one.severity,
        ),
        _pages(current.pages, proposed.pages),
    )


def compare(
    before: Iterable[Line],
    after: Iterable[Line],
    *,
    key: Callable[[Line], Hashable],
    lasts: Callable[[Line], tuple[datetime, datetime | None]],
    weighs: Callable[[Line], Hashable],
) -> Compared[Line]:
    """Pair what has one key and overlaps in time, the earliest first, each at most once.

    Args:
        lasts: Returns when a line began and ended; None: it had not ended.
        weighs: Returns what else makes two lines different.
    """
    waiting: defaultdict[Hashable, list[Line]] = defaultdict(list)
    for line in sorted(before, key=lambda one: lasts(one)[0]):
        waiting[key(line)].append(line)
    added: list[Line] = []
    moved: list[Moved[Line]] = []
    same = 0
    for line in sorted(after, key=lambda one: lasts(one)[0]):
        candidates = waiting[key(line)]
        found = next((one for one in candidates if _meet(lasts(one), lasts(line))), None)
        if found is None:
            added.append(line)
            continue
        candidates.remove(found)
        later = lasts(line)[0] - lasts(found)[0]
        is_alike = abs(later) <= ONE_TURN and _end_alike(lasts(found)[1], lasts(line)[1])
        if is_alike and weighs(found) == weighs(line):
            same += 1
        else:
            moved.append(Moved(found, line, later.total_seconds()))
    missing = [line for lines in waiting.values() for line in lines]
    missing.sort(key=lambda one: lasts(one)[0])
    return Compared(tuple(added), tuple(missing), tuple(moved), same)


def _meet(one: tuple[datetime, datetime | None], other: tuple[datetime, datetime | None]) -> bool:
    """Say whether two stretches overlap, a turn's difference forgiven."""
    (began, ended), (began_other, ended_other) = one, other
    return (ended_other is None or began <= ended_other + ONE_TURN) and (
        ended is None or began_other <= ended + ONE_TURN
    )


def _end_alike(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= ONE_TURN


def _pages(current: Iterable[PageLine], proposed: Iterable[PageLine]) -> dict[tuple[str, str], int]:
    before = Counter((one.recipient, one.reason) for one in current)
    after = Counter((one.recipient, one.reason) for one in proposed)
    changed = {who: after[who] - before[who] for who in {*before, *after}}
    return {who: n for who, n in sorted(changed.items()) if n}
