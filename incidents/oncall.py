"""Who is on call at an instant, and why; where nobody is, or nobody stands behind.

A schedule's time is tiled by its shifts, cut where an override begins or ends. Everything is
computed from the schedule, the overrides and the holidays; nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from incidents.local_time import instant_of, parse_local
from incidents.rotation import whose_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from incidents.oncall_schedules import Post, Schedule, ShiftTime

_DAY = timedelta(days=1)
# A shift begins at most this long before an instant it covers: a day, and a change of the clocks.
_LOOK_BACK = timedelta(days=2)
UNNAMED = ""


class Why(StrEnum):
    """Why somebody, or nobody, holds a post."""

    TURN = "turn"
    HOLIDAY = "holiday"  # the turn of a rotation for holidays alone
    OVERRIDE = "override"
    STEPPED_UP = "stepped_up"  # whoever should be called first is absent: the backup is
    NOBODY = "nobody"  # no layer covers it
    ABSENT = "absent"  # an override takes somebody out and names nobody
    SAME_PERSON = "same_person"  # the backup would be whoever is called first
    OUTSIDE = "outside"  # between the shifts of a schedule that leaves hours open on purpose


class GapKind(StrEnum):
    """What is wrong with a piece of a schedule."""

    NOBODY = "nobody"
    NO_BACKUP = "no_backup"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Override:
    """Who stands in for whom.

    Attributes:
        id: `yaml:SCHEDULE:N` for one of the file, else its number.
        schedule: Empty: every schedule.
        out: Empty: whoever is called first.
        stand_in: Empty: nobody, an absence.
    """

    id: str
    schedule: str
    starts_at: datetime
    ends_at: datetime
    out: str = UNNAMED
    stand_in: str = UNNAMED
    reason: str = ""
    made_by: str = ""
    made_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Say whether it is in force at an instant; its end is not in it."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a post, and why; `instead_of` is whose turn it would be."""

    person: str
    why: Why
    instead_of: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A piece of a schedule during which nothing changes."""

    schedule: str
    name: str
    starts_at: datetime
    ends_at: datetime
    primary: Held
    backup: Held
    is_holiday: bool = False

    def holder(self, post: Post) -> Held:
        """Return who holds a post."""
        return self.primary if post == "primary" else self.backup


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time with one thing wrong; `person` is who cannot be reached."""

    schedule: str
    kind: GapKind
    starts_at: datetime
    ends_at: datetime
    person: str = ""
    is_holiday: bool = False


def given_overrides(schedules: Iterable[Schedule]) -> list[Override]:
    """Return the overrides that stand in the file itself."""
    return [
        Override(
            id=f"yaml:{schedule.name}:{number}",
            schedule=schedule.name,
            starts_at=parse_local(given.start, schedule.zone),
            ends_at=parse_local(given.end, schedule.zone),
            out=given.out,
            stand_in=given.stand_in,
            reason=given.reason,
        )
        for schedule in schedules
        for number, given in enumerate(schedule.overrides, 1)
    ]


def on_call(
    schedule: Schedule, overrides: Sequence[Override], holidays: frozenset[date], at: datetime
) -> Shift:
    """Return the piece of a schedule in which an instant lies."""
    return shifts_between(schedule, overrides, holidays, at, at + timedelta(microseconds=1))[0]


def shifts_between(
    schedule: Schedule,
    overrides: Sequence[Override],
    holidays: frozenset[date],
    start: datetime,
    end: datetime,
) -> list[Shift]:
    """Return the pieces that have a part in [start, end), whole; they tile the time they cover."""
    touching = [o for o in overrides if o.schedule in ("", schedule.name)]
    return [
        piece
        for shift in _tiles(schedule, holidays, start - _LOOK_BACK, end + _LOOK_BACK)
        if shift.starts_at < end and shift.ends_at > start
        for piece in _cut(shift, touching)
        if piece.starts_at < end and piece.ends_at > start
    ]


def gaps(
    schedule: Schedule,
    overrides: Sequence[Override],
    holidays: frozenset[date],
    start: datetime,
    end: datetime,
    *,
    reachable: frozenset[str] | None = None,
) -> list[Gap]:
    """Return what is wrong from `start` until `end`, neighbours of one kind joined.

    Args:
        reachable: Who has a contact and a channel, in lower case; None: not asked.
    """
    found: list[Gap] = []
    for shift in shifts_between(schedule, overrides, holidays, start, end):
        for gap in _wrong(shift, schedule, reachable):
            cut = replace(gap, starts_at=max(gap.starts_at, start), ends_at=min(gap.ends_at, end))
            _join(found, cut)
    return found


def _tiles(
    schedule: Schedule, holidays: frozenset[date], start: datetime, end: datetime
) -> Iterator[Shift]:
    """Yield the shifts by the rotations alone; hours between them belong to a shift of nobody."""
    zone = ZoneInfo(schedule.zone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    shifts = sorted(schedule.shifts, key=lambda shift: shift.start)
    reached: datetime | None = None
    while day <= last:
        for index, shift in enumerate(shifts):
            starts_at = instant_of(day, shift.start, zone)
            ends_on = day if shift.end > shift.start else day + _DAY
            ends_at = instant_of(ends_on, shift.end, zone)
            if reached is not None and reached < starts_at:
                outside = Held(UNNAMED, Why.OUTSIDE)
                yield Shift(schedule.name, "", reached, starts_at, outside, outside)
            if ends_at > starts_at:
                yield _by_rotation(schedule, shifts, index, day, holidays, (starts_at, ends_at))
            reached = max(reached or ends_at, ends_at)
        day += _DAY


def _by_rotation(
    schedule: Schedule,
    shifts: Sequence[ShiftTime],
    index: int,
    day: date,
    holidays: frozenset[date],
    span: tuple[datetime, datetime],
) -> Shift:
    held: dict[Post, Held] = {
        "primary": Held(UNNAMED, Why.NOBODY),
        "backup": Held(UNNAMED, Why.NOBODY),
    }
    for layer in schedule.layers:
        person = whose_turn(layer, shifts, index, day, holidays)
        if person is not None:
            why = Why.HOLIDAY if layer.holidays == "only" else Why.TURN
            held[layer.post] = Held(person, why)
    name, (starts_at, ends_at) = shifts[index].name, span
    posts = held["primary"], held["backup"]
    return Shift(schedule.name, name, starts_at, ends_at, *posts, is_holiday=day in holidays)


def _cut(shift: Shift, overrides: Sequence[Override]) -> Iterator[Shift]:
    """Yield a shift in pieces, each with the overrides that are in force all through it."""
    edges = {shift.starts_at, shift.ends_at}
    for override in overrides:
        for at in (override.starts_at, override.ends_at):
            if shift.starts_at < at < shift.ends_at:
                edges.add(at)
    instants = sorted(edges)
    for starts_at, ends_at in pairwise(instants):
        piece = replace(shift, starts_at=starts_at, ends_at=ends_at)
        yield _overridden(piece, [o for o in overrides if o.covers(starts_at)])


def _overridden(shift: Shift, overrides: Sequence[Override]) -> Shift:
    if shift.primary.why is Why.OUTSIDE:
        return shift
    primary, backup = shift.primary, shift.backup
    for override in overrides:
        primary = _replaced(primary, override, takes_unnamed=True)
        backup = _replaced(backup, override, takes_unnamed=False)
    if not primary.person and backup.person:
        primary = Held(backup.person, Why.STEPPED_UP, primary.instead_of, primary.override)
        backup = Held(UNNAMED, Why.ABSENT)
    elif backup.person and _same(primary.person, backup.person):
        backup = Held(UNNAMED, Why.SAME_PERSON, backup.person, backup.override)
    return replace(shift, primary=primary, backup=backup)


def _replaced(held: Held, override: Override, *, takes_unnamed: bool) -> Held:
    if override.out:
        if not held.person or not _same(held.person, override.out):
            return held
    elif not takes_unnamed:
        return held
    why = Why.OVERRIDE if override.stand_in else Why.ABSENT
    return Held(override.stand_in, why, held.instead_of or held.person, override.id)


def _wrong(shift: Shift, schedule: Schedule, reachable: frozenset[str] | None) -> Iterator[Gap]:
    if shift.primary.why is Why.OUTSIDE:
        return
    span = (shift.starts_at, shift.ends_at)
    if not shift.primary.person:
        yield Gap(shift.schedule, GapKind.NOBODY, *span, is_holiday=shift.is_holiday)
    elif schedule.needs_backup and not shift.backup.person:
        yield Gap(shift.schedule, GapKind.NO_BACKUP, *span, is_holiday=shift.is_holiday)
    for held in (shift.primary, shift.backup):
        if held.person and reachable is not None and held.person.casefold() not in reachable:
            yield Gap(shift.schedule, GapKind.UNREACHABLE, *span, held.person, shift.is_holiday)


def _join(found: list[Gap], gap: Gap) -> None:
    """Add a gap, or lengthen the one it goes on from."""
    for place in range(len(found) - 1, -1, -1):
        last = found[place]
        same = (last.schedule, last.kind, last.person) == (gap.schedule, gap.kind, gap.person)
        if same and last.ends_at == gap.starts_at:
            holiday = last.is_holiday or gap.is_holiday
            found[place] = replace(last, ends_at=gap.ends_at, is_holiday=holiday)
            return
        if last.ends_at < gap.starts_at:
            break
    found.append(gap)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
