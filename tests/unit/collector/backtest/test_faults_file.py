"""Faults that are known to have happened, as somebody wrote them down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.backtest.faults_file import read_faults
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from pathlib import Path


def test_each_line_is_a_fault_at_a_time_of_viet_nam(tmp_path: Path) -> None:
    """With a host, or with a class in a unit; what is not said is empty."""
    file = tmp_path / "f.csv"
    file.write_text(
        "at,unit,host,class,until,what\n"
        "2026-11-23 08:00,U1,may-1,,2026-11-23 09:00,Đầy đĩa\n"
        "2026-11-23 10:00,U2,,kt_duong_truyen,,\n",
        encoding="utf-8",
    )
    first, second = read_faults(file)
    assert (first.code, first.unit, first.host, first.title_vi) == (
        "f.csv:2", "U1", "may-1", "Đầy đĩa",
    )  # fmt: skip
    assert first.began_at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert first.ended_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert (second.class_code, second.ended_at) == ("kt_duong_truyen", None)


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    """A time that is none, and a fault that could be anywhere."""
    file = tmp_path / "f.csv"
    file.write_text("at,unit,host\nyesterday,U1,may-1\n2026-11-23 08:00,U1,\n", encoding="utf-8")
    with pytest.raises(InvalidDocument) as caught:
        read_faults(file)
    assert [(one.line, one.field) for one in caught.value.problems] == [(2, "at"), (3, "host")]
