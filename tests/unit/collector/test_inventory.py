"""units.csv: what Excel writes is read, and every mistake is named by line and field."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.inventory import UnitRow, read_units
from incidents.yaml_lines import InvalidDocument
from tests.old_letters import UNITS_TEXT, written

HEADER = "code,name,kind,parent,region,contact,hours,valid_from,valid_to,predecessor,old_names\n"


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidDocument) as caught:
        read_units(text.encode())
    assert {problem.file for problem in caught.value.problems} == {"units.csv"}
    assert all(problem.message_vi for problem in caught.value.problems)
    return [(p.line, p.field, p.message_en) for p in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_units_are_read_as_excel_writes_them(delimiter: str, mark: bytes, newline: str) -> None:
    """Comma, semicolon or tab; with or without byte-order mark; any line ends; codes are text."""
    text = (
        "# units of the province; as of 2026, checked\n"
        "code,name,parent,hours,old_names\n"
        "001,Tỉnh,,,\n\n"
        '# a remark\n002,"Xã Đường Sơn",001,T2-T6 07:00-17:00,Xã A|Xã B\n'
    )
    content = mark + text.replace(",", delimiter).replace("\n", newline).encode()

    assert read_units(content) == [
        UnitRow("001", "Tỉnh"),
        UnitRow(
            "002",
            "Xã Đường Sơn",
            parent="001",
            hours="T2-T6 07:00-17:00",
            old_names=("Xã A", "Xã B"),
        ),
    ]


@pytest.mark.parametrize("name", written(""))
def test_an_inventory_is_the_same_in_every_writing(name: str) -> None:
    """UTF-8, UTF-16 or Windows-1258; `;`, `,` or tab; days as people or machines write them."""
    found = read_units(written(UNITS_TEXT)[name])

    assert found == read_units(UNITS_TEXT.encode())
    assert [unit.valid_from for unit in found] == ["2025-07-01"] * 3 + [None]
    assert found[1].old_names == ("Thị trấn Hoà Bình", "Xã Đạ Huoai")


def test_a_district_is_a_unit_of_the_past() -> None:
    """One that ended by then may be listed as what it was."""
    text = HEADER + "H1,Huyện Đức Trọng,huyện,,,,,,30/06/2025,,\n"

    assert read_units(text.encode())[0].valid_to == "2025-06-30"


def test_names_come_out_composed() -> None:
    """What was typed with combining marks is the same name."""
    decomposed = "code,name\nA,Xa\u0303 Đươ\u0300ng\n"
    assert read_units(decomposed.encode())[0].name == "Xã Đường"


@pytest.mark.parametrize(
    ("rows", "line", "field", "words"),
    [
        ("H1,,,,,,,,,,", 2, "name", "empty"),
        (",X,,,,,,,,,", 2, "code", "empty"),
        ("h 1,X,,,,,,,,,", 2, "code", "not a code"),
        ("H1,X\x07,,,,,,,,,", 2, "name", "U+0007"),
        ("H1," + "x" * 121 + ",,,,,,,,,", 2, "name", "121 characters"),
        ("H1,X,,H2,,,,,,,", 2, "parent", "no unit H2"),
        ("H1,X,,H1,,,,,,,", 2, "parent", "H1 → H1"),
        ("H1,X,,H2,,,,,,,\nH2,Y,,H3,,,,,,,\nH3,Z,,H1,,,,,,,", 3, "parent", "H2 → H3 → H1 → H2"),
        ("H1,X,,,,,,,,,\nH1,Y,,,,,,,,,", 3, "code", "already in line 2"),
        ("H1,X,,,,,,31/06/2025,,,", 2, "valid_from", "2026-07-01"),
        ("H1,X,huyen,,,,,,,,", 2, "kind", "old_names"),
        ("H1,X,Thị xã,,,,,,2025-07-02,,", 2, "kind", "đặc khu"),
        ("H1,X,,,,,,2025-07-01,2024-07-01,,", 2, "valid_to", "before"),
        ("H1,X,,,,,giờ hành chính,,,,", 2, "hours", "days and times"),
        ("H1,X,,,,,,,,,,,", 2, "", "13 fields"),
        ('H1,"X', 2, "", "CSV"),
    ],
)
def test_mistake_is_named_by_line_and_field(rows: str, line: int, field: str, words: str) -> None:
    """The clerk who keeps the file can find it."""
    found = problems(HEADER + rows + "\n")
    assert any((n, f) == (line, field) and words in m for n, f, m in found), found


@pytest.mark.parametrize(
    ("header", "words"),
    [("", "'h1'"), ("code,name,boss", "'boss'"), ("code,kind", "'name' is missing"),
     ("code,code,name", "twice")],
)  # fmt: skip
def test_header_is_checked_first(header: str, words: str) -> None:
    """An unknown column is a typing mistake, not something to leave out silently."""
    assert any(words in message for _, _, message in problems(header + "\nH1,X\n"))


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_file_without_a_header_says_what_it_needs(text: str) -> None:
    """An empty file is no list of no units."""
    assert problems(text)[0][2].startswith("no header; the first line names code, name")


def test_other_encodings_are_named() -> None:
    """Windows-1252 is refused with what to do."""
    with pytest.raises(InvalidDocument, match="CSV UTF-8") as caught:
        read_units("code,name\nH1,Xã".encode("cp1252"))
    assert caught.value.problems[0].line == 2


def test_all_mistakes_come_at_once() -> None:
    """One run, one list."""
    text = HEADER + "h 1,,,,,,,,,,\nH2,X,,,,,no,,,,\n"
    assert [(line, field) for line, field, _ in problems(text)] == [
        *((2, "code"), (2, "name"), (3, "hours")),
    ]


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    """Nothing but a list of units or a list of problems comes out."""
    with contextlib.suppress(InvalidDocument):
        assert isinstance(read_units(content), list)
