"""Points are found by what people say: aliases, old names, letters without marks, numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incidents.sessions.model import Point
from incidents.sessions.names import fits, found_by
from incidents.sessions.policy import Known, load_sessions
from incidents.yaml_lines import InvalidDocument

UNITS = {"U1": "Đảng ủy xã Hàm Thuận", "U2": "Đảng ủy phường Hàm Thuận", "U3": "Đức Linh"}


@pytest.mark.parametrize(
    ("typed", "name", "expected"),
    [
        ("hth", "Hàm Thuận", True),
        ("hth", "Đảng ủy xã Hàm Thuận", True),
        ("HTH", "Hàm Thuận Bắc", True),
        ("hthb", "Hàm Thuận Bắc", True),
        ("htb", "Hàm Thuận Bắc", True),
        ("ham th", "Hàm Thuận", True),
        ("đl", "Đức Linh", True),
        ("dl", "Đức Linh", True),
        ("hth", "Hòa Thắng", True),
        ("pt", "Phú Quý", False),
        ("", "Phú Quý", False),
        ("thu", "Hàm Thuận", False),
    ],
)
def test_letters_mean_a_name(typed: str, name: str, expected: bool) -> None:
    """Beginnings of its words in order, the first word among them; what a place is may be left."""
    assert fits(typed, name) is expected


def test_points_are_found_by_number_name_and_letters() -> None:
    """A whole name before letters, letters before a part of a name."""
    points = [Point(1, "a", "Hàm Thuận"), Point(2, "b", "Hàm Thuận Bắc"), Point(12, "c", "Mũi Né")]
    assert [p.order for p in found_by("12", points)] == [12]
    assert [p.order for p in found_by("ham thuan", points)] == [1]
    assert [p.order for p in found_by("hth", points)] == [1, 2]
    assert [p.order for p in found_by("bac", points)] == [2]
    assert found_by("zz", points) == []


def test_aliases_and_units_are_points() -> None:
    """An old name of a codec is its point; a unit without points is a point of its name."""
    text = """
points:
  - {name: Hội trường, unit: U1, aliases: [HTB-CU 01]}
aliases:
  - {unit: U3, names: [Đức Linh cũ]}
"""
    book = load_sessions(text, file="s.yaml", known=Known(units=UNITS)).book
    assert [p.name for p in book.find("htb cu 01")] == ["Hội trường"]
    assert [p.name for p in book.find("U1")] == ["Hội trường"]
    assert [p.name for p in book.find("duc linh cu")] == ["Đức Linh"]
    assert [p.unit for p in book.find("Đức Linh")] == ["U3"]
    # What units.csv says a unit was called.
    former = Known(units=UNITS, old_names={"U3": ("Võ Đắt",)})
    assert [p.unit for p in load_sessions("", file="s.yaml", known=former).book.find("vo dat")] == [
        "U3"
    ]
    # Two units of one name: the code says which.
    ambiguous = load_sessions("", file="s.yaml", known=Known(units=UNITS)).book
    assert {p.unit for p in ambiguous.find("Hàm Thuận")} == {"U1", "U2"}
    assert [p.unit for p in ambiguous.find("xã Hàm Thuận")] != []


def test_a_file_with_mistakes_names_each_line() -> None:
    """Unknown units, targets, classes, roles; names and keys that are given twice."""
    text = """
points:
  - {name: Một, unit: U9, target: khong-co}
  - {name: MỘT, unit: U1}
symptoms:
  - {code: a, key: h, vi: A, en: A, class: hn_hinh}
  - {code: a, key: h, vi: B, en: B, class: hn_xyz}
weekly:
  - {code: g, name: G, day: T2, at: "09:00", until: "10:00", points: [Atlantis]}
peaks:
  - {code: p, vi: P, en: P, from: 2026-01-02, to: 2026-01-03,
     reports: [{code: r, vi: R, en: R, owner: ong_x}]}
"""
    known = Known(units=UNITS, targets=set(), classes={"hn_hinh"}, roles={"truc_ca"})
    with pytest.raises(InvalidDocument) as wrong:
        load_sessions(text, file="sessions.yaml", known=known)
    fields = {problem.field for problem in wrong.value.problems}
    assert {
        "points[0].unit", "points[0].target", "points[1].name", "symptoms[1].code",
        "symptoms[1].key", "symptoms[1].class", "weekly[0].points", "peaks[0].reports[0].owner",
    } <= fields  # fmt: skip
    lines = {problem.field: problem.line for problem in wrong.value.problems}
    assert lines["points[0].unit"] == 3
    with pytest.raises(InvalidDocument):
        load_sessions(
            'weekly: [{code: g, name: G, day: T2, at: "10:00", until: "09:00"}]', file="s.yaml"
        )


def test_the_example_of_the_handbook_is_a_good_file() -> None:
    """What people copy has to load."""
    text = (Path(__file__).parents[4] / "docs" / "sessions.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    units = {"000.01.30": "VP", "000.12.30": "Hàm Thuận", "000.13.30": "Phan Thiết"}
    targets = {"codec-hoi-truong", "duong-tinh"}
    policy = load_sessions(
        example, file="s.yaml", known=Known(units=units, targets=targets, roles={"truc_ca"})
    )
    assert [duty.code for duty in policy.duties] == ["dai_hoi_nhanh"]


def test_a_key_that_is_not_known_is_answered_with_those_that_are() -> None:
    """Within lists, too."""
    with pytest.raises(InvalidDocument, match=r"'kind' is not a known field; allowed: .*way"):
        load_sessions('points: [{name: Một, unit: "1", kind: telephone}]', file="sessions.yaml")
