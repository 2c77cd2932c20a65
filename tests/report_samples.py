"""What tests of reports share: the letterheads of an office, and an incident that went its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from incidents.handover import Signature
from incidents.reports.letterheads import load_letterheads
from incidents.timeline import microseconds
from tests.timeline_builder import File, local

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.province import Province

LETTERHEADS = """
usual: party
party:
  superior: TỈNH ỦY LÂM ĐỒNG
  issuer: VĂN PHÒNG
  place: Lâm Đồng
  symbols: {BC: BC/VPTU, BB: BB/VPTU}
  recipients: [Thường trực Tỉnh ủy, Văn phòng Trung ương Đảng, Lưu Văn phòng Tỉnh ủy]
  signers:
    inside: {title: TRƯỞNG PHÒNG, authority: T/L CHÁNH VĂN PHÒNG}
    outside: {title: CHÁNH VĂN PHÒNG}
state:
  superior: ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG
  issuer: VĂN PHÒNG
  place: Lâm Đồng
  symbols: {BC: BC-VPUBND, BB: BB-VPUBND}
  recipients: [Như trên, "Lưu: VT"]
  signers:
    inside: {title: TRƯỞNG PHÒNG, authority: TL. CHÁNH VĂN PHÒNG}
    outside: {title: CHÁNH VĂN PHÒNG}
standing:
  to_chuc: Văn phòng Tỉnh ủy Lâm Đồng, số 2 Trần Hưng Đạo, điện thoại 0263 3000 000
  don_vi_van_hanh: Phòng Chuyển đổi số – Cơ yếu
  he_thong: Mạng thông tin diện rộng của Đảng bộ tỉnh
  cap_do: Cấp độ 3
"""


def incident() -> File:
    """Return an S2 in a unit that was told outside, isolated, repaired, and has ended."""
    file = File(local("2026-11-23 08:00"))
    first = file.entries[0]
    words = {"summary_vi": "Máy chủ thư Ủy ban không bật được", "summary_en": "The mail server"}
    file.entries[0] = replace(first, texts=words, stored_hash=first.hash())
    file.after(minutes=12).add("acknowledged", stage="tiep_nhan")
    file.add("told", texts={"who": "Trần Thị Chi"}, role="chi_huy", at=at(file), how="phone")
    file.move("xac_minh").decide("nghiem_trong").move("ung_cuu_ban_dau")
    file.after(minutes=20).add(
        "evidence_preserved", texts={"note": "Ảnh màn hình, nhật ký", "where": "Tủ số 2"},
        waived=False,
    )  # fmt: skip
    file.add(
        "contained", texts={"note": "Rút dây mạng máy chủ"}, emergency=False,
        before_evidence=False, reason_due_at=None,
    )  # fmt: skip
    file.after(hours=2).move("khac_phuc").after(hours=1).move("khoi_phuc")
    file.after(hours=20).add("classified", root_cause="system-failures", texts={})
    file.move("cho_phe_duyet")
    file.after(hours=1).add(
        "closed", "person:Dung", texts={"reason": "Đã thay bộ nguồn"},
        **{"from": "cho_phe_duyet", "to": "ket_thuc", "ends": True, "root_cause": "human-errors"},
    )  # fmt: skip
    return file


def at(file: File) -> int:
    """Return the instant of a file's clock as entries keep it."""
    return microseconds(file.now)


def handover_document() -> dict[str, Any]:
    """Return what the service filled in when a shift began."""
    night, day = local("2026-11-23 19:00"), local("2026-11-24 07:00")
    shift = {"primary": "Nguyễn Văn An", "backup": "Lê Thị Bình", "is_holiday": False}
    return {
        "outgoing": {
            **shift, "name": "đêm", "starts_at": microseconds(night), "ends_at": microseconds(day),
        },
        "incoming": {
            **shift, "name": "ngày", "primary": "Trần Thị Chi", "backup": "",
            "starts_at": microseconds(day), "ends_at": microseconds(day + timedelta(hours=12)),
        },
        "incidents": [
            {
                "code": "SC26-0007", "severity": "S2", "title_vi": "Mất đường truyền xã Đạ Huoai",
                "title_en": "x", "stage": "khac_phuc", "holder": "Lê Thị Bình",
                "next_vi": "Khắc phục triệt để", "next_en": "x",
                "next_due_at": microseconds(day + timedelta(hours=3)),
            }
        ],
        "unacknowledged": [],
        "deadlines": [
            {
                "what_vi": "SC26-0007: Báo cáo diễn biến", "what_en": "x",
                "at": microseconds(day + timedelta(hours=1)), "until": None,
            }
        ],
        "windows": [],
        "silences": [],
        "changes": [],
    }  # fmt: skip


def signatures() -> list[Signature]:
    """Return what both sides signed."""
    day = local("2026-11-24 07:05")
    return [
        Signature("outgoing", "person:Nguyễn Văn An", day, "0" * 64),
        Signature("incoming", "person:Trần Thị Chi", day, "0" * 64),
    ]


def seed_reports(province: Province) -> None:
    """Keep a draft, a report that waits for a signature, and one that was sent and corrected."""
    desk, now = province.services.reports, province.clock()
    desk.adopt(load_letterheads(LETTERHEADS, file="reports.yaml"))
    by, leader = "person:Trần Thị Bích", "person:Lê Văn Dung"
    contact = "Trần Thị Bích, chuyên viên, 0912 000 111"
    words = {"kinh_gui": "Trung tâm An ninh mạng quốc gia", "nguoi_lien_he": contact}
    known = {
        "cach_phat_hien": "Tác tử giám sát",
        "bien_phap": "Dọn nhật ký cũ",
        "da_thong_bao": "Chỉ huy ứng phó",
    }

    def write(connection: Connection) -> None:
        desk.make(connection, "initial", "SC26-0001", by, now)
        for place in range(2):
            made = desk.make(connection, "initial", "SC26-0003", by, now, audience="outside")
            desk.fill(connection, made.id, words | known, by, now)
            desk.ask(connection, made.id, by, now)
            if place == 0:
                desk.sign(connection, made.id, leader, now)
                desk.number(connection, made.id, "05", now.date(), by, now)
                desk.send(connection, made.id, "Công an tỉnh", "Trục văn bản", now, by, now)
                desk.correct(connection, made.id, "Sửa tên máy chủ", by, now)

    province.db.write_now(write)
