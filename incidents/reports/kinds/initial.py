"""The initial report of an incident (Mẫu 03 and what the 24-hour notice needs beside it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.incident_fields import picked
from incidents.reports.kind import ReportKind
from incidents.reports.sections import FOOT, HEAD, Columns, Section, blocks_of, document_of

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

TOLD = Columns(("Ai được báo", "Thời điểm", "Cách báo"), (4, 2, 2))
SECTIONS = (
    Section(
        "Tổ chức báo cáo và hệ thống",
        *("to_chuc", "nguoi_lien_he", "don_vi_van_hanh", "chu_quan", "he_thong", "cap_do"),
        *("ncc_attt", "ncc_ket_noi"),
    ),
    Section(
        "Sự cố",
        *("ma_su_co", "phat_hien_luc", "xay_ra_luc", "cach_phat_hien", "loai", "muc_do", "mo_ta"),
        *("pham_vi", "anh_huong_hoi_nghi"),
    ),
    Section(
        "Xử lý",
        *("hien_trang", "bien_phap", "da_thong_bao", "nguyen_nhan_so_bo", "du_bao", "ky_thuat"),
        da_thong_bao=TOLD,
    ),
    Section("Kiến nghị và tài liệu", "kien_nghi", "gui_kem", "giu_bi_mat", "bao_cao_luc"),
)


def compose(filling: Filling) -> Document:
    """Return the document."""
    about = f"Ban đầu về sự cố: {filling.facts.get('ten', '')}"
    return document_of(INITIAL, filling, about, blocks_of(INITIAL, filling, SECTIONS))


INITIAL = ReportKind(
    code="initial",
    vi="Báo cáo ban đầu sự cố",
    en="Initial report",
    about="incident",
    serves=("bc_ban_dau",),
    compose=compose,
    fields=(
        *HEAD,
        *picked(
            *(code for section in SECTIONS for code in section.codes),
            need="ma_su_co to_chuc nguoi_lien_he don_vi_van_hanh he_thong phat_hien_luc loai "
            "muc_do mo_ta pham_vi hien_trang cach_phat_hien da_thong_bao bien_phap bao_cao_luc",
        ),
        *FOOT,
    ),
)
