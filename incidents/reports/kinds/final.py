"""The final report of an incident (Mẫu 04 and more): what happened, why, and what was learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.incident_fields import picked
from incidents.reports.kind import ReportKind
from incidents.reports.sections import FOOT, HEAD, Columns, Section, blocks_of, document_of

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

STORY = Columns(("Thời điểm", "Ai", "Việc"), (3, 3, 7))
DEADLINES = Columns(
    ("Thời hạn", "Đến hạn", "Thực hiện", "Kết quả", "Lý do"),
    (4, 3.4, 3.4, 3, 3),
    optional=("Lý do",),
)
ACTIONS = Columns(("Việc", "Ai", "Hạn"), (6, 3, 3))
SECTIONS = (
    Section(
        "Sự cố",
        *("ma_su_co", "ten_su_co", "so_bc_ban_dau", "to_chuc", "don_vi_van_hanh", "chu_quan"),
        *("he_thong", "cap_do", "loai", "muc_do", "phat_hien_luc", "khoi_phuc_luc"),
        *("ket_thuc_luc", "tong_gian_doan", "anh_huong_hoi_nghi"),
    ),
    Section("Diễn biến", "dien_bien", dien_bien=STORY),
    Section(
        "Nguyên nhân, thiệt hại và kết quả",
        *("nguyen_nhan_goc", "thiet_hai", "ket_qua_xu_ly", "ben_tham_gia"),
    ),
    Section("Thực hiện thời hạn", "thoi_han", thoi_han=DEADLINES),
    Section(
        "Tồn tại, bài học và kiến nghị",
        *("ton_tai", "bai_hoc", "phong_ngua", "tai_lieu", "phe_duyet"),
        phong_ngua=ACTIONS,
    ),
)


def compose(filling: Filling) -> Document:
    """Return the document."""
    about = f"Kết thúc ứng phó sự cố: {filling.facts.get('ten', '')}"
    return document_of(FINAL, filling, about, blocks_of(FINAL, filling, SECTIONS))


FINAL = ReportKind(
    code="final",
    vi="Báo cáo kết thúc ứng phó sự cố",
    en="Final report",
    about="incident",
    serves=("bc_ket_thuc",),
    compose=compose,
    fields=(
        *HEAD,
        *picked(
            *(code for section in SECTIONS for code in section.codes),
            need="ma_su_co ten_su_co so_bc_ban_dau to_chuc don_vi_van_hanh phat_hien_luc "
            "khoi_phuc_luc ket_thuc_luc tong_gian_doan dien_bien nguyen_nhan_goc thiet_hai "
            "ket_qua_xu_ly thoi_han bai_hoc phe_duyet",
        ),
        *FOOT,
    ),
)
