"""Calendars: shifts out for one person, overrides and absences in; what goes out comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from incidents.conditions import Refused
from incidents.oncall import Override, shifts_between
from incidents.oncall_calendar import of_overrides, of_person, read
from tests.switchboards import switchboard

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"


def calendar_of(person: str, start: datetime = NOW) -> str:
    """The calendar of a person for a week."""
    schedule = switchboard().oncall.schedules["tinh"]
    shifts = shifts_between(schedule, [], frozenset(), start, start + timedelta(days=7))
    return of_person(person, [(schedule, shift) for shift in shifts], NOW, title="Lịch trực")


def test_out_for_one_person() -> None:
    """A person's calendar holds their own shifts alone, each with its post and exact times."""
    events = Calendar.from_ical(calendar_of("AN")).walk("VEVENT")
    assert len(events) == 15
    first = events[0]
    assert str(first["SUMMARY"]) == "Trực chính: Trực ca tỉnh (ngày)"
    assert first.decoded("DTSTART") == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert Calendar.from_ical(calendar_of("chi")).walk("VEVENT") == []
    (summary, *_) = Calendar.from_ical(calendar_of("binh")).walk("VEVENT")
    assert str(summary["SUMMARY"]).startswith("Trực dự phòng")


def test_an_event_keeps_its_identity() -> None:
    """Asked for again a day later, a shift has the same UID: no calendar shows it twice."""
    first = {str(e["UID"]) for e in Calendar.from_ical(calendar_of("an")).walk("VEVENT")}
    later = calendar_of("an", NOW + timedelta(days=1))
    again = {str(e["UID"]) for e in Calendar.from_ical(later).walk("VEVENT")}
    assert len(first & again) == 13


NAMES = st.sampled_from(["", "an", "binh", "Phạm Thị Chi"])
INSTANTS = st.integers(0, 100_000).map(lambda n: NOW + timedelta(minutes=n))


@given(
    st.lists(
        st.builds(
            Override,
            id=st.integers(1, 999).map(str),
            schedule=st.sampled_from(["", "tinh"]),
            starts_at=INSTANTS,
            ends_at=st.just(NOW + timedelta(days=100)),
            out=NAMES,
            stand_in=st.sampled_from(["binh", "Phạm Thị Chi"]),
            reason=st.sampled_from(["", "nghỉ phép; ốm, mệt", "dòng \\ lạ"]),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one.id,
    )
)
def test_overrides_come_back_as_they_went_out(overrides: list[Override]) -> None:
    """Out and in again: the same persons, instants, schedules, reasons, the same identity."""
    text = of_overrides(overrides, NOW, title="Đổi ca")
    back = read(text, person="", stand_in="", schedule="", zone=ZONE)
    assert [
        (one.schedule, one.starts_at, one.ends_at, one.out, one.stand_in, one.reason)
        for one in back
    ] == [
        (one.schedule, one.starts_at, one.ends_at, one.out, one.stand_in, one.reason)
        for one in overrides
    ]
    again = read(text, person="x", stand_in="", schedule="y", zone=ZONE)
    assert [one.uid for one in again] == [one.uid for one in back]


def event(*lines: str) -> str:
    """A calendar of one event."""
    body = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    return body + "\r\n"


def test_a_leave_of_whole_days() -> None:
    """Days without a time begin and end at midnight here; the person is whoever the file is of."""
    text = event(
        "UID:1", "SUMMARY:Nghỉ phép", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203"
    )
    (one,) = read(text, person="an", stand_in="", schedule="tinh", zone=ZONE)
    assert (one.out, one.stand_in, one.schedule, one.reason) == ("an", "", "tinh", "Nghỉ phép")
    assert one.starts_at == datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    assert one.ends_at == datetime(2026, 12, 2, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not readable"),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "0 VEVENT"),
        (event("UID:1", "SUMMARY:a", "DTSTART:20261201T000000Z"), "no end"),
        (
            event(
                "SUMMARY:a",
                "DTSTART:20261201T000000Z",
                "DTEND:20261202T000000Z",
                "RRULE:FREQ=DAILY",
            ),
            "repeats",
        ),
        (event("SUMMARY:a", "DTSTART:20261202T000000Z", "DTEND:20261201T000000Z"), "ends before"),
        (event("SUMMARY:a", "DTSTART:nonsense", "DTEND:20261201T000000Z"), "calendar"),
    ],
)
def test_what_cannot_be_taken_in(text: str, said: str) -> None:
    """A calendar that is none, or an event that says too little, is refused with the reason."""
    with pytest.raises(Refused, match=said):
        read(text, person="an", stand_in="", schedule="", zone=ZONE)


def test_somebody_must_be_named() -> None:
    """An event of somebody else's calendar says not whose absence it is."""
    text = event("SUMMARY:a", "DTSTART:20261201T000000Z", "DTEND:20261202T000000Z")
    with pytest.raises(Refused, match="name the person"):
        read(text, person="", stand_in="", schedule="", zone=ZONE)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a file holds, it is refused in words and nothing else happens."""
    try:
        read(text, person="an", stand_in="", schedule="", zone=ZONE)
    except Refused:
        return
