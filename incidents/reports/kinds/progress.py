"""The progress report, which is the 72-hour report as well: cause, scope of impact, remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.incident_fields import picked
from incidents.reports.kind import ReportKind
from incidents.reports.sections import FOOT, HEAD, Section, blocks_of, document_of, said

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

SECTIONS = (
    Section(
        "Sự cố",
        *("ma_su_co", "lan_thu", "so_bc_truoc", "ky_bao_cao", "phat_hien_luc", "loai", "muc_do"),
        *("hien_trang", "anh_huong_hoi_nghi"),
    ),
    Section("Nguyên nhân và phạm vi ảnh hưởng", "nguyen_nhan", "pham_vi_anh_huong"),
    Section("Biện pháp khắc phục", "bien_phap_khac_phuc", "chung_cu"),
    Section("Kiến nghị", *("kho_khan", "xin_chi_dao", "de_nghi_ho_tro", "bc_tiep", "bao_cao_luc")),
)


def compose(filling: Filling) -> Document:
    """Return the document."""
    time = said(filling, "lan_thu")
    about = f"Diễn biến lần {time} về sự cố: {filling.facts.get('ten', '')}"
    return document_of(PROGRESS, filling, about, blocks_of(PROGRESS, filling, SECTIONS))


PROGRESS = ReportKind(
    code="progress",
    vi="Báo cáo diễn biến, báo cáo 72 giờ",
    en="Progress report, 72 h report",
    about="incident",
    serves=("bc_dien_bien",),
    compose=compose,
    kept=("lan_thu", "so_bc_truoc"),
    fields=(
        *HEAD,
        *picked(
            *(code for section in SECTIONS for code in section.codes),
            need="ma_su_co lan_thu so_bc_truoc ky_bao_cao nguyen_nhan pham_vi_anh_huong "
            "bien_phap_khac_phuc bc_tiep bao_cao_luc",
        ),
        *FOOT,
    ),
)
