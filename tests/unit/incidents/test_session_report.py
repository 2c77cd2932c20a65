"""The report of a session: every figure of it, recomputed by hand from what was put in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from incidents.reports.document import Document, Paragraph, Table
from incidents.reports.found import shipped_kinds
from incidents.reports.kind import Filling
from incidents.reports.letterheads import load_letterheads
from incidents.reports.session_facts import Broken, PreCheck, Told, facts_of, grade
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Point, Session, Stage
from incidents.sessions.policy_parts import Threshold
from incidents.sessions.quality import Figure, Measured, Presence
from incidents.timeline import canonical_json
from tests.report_samples import LETTERHEADS

if TYPE_CHECKING:
    from collections.abc import Mapping

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
NOW = START + timedelta(hours=3)
KIND = shipped_kinds()["session"]
HEADS = load_letterheads(LETTERHEADS, file="reports.yaml")
THRESHOLDS = {
    "loss_ratio": Threshold(amber=0.005, red=0.01),
    "jitter_seconds": Threshold(amber=0.02, red=0.035),
    "delay_seconds": Threshold(amber=0.15, red=0.25),
}
POINTS = (
    Point(1, "U1", "Hội trường Tỉnh ủy", technician="Lê Văn Hòa", phone="0912345678", is_main=True,
          is_confirmed=True),
    Point(2, "U2", "Hàm Thuận", technician="Trần Thị Mai"),
    Point(3, "U3", "Đặc khu Phú Quý", way="telephone"),
)  # fmt: skip
SESSION = Session(
    7, "Hội nghị tháng 11", "A", START, START + timedelta(hours=2), chair="Bí thư Tỉnh ủy",
    conference="9001", began_at=START, over_at=START + timedelta(minutes=100), stage=Stage.ENDED,
    closed_at=START + timedelta(minutes=110), points=POINTS,
)  # fmt: skip


def at(minute: float) -> datetime:
    """Return an instant of the session."""
    return START + timedelta(minutes=minute)


def entry(minute: float, kind: LogKind, point: int = 0, **more: Any) -> LogEntry:
    """Return an entry of its log."""
    return LogEntry(at(minute), "person:An", kind, point=point, **more)


def presence(first: float, last: float, times: int) -> Presence:
    """Return when a point was in the call, in minutes of the session."""
    return Presence(at(first).timestamp(), at(last).timestamp(), (last - first) * 60, times)


MEASURED = {
    1: Measured({"loss_ratio": Figure(100, 0.0001, 0.002)}, presence(0, 100, 1)),
    2: Measured(
        {"loss_ratio": Figure(100, 0.004, 0.03), "jitter_seconds": Figure(100, 0.004, 0.021)},
        presence(0, 98, 3),
    ),
}
LOG = (
    entry(-5, LogKind.ROLL_CALL, 1, code="good"),
    entry(-4, LogKind.ROLL_CALL, 2, code="no_sound"),
    entry(20, LogKind.SYMPTOM, 2, code="dropped", id=11, incident="SC26-0009"),
    entry(22, LogKind.FALLBACK, 2, text="Sang điện thoại"),
    entry(29.5, LogKind.RESTORED, 2),
    entry(50, LogKind.SYMPTOM, 3, code="no_sound", id=12),
    entry(90, LogKind.ITEM, text="Thay dây tín hiệu", data={"owner": "Mai", "due": "28/11/2026"}),
    entry(109, LogKind.CLOSED, data={"clean": False}),
    LogEntry(at(112), "machine:sessions", LogKind.MEASURED,
             data={"points": {str(p): one.data() for p, one in MEASURED.items()}}),
)  # fmt: skip
TOLD = Told(
    session=SESSION,
    log=LOG,
    names={"dropped": "Rớt cuộc gọi", "no_sound": "Mất tiếng"},
    losing={"dropped", "no_sound"},
    thresholds=THRESHOLDS,
    incidents=[
        Broken("SC26-0009", "Rớt cuộc gọi: Hàm Thuận", at(20), at(21), None),
        Broken("SC26-0010", "Đường truyền", at(60), at(61.5), at(70), is_closed=True),
    ],
    checks=[
        PreCheck(at(-60), "machine:sessions", {1: True, 2: False, 3: True}),
        PreCheck(at(-15), "person:An", {1: True, 2: False, 3: True}),
    ],
    said={1: "good", 2: "no_sound"},
    earlier=[(replace(SESSION, id=6, name="Hội nghị tháng 10"), LOG[2:5])],
)


def facts(told: Told = TOLD) -> Mapping[str, Any]:
    """Return the facts as they come out of the table again."""
    found: Mapping[str, Any] = json.loads(canonical_json(facts_of(told, NOW)))
    return found


def composed(layout: str, found: Mapping[str, Any]) -> Document:
    """Return the document in a layout."""
    head = HEADS.of(layout)  # type: ignore[arg-type]
    return KIND.compose(Filling(found, {}, head, "inside", date(2026, 11, 25)))


def test_every_figure() -> None:
    """Minutes lost, availability, presence, reaction, what the pre-check missed, the last one."""
    found = facts()
    assert found["thuc_te"] == "25/11/2026 08:00 – 25/11/2026 09:40"
    assert found["kiem_tra_truoc"][1] == [
        "25/11/2026 07:45", "15 phút", "2/3 điểm cầu sẵn sàng", "Hàm Thuận",
    ]  # fmt: skip
    assert found["tham_du"] == [
        ["1", "Hội trường Tỉnh ủy", "Sẵn sàng", "Hình, tiếng tốt",
         "08:00", "09:40", "0", "0", "100,0 %"],
        ["2", "Hàm Thuận", "Chưa sẵn sàng", "Mất tiếng", "08:00", "09:38", "2", "9,5", "90,5 %"],
        ["3", "Đặc khu Phú Quý", "Sẵn sàng", "–", "–", "–", "–", "50", "50,0 %"],
    ]  # fmt: skip
    assert found["tong_so"] == (
        "2 hiện tượng, 2 sự cố; gián đoạn 59,5 phút tính trên các điểm cầu; "
        "tỷ lệ sẵn sàng chung 80,2 %."
    )
    assert found["nhat_ky"][0] == [
        "08:20", "08:29", "Hàm Thuận", "Rớt cuộc gọi", "Sang điện thoại", "9,5", "An", "SC26-0009",
    ]  # fmt: skip
    assert found["chat_luong"] == [
        ["Hội trường Tỉnh ủy", "0,01 / 0,20", "–", "–", "–", "Tốt"],
        ["Hàm Thuận", "0,40 / 3,00", "4 / 21", "–", "–", "Không đạt"],
        ["Đặc khu Phú Quý", "–", "–", "–", "–", "Không đo được"],
    ]
    # The first was over when its fault was called mended, the second by its own file.
    assert [row[3:] for row in found["su_co"]] == [
        ["1 phút", "9,5 phút", "Đang mở"],
        ["1,5 phút", "10 phút", "Đã đóng"],
    ]
    assert found["phan_ung"] == "Trung bình: tiếp nhận sau 1,3 phút, khôi phục sau 9,8 phút."
    assert found["bo_sot"] == "Đặc khu Phú Quý"
    assert [row[2:] for row in found["so_sanh"]] == [
        ["3", "2", "59,5", "80,2 %"],
        ["3", "1", "9,5", "96,8 %"],
    ]
    assert found["ton_tai"] == [["Thay dây tín hiệu", "Mai", "28/11/2026"]]


def test_nothing_is_assumed() -> None:
    """Neither that there was no fault, nor quality that nobody measured, nor a pre-check."""
    log = [one for one in LOG if one.kind is LogKind.ITEM]
    found = facts(replace(TOLD, log=log, incidents=(), checks=(), earlier=()))
    missing = {one.code for one in KIND.missing({**HEADS.standing, **found}, {})}
    assert {"kiem_tra_truoc", "nhat_ky", "chat_luong"} <= missing
    assert found["tham_du"][2][6:] == ["–", "0", "–"]  # nobody saw or heard it
    assert "ton_tai" not in missing
    clean = entry(109, LogKind.CLOSED, data={"clean": True})
    assert facts(replace(TOLD, log=[clean]))["nhat_ky"] == "Không có sự cố."


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, ""),
        ({"loss_ratio": Figure(1, 0, 0.0049)}, "Tốt"),
        ({"loss_ratio": Figure(1, 0, 0.005)}, "Đạt"),
        ({"loss_ratio": Figure(1, 0, 0.01)}, "Không đạt"),
        ({"loss_ratio": Figure(1, 0, 0), "rtt_seconds": Figure(1, 0.1, 0.3)}, "Đạt"),
        ({"call_loss_ratio": Figure(1, 0, 0.2), "jitter_seconds": Figure(1, 0, 0)}, "Không đạt"),
    ],
)
def test_grade(figures: Mapping[str, Figure], expected: str) -> None:
    """By the worst hundredth; half of the way there and back is held against the delay."""
    assert grade(Measured(figures), THRESHOLDS) == expected


@pytest.mark.parametrize("layout", ["party", "state"])
def test_both_layouts_say_the_same(layout: str) -> None:
    """Two sign; every cell of every table is in the document."""
    found = facts()
    document = composed(layout, found)
    assert [one.title for one in document.signers] == ["NGƯỜI TRỰC", "PHỤ TRÁCH KỸ THUẬT"]
    words = [
        cell
        for block in document.blocks
        for cell in (
            [c for row in block.rows for c in row]
            if isinstance(block, Table)
            else [block.text]
            if isinstance(block, Paragraph)
            else []
        )
    ]
    for value in found.values():
        rows = value if isinstance(value, list) else [[value]]
        assert all(cell in words or cell == found["ten"] for row in rows for cell in row)
