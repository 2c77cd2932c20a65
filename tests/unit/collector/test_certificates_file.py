"""certificates.csv: every mistake is named, and nothing that is secret is taken in or repeated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from collector.certificates.file import read_certificates
from collector.policy.policy import check
from incidents.certificates import Certificate
from incidents.yaml_problems import InvalidDocument, Problem
from tests.old_letters import TCVN3, written

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "unit;kind;name;serial;issuer;token;holder;valid_from;valid_to\n"
ROW = "H1;Cá nhân;Nguyễn Văn An;54:01:AB;Ban Cơ yếu Chính phủ;VT-01;Văn thư;01/12/2023;30/11/2026\n"
UNITS = {"H1"}


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidDocument) as caught:
        read_certificates(text.encode(), units=UNITS)
    return caught.value.problems


@pytest.mark.parametrize("name", written(""))
def test_a_register_is_read_in_every_writing(name: str) -> None:
    """As the inventory is; kinds with marks or without."""
    (found,) = read_certificates(written(HEADER + ROW)[name], units=UNITS)

    assert found == Certificate(
        "H1", "ca_nhan", "Nguyễn Văn An", "54:01:AB", date(2026, 11, 30), date(2023, 12, 1),
        "Ban Cơ yếu Chính phủ", "VT-01", "Văn thư",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("H9;ca_nhan;A;01;;;;;30/11/2026", "unit"),
        ("H1;xe;A;01;;;;;30/11/2026", "kind"),
        ("H1;ca_nhan;;01;;;;;30/11/2026", "name"),
        ("H1;ca_nhan;A;;;;;;30/11/2026", "serial"),
        ("H1;ca_nhan;A;<01>;;;;;30/11/2026", "serial"),
        ("H1;ca_nhan;A;01;;;;;31/11/2026", "valid_to"),
        ("H1;ca_nhan;A;01;;;;01/12/2026;30/11/2026", "valid_to"),
        ("H1;ca_nhan;A;01;;;;;", "valid_to"),
        ("H1;ca_nhan;A;01;;;;;30/11/2026\nH1;co_quan;B;0 1;;;;;30/11/2026", "serial"),
    ],
)
def test_mistake_is_named_by_line_and_field(row: str, field: str) -> None:
    """In both languages."""
    found = problems(HEADER + row + "\n")

    assert [one.field for one in found] == [field]
    assert found[0].line == 2 + row.count("\n")
    assert found[0].message_en
    assert found[0].message_vi


@pytest.mark.parametrize(
    "column",
    ["PIN", "ma_pin", "Mã PIN", "PUK", "password", "Mật khẩu", "private_key", "Khóa bí mật", "key"],
)
def test_a_column_that_may_hold_a_secret_is_refused(column: str) -> None:
    """At the sight of its name; what stands in it is not repeated."""
    (found,) = problems(HEADER.replace("holder", column) + ROW.replace("Văn thư", "hunter2"))

    assert (found.line, found.field) == (1, column)
    assert "bí mật" in found.message_vi
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("cell", ["PIN: 123456", "mật khẩu = x1", "-----BEGIN PRIVATE KEY-----"])
def test_a_cell_that_holds_a_secret_is_refused(cell: str) -> None:
    """And not repeated in the message."""
    (found,) = problems(HEADER + ROW.replace("Văn thư", cell))

    assert found.field == "holder"
    assert cell not in f"{found} {found.in_vietnamese}"


def test_check_config_names_the_file(tmp_path: Path) -> None:
    """With line and field, beside the mistakes of other files; old letters as well."""
    (tmp_path / "units.csv").write_text("code,name\nH1,Xã A\n", encoding="utf-8")
    register = tmp_path / "certificates.csv"
    register.write_text(HEADER + ROW.replace("H1", "H7"), encoding="utf-8")
    assert [str(one)[:29] for one in check(tmp_path)] == ["certificates.csv:2: unit: the"]

    register.write_text(HEADER + f"H1;ca_nhan;{TCVN3};01;;;;;30/11/2026\n", encoding="utf-8")
    (found,) = check(tmp_path)
    assert (found.file, found.line) == ("certificates.csv", 2)
    assert "TCVN3" in found.in_vietnamese

    register.write_text(HEADER + ROW, encoding="utf-8")
    assert check(tmp_path) == []
