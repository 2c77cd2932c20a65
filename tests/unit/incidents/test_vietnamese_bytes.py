"""Every writing of Vietnamese is read or refused by name, never read as something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.vietnamese_bytes import Unreadable, check, read
from tests.old_letters import TCVN3, TCVN3_UNITS, UNITS_TEXT, VNI, VNI_UNITS, written

TEXT = "Cộng hòa xã hội chủ nghĩa Việt Nam\nĐộc lập - Tự do - Hạnh phúc\n"


@pytest.mark.parametrize("name", written(""))
def test_every_unicode_and_windows_1258_is_read(name: str) -> None:
    """The text comes out composed, whatever it was written in."""
    content = written(UNITS_TEXT)[name]
    text = read(content)

    assert isinstance(text, str)
    assert "Ủy ban nhân dân xã Nghĩa Đức" in text


@pytest.mark.parametrize(("old", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_old_letters_are_refused_with_line_and_hint(old: str, name: str, encoding: str) -> None:
    """As the old program wrote them, and pasted into Unicode."""
    found = read(f"code,name\nH1,An\nH2,{old}\n".encode(encoding))

    assert isinstance(found, Unreadable)
    assert found.line == 3
    assert name in found.reason_vi
    assert "Unikey" in found.reason_vi
    assert name in found.reason_en


@pytest.mark.parametrize("text", [TCVN3_UNITS, VNI_UNITS])
def test_old_letters_among_good_ones_are_refused(text: str) -> None:
    """One line that was pasted from an old file does not hide behind many good ones."""
    found = check(TEXT * 30 + text)

    assert isinstance(found, Unreadable)
    assert found.line == 62


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "",
        "plain",
        "Café Besançon, Zürich, Ñuñoa, naïve, São Paulo",
        "«Hòa», § 5, ±1 °C, ½, ©",
        "TTĐT, UBNĐ, QĐ-UBND, Đ/c Kiên, Mđrắk, Krông Ana",
        "Lại Sơn, Ô Môn, Ia Đrăng, Ðà Nẵng",
    ],
)
def test_what_is_unicode_stays(text: str) -> None:
    """Foreign names and signs are no reason to refuse a file."""
    assert check(text) == text
    assert read(text.encode()) == text


def test_what_is_nothing_known_is_refused_by_line() -> None:
    """Words that no Vietnamese reading gives are not guessed."""
    found = read(b"code,name\nH1,An\nH2,\x81\x9d\xff\n")

    assert isinstance(found, Unreadable)
    assert found.line == 3
    assert "UTF-8" in found.reason_en


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_a_reason(content: bytes) -> None:
    """Nothing raises."""
    found = read(content)

    assert isinstance(found, str) or (found.line >= 1 and found.reason_vi)
