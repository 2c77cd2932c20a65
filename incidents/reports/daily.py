"""The report of the day: one A4 page at any load, its first line a sentence out of the data.

What the page has no room for is in the annex, which holds every list in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime  # noqa: TC003 - read when facts are converted
from enum import StrEnum
from typing import TYPE_CHECKING

from incidents.reports import measure
from incidents.vietnamese import ZONE, local_time

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of the severities, by their rank from 1: these make a day serious.
SERIOUS_RANKS = (1, 2)


class Standing(StrEnum):
    """How things stand, the worst first."""

    SERIOUS = "Nghiêm trọng"
    TROUBLED = "Có sự cố"
    LACKING = "Chưa đủ số liệu"
    GOOD = "Tốt"


@dataclass(frozen=True, slots=True)
class Thing:
    """One line of a list; every word of it is for people.

    Attributes:
        unit: By its full name.
        at, until: When it began, begins or is due; when it ends.
        rank: Of the severity, from 1; 0 where there is none.
    """

    what: str
    unit: str = ""
    who: str = ""
    at: datetime | None = None
    until: datetime | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report of a day is made of, as of `at`; the figures of events are from `since` on.

    Attributes:
        units: How many must be heard; `lacking` are those whose data is missing or old.
        is_fresh: The service itself works and has had the time to hear everybody.
        opened: Incidents that are open; `new`, `recovered` and `ended` are numbers since `since`.
        asked_on: The last day that units had to confirm.
    """

    at: datetime
    since: datetime
    units: int
    is_fresh: bool
    lacking: tuple[Thing, ...] = ()
    opened: tuple[Thing, ...] = ()
    new: int = 0
    recovered: int = 0
    ended: int = 0
    decisions: tuple[Thing, ...] = ()
    meetings: tuple[Thing, ...] = ()
    overdue: tuple[Thing, ...] = ()
    coming: tuple[Thing, ...] = ()
    tomorrow: tuple[Thing, ...] = ()
    availability: tuple[Thing, ...] = ()
    asked_on: date | None = None
    asked: int = 0
    confirmed: int = 0
    off: int = 0
    happened: tuple[Thing, ...] = ()
    unconfirmed: tuple[Thing, ...] = ()

    @property
    def missing_units(self) -> int:
        """How many units have no data that could be trusted."""
        return len(self.lacking) if self.is_fresh else self.units

    @property
    def serious(self) -> int:
        """How many open incidents are serious and have not recovered."""
        return sum(one.rank in SERIOUS_RANKS and one.until is None for one in self.opened)


def standing_of(facts: Facts) -> Standing:
    """Return how things stand; *Tốt* needs fresh data of every unit, and nothing open.

    Without a single unit nothing is known, which is not good either.
    """
    if facts.serious:
        return Standing.SERIOUS
    if facts.opened:
        return Standing.TROUBLED
    if facts.missing_units or not facts.units or not facts.is_fresh:
        return Standing.LACKING
    return Standing.GOOD


def sentence_of(facts: Facts) -> str:
    """Return the first line: how things stand and why, with the instant of the figures."""
    standing, parts = standing_of(facts), []
    lack = f"thiếu {facts.missing_units} đơn vị"
    if standing is Standing.SERIOUS:
        parts.append(
            f"{facts.serious} sự cố từ mức nghiêm trọng trong {len(facts.opened)} đang xử lý"
        )
    elif standing is Standing.TROUBLED:
        parts.append(f"{len(facts.opened)} sự cố đang xử lý")
    elif standing is Standing.LACKING:
        parts.append(lack)
    if standing is Standing.GOOD:
        parts.append(f"đủ số liệu của {facts.units}/{facts.units} đơn vị")
    if not facts.opened:
        parts.append("không có sự cố đang xử lý")
    elif facts.missing_units or not facts.is_fresh:
        parts.append(f"chưa đủ số liệu: {lack}")
    parts += [
        _counted(len(facts.decisions), "việc cần quyết định"),
        _counted(len(facts.meetings), "hội nghị trong ngày"),
        _counted(len(facts.overdue), "việc quá hạn"),
    ]
    if facts.asked_on is not None and facts.asked:
        parts.append(
            f"{facts.confirmed}/{facts.asked} đơn vị đã xác nhận ngày {facts.asked_on:%d/%m}"
        )
    return f"{standing.value}: {'; '.join(parts)} (số liệu đến {local_time(facts.at)})."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number else f"không có {what}"


@dataclass(frozen=True, slots=True)
class Section:
    """One list: its title, its count in words, and all its rows of three cells."""

    title: str
    counted: str
    rows: tuple[tuple[str, str, str], ...]

    def head(self, shown: int) -> str:
        """Return the line above the rows; what is not shown is said to be in the annex."""
        more = len(self.rows) - shown
        rest = f"; {more} việc nữa ở Phụ lục" if shown and more else "; xem Phụ lục" if more else ""
        return f"{self.title}: {self.counted}{rest}"


def sections_of(facts: Facts) -> list[Section]:
    """Return the lists of the page, in their order."""
    day = facts.at.astimezone(ZONE).date()
    happened = f", {len(facts.happened)} đơn vị báo có sự việc" if facts.happened else ""
    off = f", {facts.off} đơn vị nghỉ" if facts.off else ""
    sections = [
        Section("1. Việc cần quyết định", _of(facts.decisions), _rows(facts.decisions, "hạn")),
        Section("2. Sự cố, hỏng hóc đang xử lý", _of(facts.opened), _rows(facts.opened, "từ")),
        Section(f"3. Hội nghị ngày {day:%d/%m/%Y}", _of(facts.meetings), _rows(facts.meetings, "")),
        Section("4. Việc quá hạn", _of(facts.overdue), _rows(facts.overdue, "hạn")),
    ]
    if facts.asked_on is not None:
        sections.append(
            Section(
                f"5. Đơn vị xác nhận ngày {facts.asked_on:%d/%m/%Y}",
                f"{facts.confirmed}/{facts.asked}{happened}{off}",
                (
                    *_rows(facts.unconfirmed, "", blank="chưa xác nhận"),
                    *_rows(facts.happened, "báo"),
                ),
            )
        )
    return sections


def annex_of(facts: Facts) -> list[Section]:
    """Return what the annex holds: every list of the page in full, and what the page leaves out."""
    of_page = sections_of(facts)
    day = f"{facts.since.astimezone(ZONE):%d/%m/%Y}"
    more = (
        ("Đơn vị chưa đủ số liệu", facts.lacking, "từ"),
        ("Việc đến hạn trong 24 giờ tới", facts.coming, "hạn"),
        ("Hội nghị, bảo trì ngày tới", facts.tomorrow, ""),
        (f"Tỷ lệ sẵn sàng theo đơn vị ngày {day}", facts.availability, ""),
    )
    return of_page + [
        Section(f"{place}. {title}", _of(things), _rows(things, word))
        for place, (title, things, word) in enumerate(more, len(of_page) + 1)
    ]


def _of(things: tuple[Thing, ...]) -> str:
    return str(len(things)) if things else "không có"


def _rows(
    things: tuple[Thing, ...], word: str, blank: str = ""
) -> tuple[tuple[str, str, str], ...]:
    return tuple((_what(one), one.unit, _when(one, word) or blank) for one in things)


def _what(one: Thing) -> str:
    return f"{one.what} ({one.who})" if one.who and one.what else one.what or one.who


def _when(one: Thing, word: str) -> str:
    if one.at is None:
        return ""
    if word == "từ" and one.until is not None:
        return f"từ {local_time(one.at)}, đã khôi phục {local_time(one.until)}"
    if one.until is not None:
        end = one.until.astimezone(ZONE)
        return f"{local_time(one.at)} – {end:%H:%M}"
    return f"{word} {local_time(one.at)}".strip()


SHARES, SIZE_PT = (5.7, 3.2, 2.5), 10


def heads_pt(sections: list[Section]) -> float:
    """Return the height of the heads of the lists, one line of the table each."""
    return sum(measure.row_pt((one.head(1),), (sum(SHARES),), SIZE_PT) for one in sections)


def fitted(sections: list[Section], room_pt: float) -> list[int]:
    """Return how many rows of each section the page shows, one of each in turn while there is room.

    Args:
        room_pt: What is left of the page for the lists with their heads.
    """
    shown, is_full = [0] * len(sections), [False] * len(sections)
    left = room_pt - sum(
        measure.row_pt((one.head(1),), (sum(SHARES),), SIZE_PT) for one in sections
    )
    while not all(is_full):
        for place, section in enumerate(sections):
            if is_full[place]:
                continue
            if shown[place] == len(section.rows):
                is_full[place] = True
                continue
            height = measure.row_pt(section.rows[shown[place]], SHARES, SIZE_PT)
            if height > left:
                is_full[place] = True
                continue
            left -= height
            shown[place] += 1
    return shown


_INCIDENT = re.compile(r"\b[A-Z]{2}[0-9]{2}-[0-9]{3,}\b[: ,]*")
_UNIT = re.compile(r"\b[A-Z0-9]+(?:[.-][A-Z0-9]+)+\b")


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return words without codes: a unit by its full name, an incident by what it is about."""
    said = _UNIT.sub(lambda found: names.get(found[0], found[0]), _INCIDENT.sub("", text))
    return " ".join(said.split())
