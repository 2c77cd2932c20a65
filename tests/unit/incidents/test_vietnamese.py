"""Vietnamese order, search and writing."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import vietnamese
from incidents.vietnamese import search_key, search_words, sort_key

ORDERED = [
    ["a", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "ẳ", "ẵ", "ắ", "ặ", "â", "ầ", "ẩ", "ẫ", "ấ", "ậ", "b"],
    ["c", "d", "đ", "e", "è", "ê", "ề", "g", "h", "i", "o", "ô", "ơ", "p", "u", "ư", "v", "y"],
    ["An", "An Bình", "Ân", "Bà Rịa", "Đà Nẵng", "Đắk Lắk", "Đồng Nai", "Hà Nội", "Hải Phòng"],
    ["Da", "Dạ", "Đa", "Ea"],
    ["Phường 1", "Phường 2", "phường 10", "Phường Bến Nghé", "Xã 3"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "mạ a", "man"],
    ["Cần Thơ 2", "Cần Thơ 02 b", "Cần Thơ 3"],
]


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
    return all(word in search_key(text) for word in search_words(query))


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
    assert vietnamese.number(1234567.25, 1) == "1.234.567,2"
