"""Vietnamese order, search and writing."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import vietnamese
from incidents.vietnamese import (
    long_day,
    marks_key,
    person_sort_key,
    ranked,
    read_day,
    search_key,
    search_of,
    sort_key,
)
from incidents.vietnamese_tones import is_syllable
from tests.vietnamese_cases import ORDERED, PEOPLE, SEARCHES, UNITS


@pytest.mark.parametrize("names", ORDERED)
def test_sort_key_puts_names_in_the_order_of_the_dictionary(names: list[str]) -> None:
    """Letters decide, then tones, then nothing; numbers count by value."""
    assert sorted(names, key=sort_key) == names


@given(st.text(max_size=30))
def test_sort_key_is_ascii_and_the_same_for_every_form_of_a_text(text: str) -> None:
    """Composed, decomposed, upper and lower case give one key, comparable byte by byte."""
    key = sort_key(unicodedata.normalize("NFC", text))

    assert key.isascii()
    assert key.isprintable()
    assert key == sort_key(unicodedata.normalize("NFD", text))


def test_sort_key_ignores_case_and_punctuation() -> None:
    """`UBND xã-An  Phú` and `ubnd XÃ An Phú` stand at the same place."""
    assert sort_key("UBND xã-An  Phú.") == sort_key("ubnd XÃ An Phú")


@given(st.integers(0, 10**28), st.integers(0, 10**28))
def test_sort_key_orders_numbers_by_value(low: int, high: int) -> None:
    """Of two names that differ in a number the smaller number comes first."""
    assert (sort_key(f"Tổ {low}") < sort_key(f"Tổ {high}")) == (low < high)


def matches(query: str, text: str) -> bool:
    """Search as the tables do: every word of the query in the stored key, in any order."""
    return search_of(query).finds(text)


@pytest.mark.parametrize("query", ["su co", "SỰ CỐ", "sự cố", "sư cô", "co su", "Sự\u0020cố", ""])
def test_search_finds_a_text_however_it_is_typed(query: str) -> None:
    """With marks, without, in any order of words, composed or not."""
    assert matches(query, "Sự cố mạng")
    assert matches(unicodedata.normalize("NFD", query), "Sự cố mạng")


def test_search_reads_every_d_with_a_stroke_as_d() -> None:
    """Eth is typed for đ; both are found by d."""
    assert search_key("Ðà Nẵng") == search_key("Đà Nẵng") == "da nang"
    assert not matches("hue", "Đà Nẵng")


def test_dates_and_numbers_are_written_as_here() -> None:
    """Local zone, day first; points between thousands, comma before decimals."""
    at = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)

    assert vietnamese.local_time(at) == "24/11/2026 07:30"
    assert vietnamese.number(1234567.25, 1) == "1.234.567,3"  # a half is rounded up
    assert vietnamese.number(1234.5, 1) == "1.234,5"
    assert vietnamese.local_time(datetime(2026, 3, 5, 0, 5, tzinfo=UTC)) == "05/03/2026 07:05"


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 3, 5), "ngày 05 tháng 3 năm 2026"),
        (date(2026, 1, 15), "ngày 15 tháng 01 năm 2026"),
        (date(2026, 2, 1), "ngày 01 tháng 02 năm 2026"),
        (date(2026, 11, 24), "ngày 24 tháng 11 năm 2026"),
    ],
)
def test_a_day_of_a_document_is_written_out(day: date, written: str) -> None:
    """Days below ten and the months 1 and 2 have a zero in front."""
    assert long_day(day) == written


@pytest.mark.parametrize("text", ["05/03/2026", "5/3/2026", "5.3.2026", "05-03-2026", "2026-03-05"])
def test_a_day_is_read_as_people_and_as_machines_write_it(text: str) -> None:
    """The day comes before the month, unless the year comes first."""
    assert read_day(text) == date(2026, 3, 5)


@pytest.mark.parametrize("text", ["", "31/02/2026", "2026-3-5", "05/03/26", "20260305", "mai"])
def test_what_is_no_day_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert read_day(text) is None


def test_people_stand_by_given_name() -> None:
    """The last word first, then the family name, then what is between."""
    assert sorted(set(PEOPLE), key=person_sort_key) == PEOPLE


@pytest.mark.parametrize("query", SEARCHES)
def test_search_puts_the_very_marks_first(query: str) -> None:
    """Of what is found, the rest stays in the order of the dictionary."""
    listed = sorted(UNITS, key=sort_key)

    assert ranked(listed, search_of(query), str) == SEARCHES[query]
    assert ranked(listed, search_of(unicodedata.normalize("NFD", query)), str) == SEARCHES[query]


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuý", "thúy"), ("UỶ BAN", "ỦY BAN"), ("Hoà", "Hòa"),
        ("loà xoà", "lòa xòa"), ("hòan", "hoàn"), ("qúy", "quý"), ("gìa", "già"),
        ("toán", "toán"), ("quỳnh", "quỳnh"), ("giữ", "giữ"), ("ngoài", "ngoài"),
        ("khuỷu", "khuỷu"), ("Huê\u0301", "Huế"),
        ("mía", "mía"), ("gì", "gì"), ("giếng", "giếng"), ("ương", "ương"), ("đường", "đường"),
    ],
)  # fmt: skip
def test_a_tone_has_one_place(new: str, old: str) -> None:
    """By the old custom; a word in which both are the same is left as it is."""
    assert marks_key(new) == marks_key(old) == unicodedata.normalize("NFC", old.lower())
    assert sort_key(new) == sort_key(old)


@given(st.text(max_size=20))
def test_one_form_of_marks_is_the_last(text: str) -> None:
    """What was brought into one form stays; composed or not is the same."""
    once = marks_key(text)

    assert marks_key(once) == once
    assert marks_key(unicodedata.normalize("NFD", text)) == marks_key(
        unicodedata.normalize("NFC", text)
    )


@pytest.mark.parametrize(
    "word", ["Nguyễn", "Đắk", "Krông", "Mnông", "quyết", "UBNĐ", "TTĐT", "khuỷu", "ĐIỆN"]
)
def test_syllables_are_known(word: str) -> None:
    """With names of the highlands and abbreviations."""
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["Néi", "Hµ", "chÝnh", "tr\u00f8ng", "café\u0301", "Ngäc", "®iÖn"])
def test_what_is_no_syllable_is_not_taken_for_one(word: str) -> None:
    """Such as a text of TCVN3 read as something else."""
    assert not is_syllable(word)
