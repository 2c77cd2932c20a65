"""units.csv: what is accepted, and how a mistake is named."""

from __future__ import annotations

import unicodedata

import pytest

from collector.inventory import Unit, read_units
from incidents.yaml_problems import InvalidDocument

HEADER = "code,name,kind,parent,region"


def problems(text: str | bytes) -> list[str]:
    """Return the problems of a units.csv as text."""
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(InvalidDocument) as caught:
        read_units(content, file="units.csv")
    return [str(problem) for problem in caught.value.problems]


def test_units_keep_codes_as_text_and_parents_at_any_depth() -> None:
    """Leading zeros stay, and a child may stand before its parent."""
    text = f"{HEADER}\n000.00.01.H29,Xã Hàm Thuận,xa,H29,Đông\nH29,Tỉnh ủy,tinh,,Trung tâm\n"

    found = read_units(text.encode(), file="units.csv")

    assert found[0] == Unit("000.00.01.H29", "Xã Hàm Thuận", "xa", "Đông", parent="H29")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("byte_order_mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_units_are_the_same_however_the_file_was_saved(
    delimiter: str, byte_order_mark: bytes, form: str, line_end: str
) -> None:
    """Separator, byte-order mark, composition and line ends make no difference."""
    text = f"{HEADER}\nH29,Xã Hàm Thuận Bắc,xa,,Đông\n".replace(",", delimiter)
    text = unicodedata.normalize(form, text).replace("\n", line_end)  # type: ignore[arg-type]

    found = read_units(byte_order_mark + text.encode(), file="units.csv")

    assert found == [Unit("H29", "Xã Hàm Thuận Bắc", "xa", "Đông")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["units.csv:1: empty; line 1 names the columns code, name"]),
        ("code,name\n1,a\n", ["kind: this column is missing", "region: this column is missing"]),
        (f"{HEADER},colour\n", ["units.csv:1: colour: unknown column"]),
        (f"{HEADER},code\n", ["code: this column stands twice"]),
        (f"{HEADER}\n1,a,xa\n", ["units.csv:2: 3 cells under 5 columns"]),
        (f"{HEADER}\n1,,xa,,r\n", ["units.csv:2: name: is empty"]),
        (f"{HEADER}\n../x,a,xa,,r\n", ["units.csv:2: code: '../x'"]),
        (
            f"{HEADER}\n1,a,xa,,r\n1,b,xa,,r\n",
            ["units.csv:3: code: '1' is already given in line 2"],
        ),
        (f"{HEADER}\n1,a,xa,9,r\n", ["units.csv:2: parent: no unit has the code '9'"]),
        (
            f"{HEADER}\n1,a,xa,2,r\n2,b,xa,1,r\n",
            ["units.csv:2: parent: units above each other: 1 → 2 → 1", "units.csv:3: parent"],
        ),
        (f"{HEADER}\n1,a,xa,1,r\n", ["units above each other: 1 → 1"]),
        (f"{HEADER},valid_from\n1,a,xa,,r,1/7/2025\n", ["valid_from: '1/7/2025' is not a date"]),
        (
            f"{HEADER},valid_from,valid_to\n1,a,xa,,r,2025-07-01,2024-01-01\n",
            ["valid_to: 2024-01-01 lies before valid_from"],
        ),
        (f"{HEADER},hours\n1,a,xa,,r,giờ hành chính\n", ["hours: 'giờ hành chính': write it like"]),
        (f"{HEADER}\n1,a\u202eb,xa,,r\n", ["name: holds a control or direction character"]),
        (f'{HEADER}\n1,"a,xa,,r\n', ["not readable as CSV"]),
    ],
)
def test_units_name_line_and_column_of_a_mistake(text: str, expected: list[str]) -> None:
    """Each mistake says where it is, what was given and what is allowed."""
    found = problems(text)

    assert len(found) >= len(expected)
    for part in expected:
        assert any(part in problem for problem in found), found


def test_units_in_another_encoding_are_refused_with_the_line() -> None:
    """A byte that is not UTF-8 is named with its line and a hint."""
    assert problems(HEADER.encode() + b"\n1,X\xe3,xa,,r\n") == [
        "units.csv:2: byte 0xe3 is not UTF-8; save the file as UTF-8"
    ]


def test_units_reports_all_mistakes_at_once() -> None:
    """Nobody has to run the check once per mistake."""
    assert len(problems(f"{HEADER}\n1,,xa,,r\n2,b,,,r\n3,c,xa,8,r\n")) == 3
