"""Calendars (RFC 5545) of who is on call: out for one person, in as overrides and absences."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from incidents.conditions import Refused
from incidents.local_time import YEARS, instant_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.oncall import Override, Shift
    from incidents.oncall_schedules import Schedule

PRODUCT = "-//wanwatch//oncall//VI"
MAX_EVENTS = 2_000
MAX_BYTES = 1 << 20
_OUT, _IN, _SCHEDULE = "X-WANWATCH-OUT", "X-WANWATCH-IN", "X-WANWATCH-SCHEDULE"
_NOT_WRITTEN_OUT = ("RRULE", "RDATE")
_POST_VI = {"primary": "Trực chính", "backup": "Trực dự phòng"}


@dataclass(frozen=True, slots=True)
class Imported:
    """One event of a calendar as an override: of whom, by whom, and under which identity."""

    uid: str
    schedule: str
    starts_at: datetime
    ends_at: datetime
    out: str
    stand_in: str
    reason: str


def of_person(
    person: str, shifts: Iterable[tuple[Schedule, Shift]], now: datetime, *, title: str
) -> str:
    """Return the shifts of one person; an event keeps its identity however often it is asked for.

    Args:
        title: What the calendar is called.
    """
    calendar = _calendar(title)
    for schedule, shift in shifts:
        for post in ("primary", "backup"):
            held = shift.holder(post)
            if held.person.casefold() != person.casefold():
                continue
            name = schedule.vi or schedule.name
            holiday = ", ngày nghỉ" if shift.is_holiday else ""
            event = _event(
                _uid("shift", schedule.name, post, shift.starts_at.isoformat(), person.casefold()),
                f"{_POST_VI[post]}: {name} ({shift.name}{holiday})",
                shift.starts_at,
                shift.ends_at,
                now,
            )
            calendar.add_component(event)
    return str(calendar.to_ical().decode())


def of_overrides(overrides: Iterable[Override], now: datetime, *, title: str) -> str:
    """Return overrides as a calendar that `read` gives back as they are."""
    calendar = _calendar(title)
    for one in overrides:
        text = f"{one.stand_in or 'không ai'} thay {one.out or 'người trực chính'}"
        uid = _uid("override", one.id, one.schedule, one.starts_at.isoformat())
        event = _event(uid, text, one.starts_at, one.ends_at, now)
        event.add("description", one.reason)
        for name, value in ((_SCHEDULE, one.schedule), (_OUT, one.out), (_IN, one.stand_in)):
            event.add(name, value)
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def read(text: str, *, person: str, stand_in: str, schedule: str, zone: str) -> list[Imported]:
    """Return the events of a calendar as overrides.

    Args:
        person: Whose absences they are, where an event does not say it itself.
        zone: In which whole days and times without a zone are meant.

    Raises:
        Refused: It is no calendar, an event has no end or repeats, or nobody is named.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _refused(f"nhiều hơn {MAX_BYTES} byte", f"more than {MAX_BYTES} bytes")
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _refused(f"không đọc được: {error}", f"not readable: {error}") from error
    if not 0 < len(events) <= MAX_EVENTS:
        said = f"{len(events)} VEVENT, 1–{MAX_EVENTS}"
        raise _refused(said, said)
    found = [_imported(event, person, stand_in, schedule, zone) for event in events]
    return [one for one in found if one is not None]


def _imported(event: Any, person: str, stand_in: str, schedule: str, zone: str) -> Imported | None:
    summary = _text(event, "SUMMARY")[:200]
    if _text(event, "STATUS").upper() == "CANCELLED":
        return None
    if any(event.get(name) is not None for name in _NOT_WRITTEN_OUT):
        raise _refused(
            f"“{summary}” lặp lại; cần ghi từng lần", f"{summary!r} repeats; write each time out"
        )
    try:
        start, end = event.decoded("DTSTART"), event.decoded("DTEND")
        starts_at, ends_at = _instant(start, zone), _instant(end, zone)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _refused(
            f"“{summary}” thiếu lúc bắt đầu hoặc kết thúc",
            f"{summary!r} has no start or no end that can be read",
        ) from error
    is_ours = event.get(_OUT) is not None or event.get(_IN) is not None
    out = _text(event, _OUT) if is_ours else person
    new = _text(event, _IN) if is_ours else stand_in
    if not out and not new:
        raise _refused(
            f"“{summary}” không nói ai vắng; cần nêu tên",
            f"{summary!r} does not say who is absent; name the person",
        )
    if not {starts_at.year, ends_at.year} <= set(YEARS):
        said = f"{YEARS[0]}–{YEARS[-1]}"
        raise _refused(f"“{summary}” ngoài các năm {said}", f"{summary!r} is not in {said}")
    if ends_at <= starts_at:
        raise _refused(f"“{summary}” kết thúc trước khi bắt đầu", f"{summary!r} ends before")
    uid = _text(event, "UID") or f"{summary} {starts_at.isoformat()}"
    return Imported(
        uid=_uid("import", uid, out.casefold(), starts_at.isoformat(), ends_at.isoformat()),
        schedule=_text(event, _SCHEDULE) if is_ours else schedule,
        starts_at=starts_at,
        ends_at=ends_at,
        out=out,
        stand_in=new,
        reason=_text(event, "DESCRIPTION")[:200] if is_ours else summary,
    )


def _instant(value: date | datetime, zone: str) -> datetime:
    if not isinstance(value, datetime):
        return instant_of(value, time(0), ZoneInfo(zone))
    if value.tzinfo is None:
        return instant_of(value.date(), value.time(), ZoneInfo(zone))
    return value.astimezone(UTC)


def _text(event: Any, name: str) -> str:
    value = event.get(name)
    return "" if value is None else " ".join(str(value).split())


def _calendar(title: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    return calendar


def _event(uid: str, summary: str, start: datetime, end: datetime, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("summary", summary)
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("dtstamp", now.astimezone(UTC))
    return event


def _uid(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32] + "@wanwatch"


def _refused(why_vi: str, why_en: str) -> Refused:
    return Refused(f"Tệp lịch: {why_vi}.", f"The calendar: {why_en}.", ["ics"])
