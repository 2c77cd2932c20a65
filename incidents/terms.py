"""Lengths of time as people write them in policy files: `5 min`, `4 wh`, `5 wd`, `5m`, `4h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from incidents.calendar import Calendar

Unit = Literal["min", "h", "wh", "wd", "cd"]
_TERM = re.compile(r"([1-9][0-9]{0,4}) ?(min|h|wh|wd|cd)")
_DURATION = re.compile(r"([1-9][0-9]{0,4})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WORDS = {
    "min": ("phút", "min"),
    "h": ("giờ", "h"),
    "wh": ("giờ làm việc", "working hours"),
    "wd": ("ngày làm việc", "working days"),
    "cd": ("ngày", "days"),
}
TERM_FORM = "a number and its clock: '5 min', '2 h' (elapsed), '4 wh', '5 wd' (working), '5 cd'"
DURATION_FORM = "a number and its unit, for example '30s', '5m', '4h', '1d'"


@dataclass(frozen=True, slots=True)
class Term:
    """The length of a deadline; its unit is its clock (elapsed, working time, calendar days)."""

    amount: int
    unit: Unit

    @property
    def words_vi(self) -> str:
        """The term in Vietnamese: "4 giờ làm việc"."""
        return f"{self.amount} {_WORDS[self.unit][0]}"

    @property
    def words_en(self) -> str:
        """The term in English: "4 working hours"."""
        return f"{self.amount} {_WORDS[self.unit][1]}"

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """Return the instant at which the term that began at `start` ends."""
        if self.unit == "min":
            return start + timedelta(minutes=self.amount)
        if self.unit == "h":
            return start + timedelta(hours=self.amount)
        if self.unit == "wh":
            return calendar.add_working(start, timedelta(hours=self.amount))
        if self.unit == "wd":
            return calendar.end_of_working_days(start, self.amount)
        return calendar.end_of_calendar_days(start, self.amount)

    def part_after(self, start: datetime, calendar: Calendar, percent: int) -> datetime:
        """Return the instant at which `percent` of the term is used, on the term's own clock."""
        if self.unit == "wh":
            return calendar.add_working(start, timedelta(hours=self.amount) * percent / 100)
        return start + (self.after(start, calendar) - start) * percent / 100


def parse_term(text: object) -> Term:
    """Read `4 wh`.

    Raises:
        ValueError: It is not a term; says what is allowed.
    """
    found = _TERM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"allowed is {TERM_FORM}")
    unit: Unit = found[2]  # type: ignore[assignment]
    return Term(int(found[1]), unit)


def parse_duration(text: object) -> timedelta:
    """Read `5m`: elapsed time.

    Raises:
        ValueError: It is not a duration; says what is allowed.
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"allowed is {DURATION_FORM}")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
