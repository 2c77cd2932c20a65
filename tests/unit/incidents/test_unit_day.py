"""The day of a unit: who is asked, what a text says, when somebody is reminded and listed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.day_file import SHIPPED, load_day
from incidents.unit_day import (
    CONFIRMED,
    Confirmation,
    Hours,
    State,
    at_hour,
    count,
    day_meant,
    days_of,
    is_time_to_remind,
    may_confirm,
    standing,
)
from incidents.unit_day_messages import public_reminder, taken
from incidents.unit_day_replies import understand
from incidents.yaml_lines import InvalidDocument

HOURS = Hours(time(11), time(16, 30), time(17))
THURSDAY = date(2026, 11, 26)
DAY = timedelta(days=1)


def at(clock: str, day: date = THURSDAY) -> datetime:
    """Return an instant of a day, as the province's clocks show it."""
    return at_hour(day, time.fromisoformat(clock)).astimezone(UTC)


def said(*, clean: bool = True, unit: str = "A", when: str = "16:00") -> Confirmation:
    """Return what an officer said."""
    return Confirmation(unit, THURSDAY, at(when), "person:An", "page", clean, "" if clean else "x")


@pytest.mark.parametrize(
    ("asked", "word", "clock", "expected"),
    [
        (True, None, "07:00", State.OPEN),
        (True, None, "16:29", State.OPEN),
        (True, None, "16:30", State.REMINDED),
        (True, None, "17:00", State.MISSING),
        (False, None, "18:00", State.OFF),
        (True, said(), "18:00", State.CLEAN),
        (True, said(clean=False), "12:00", State.HAPPENED),
        (False, said(), "12:00", State.CLEAN),
    ],
)
def test_a_day_stands_by_what_was_said_and_the_hour(
    asked: bool, word: Confirmation | None, clock: str, expected: State
) -> None:
    """At the cut-off and at the listing, that one has come; a free day asks nothing."""
    found = standing(is_asked=asked, said=word, hours=HOURS, day=THURSDAY, now=at(clock))
    assert found is expected


def test_the_last_word_holds_and_the_earlier_ones_are_counted() -> None:
    """A correction is a new word; being late is of the first one."""
    units = [("A", "Xã A", True), ("B", "Xã B", True), ("C", "Xã C", False)]
    words = {"A": [said(), said(clean=False, when="17:30")], "B": [said(unit="B", when="17:00")]}
    lines = days_of(units, words, HOURS, THURSDAY, at("18:00"))
    assert [(one.state, one.earlier, one.is_late) for one in lines] == [
        (State.HAPPENED, 1, False), (State.CLEAN, 0, True), (State.OFF, 0, False),
    ]  # fmt: skip
    total = count(lines)
    assert (total.asked, total.confirmed, total.happened, total.off) == (2, 2, 1, 1)
    assert total.is_whole


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, True, False]))))
def test_who_confirmed_is_never_more_than_who_was_asked(units: list[tuple[bool, bool]]) -> None:
    """Everybody is in one count or the other."""
    rows = [(str(n), "", asked) for n, (asked, _) in enumerate(units)]
    words = {
        str(n): [said(clean=clean, unit=str(n))]
        for n, (_, clean) in enumerate(units)
        if clean is not None
    }
    lines = days_of(rows, words, HOURS, THURSDAY, at("20:00"))
    total = count(lines)
    assert total.confirmed <= total.asked
    assert total.asked + total.off == len(units)
    missing = sum(one.state is State.MISSING for one in lines)
    assert total.asked - total.confirmed == missing
    assert total.confirmed == sum(one.state in CONFIRMED for one in lines)


@pytest.mark.parametrize(
    ("clock", "known", "meant"),
    [
        ("10:59", [], THURSDAY - DAY),  # before today opens: the last day that was asked
        ("10:59", [THURSDAY - DAY], THURSDAY),
        ("11:00", [], THURSDAY),
        ("23:59", [THURSDAY], THURSDAY),
    ],
)
def test_a_word_without_a_day_means_the_day_that_is_open(
    clock: str, known: list[date], meant: date
) -> None:
    """In the morning that is yesterday, if nobody has confirmed it."""
    assert day_meant(HOURS, at(clock), lambda _: True, known) == meant


def test_on_a_free_day_the_last_working_day_is_meant() -> None:
    """On Sunday it is Friday."""
    sunday = THURSDAY + 3 * DAY
    assert (
        day_meant(HOURS, at("15:00", sunday), lambda day: day.weekday() < 5, []) == sunday - 2 * DAY
    )


def test_there_is_one_window_for_the_reminder_and_one_for_corrections() -> None:
    """Nobody is reminded at night; a day is open for a week."""
    found = [
        is_time_to_remind(HOURS, THURSDAY, at(clock))
        for clock in ("16:29", "16:30", "19:29", "19:30")
    ]
    assert found == [False, True, True, False]
    assert not may_confirm(HOURS, THURSDAY, at("10:59"))
    assert may_confirm(HOURS, THURSDAY, at("23:00", THURSDAY + 7 * DAY))
    assert not may_confirm(HOURS, THURSDAY, at("00:30", THURSDAY + 8 * DAY))


@pytest.mark.parametrize(
    "text",
    [
        "Không có sự cố", "khong co su co", "KO CO SC", "0 co su co a", "Chưa có sự cố gì cả ạ",
        "Hôm nay không có sự cố.", "Không xảy ra sự cố nào", "Bình thường",
    ],
)  # fmt: skip
def test_nothing_happened_is_understood_in_many_spellings(text: str) -> None:
    """With and without marks, short and polite."""
    found = understand(text)
    assert found is not None
    assert found.is_clean


@pytest.mark.parametrize(
    "text",
    [
        "Mất điện từ 9h đến 10h", "10h mất điện", "Không có sự cố, chỉ mất điện 10 phút",
        "Có sự cố: router hỏng", "Không có mạng từ sáng", "không có sự cố lớn",
    ],
)  # fmt: skip
def test_anything_else_is_what_happened_in_the_words_as_sent(text: str) -> None:
    """Also where it begins as if nothing had."""
    found = understand(text)
    assert found is not None
    assert (found.is_clean, found.text) == (False, text)


@pytest.mark.parametrize(
    "text",
    ["", "1", "ok", "vâng", "Không", "1 SC26-0001", "l SC26-0001", "I 26-0001", "sc26-0001 xong"],
)
def test_what_looks_like_a_reply_to_a_page_or_says_too_little_is_no_day(text: str) -> None:
    """It is not guessed."""
    assert understand(text) is None


@given(st.text(max_size=200))
def test_any_text_is_one_of_three(text: str) -> None:
    """Clean without words, something with words, or not understood."""
    found = understand(text)
    assert found is None or found.is_clean != bool(found.text)


def test_what_leaves_the_network_names_no_unit_and_nobody() -> None:
    """The reminder and the answer are read by strangers, too; each is one short message."""
    words = [public_reminder(THURSDAY), taken(said(unit="000.02.30"), "16:05")]
    for one in words:
        assert "000.02.30" not in one
        assert len(one) <= 160
    assert "26/11" in words[1]


def test_the_file_says_what_it_cannot_mean() -> None:
    """Each mistake with its line and field; nothing written is what is shipped."""
    assert load_day("", file="day.yaml") is SHIPPED
    text = """
units: {without: ["H42.99"], role: nobody, also: [2026-11-29]}
report: {decided_by: [chi_huy, ai_do]}
"""
    with pytest.raises(InvalidDocument) as caught:
        load_day(text, file="day.yaml", units={"H42.01"}, roles={"chi_huy"})
    assert sorted((p.line, p.field) for p in caught.value.problems) == [
        (2, "units.role"), (2, "units.without[0]"), (3, "report.decided_by[1]"),
    ]  # fmt: skip
    with pytest.raises(InvalidDocument, match="follow one another"):
        load_day('units: {opens: "17:00"}', file="day.yaml")
