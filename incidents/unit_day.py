"""The day of a unit: its officer says that nothing happened, or what did; no input or output.

That its machines are heard says nothing of this: only a person confirms a day. What was said is
never changed; what somebody says later of the same day holds in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Way = Literal["page", "sms", "command", "call"]
# So many days back a day can still be confirmed, late, or corrected.
CORRECTED_WITHIN_DAYS = 7
# A reminder that could not be sent in this time helps nobody any more.
REMIND_WITHIN = timedelta(hours=3)
MOST_WORDS = 1_000


class State(StrEnum):
    """How the day of a unit stands."""

    OFF = "off"  # a free day of theirs: nothing is asked
    CLEAN = "clean"
    HAPPENED = "happened"
    OPEN = "open"  # not said yet, and there is time
    REMINDED = "reminded"  # past the cut-off, not listed yet
    MISSING = "missing"


CONFIRMED = frozenset({State.CLEAN, State.HAPPENED})


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a day at which something changes; where the province is.

    Attributes:
        opens: From then on the day itself can be confirmed.
        cut_off: Who has not confirmed by then is reminded.
        listed: Who has not confirmed by then is listed by name.
    """

    opens: time
    cut_off: time
    listed: time

    def opens_at(self, day: date) -> datetime:
        """Return the instant from which a day can be confirmed."""
        return at_hour(day, self.opens)

    def cut_off_at(self, day: date) -> datetime:
        """Return the instant of the reminder."""
        return at_hour(day, self.cut_off)

    def listed_at(self, day: date) -> datetime:
        """Return the instant from which who is silent is listed."""
        return at_hour(day, self.listed)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What somebody said of a day of a unit.

    Attributes:
        is_clean: Nothing happened; else `text` says what did.
        told_by: Who said so on the telephone, where another person wrote it down.
    """

    unit: str
    day: date
    at: datetime
    actor: str
    way: Way
    is_clean: bool
    text: str = ""
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class UnitDay:
    """A unit and how its day stands; `said` is what holds, `earlier` how often it was corrected."""

    unit: str
    name: str
    state: State
    said: Confirmation | None = None
    earlier: int = 0
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many units were asked, and what they answered."""

    asked: int
    confirmed: int
    happened: int
    off: int

    @property
    def is_whole(self) -> bool:
        """Say whether everybody who was asked has answered."""
        return self.confirmed == self.asked


def at_hour(day: date, clock: time) -> datetime:
    """Return the instant at which it is so late on a day where the province is."""
    return datetime.combine(day, clock, tzinfo=ZONE)


def standing(
    *, is_asked: bool, said: Confirmation | None, hours: Hours, day: date, now: datetime
) -> State:
    """Return how a day stands; what was said holds on a free day, too.

    At the very instant of the cut-off, or of the listing, that one has come.
    """
    if said is not None:
        return State.CLEAN if said.is_clean else State.HAPPENED
    if not is_asked:
        return State.OFF
    if now < hours.cut_off_at(day):
        return State.OPEN
    return State.REMINDED if now < hours.listed_at(day) else State.MISSING


def days_of(
    units: Iterable[tuple[str, str, bool]],
    said: Mapping[str, list[Confirmation]],
    hours: Hours,
    day: date,
    now: datetime,
) -> list[UnitDay]:
    """Return how a day stands for each unit.

    Args:
        units: Code, name, and whether the unit is asked on this day.
        said: Everything that was said of the day by unit, in its order; the last holds.
    """
    found = []
    for code, name, is_asked in units:
        every = said.get(code, [])
        last = every[-1] if every else None
        state = standing(is_asked=is_asked, said=last, hours=hours, day=day, now=now)
        is_late = bool(every) and is_asked and every[0].at >= hours.listed_at(day)
        found.append(UnitDay(code, name, state, last, max(0, len(every) - 1), is_late))
    return found


def count(days: Iterable[UnitDay]) -> Count:
    """Return how many were asked and answered; who answered unasked counts as asked."""
    states = [one.state for one in days]
    off = states.count(State.OFF)
    confirmed = sum(state in CONFIRMED for state in states)
    return Count(len(states) - off, confirmed, states.count(State.HAPPENED), off)


def is_time_to_remind(hours: Hours, day: date, now: datetime) -> bool:
    """Say whether who has not confirmed a day is reminded now."""
    cut_off = hours.cut_off_at(day)
    return cut_off <= now < cut_off + REMIND_WITHIN


def day_meant(
    hours: Hours, now: datetime, is_asked: Callable[[date], bool], said_of: Iterable[date]
) -> date:
    """Return the day that somebody means who names none.

    Today from its opening hour on. Before it, and on a free day, the last day that was asked and
    has not been confirmed; where there is none, today.
    """
    today = now.astimezone(ZONE).date()
    if now >= hours.opens_at(today) and is_asked(today):
        return today
    known = set(said_of)
    for back in range(1, CORRECTED_WITHIN_DAYS + 1):
        day = today - timedelta(days=back)
        if is_asked(day):
            return today if day in known else day
    return today


def may_confirm(hours: Hours, day: date, now: datetime) -> bool:
    """Say whether a day can be confirmed now: from its opening hour on, and for a week after."""
    today = now.astimezone(ZONE).date()
    return hours.opens_at(day) <= now and (today - day).days <= CORRECTED_WITHIN_DAYS
