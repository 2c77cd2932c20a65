"""The minutes of a handover of shifts, printed from what both sides signed at its own desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.document import Signer
from incidents.reports.kind import Field, ReportKind
from incidents.reports.sections import Columns, Section, blocks_of, document_of

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

OPEN = Columns(("Sự cố", "Mức độ, giai đoạn", "Việc kế tiếp, hạn", "Người phụ trách"), (5, 3, 4, 3))
COMING = Columns(("Việc", "Thời điểm"), (7, 4))
SECTIONS = (
    Section("Hai ca", "ca_giao", "ca_nhan"),
    Section("Tình trạng lúc giao", "tinh_trang"),
    Section(
        "Việc chuyển giao",
        *("su_co_mo", "canh_bao_chua_tiep_nhan", "bao_cao_den_han", "lich", "thiet_bi", "luu_y"),
        su_co_mo=OPEN,
        bao_cao_den_han=COMING,
        lich=COMING,
    ),
    Section("Xác nhận", "xac_nhan"),
)


def compose(filling: Filling) -> Document:
    """Return the document; it is signed by both sides, by name."""
    facts = filling.facts
    signers = (
        Signer("NGƯỜI GIAO CA", facts.get("nguoi_giao", "")),
        Signer("NGƯỜI NHẬN CA", facts.get("nguoi_nhan", "")),
    )
    about = f"Bàn giao ca trực {facts.get('lich_truc', '')}".strip()
    return document_of(HANDOVER, filling, about, blocks_of(HANDOVER, filling, SECTIONS), signers)


HANDOVER = ReportKind(
    code="handover",
    vi="Biên bản bàn giao ca trực",
    en="Shift handover",
    about="handover",
    serves=("bb_giao_ca",),
    compose=compose,
    title="BIÊN BẢN",
    abbreviation="BB",
    is_numbered=False,
    is_signed_here=False,
    fields=(
        Field("ca_giao", "Ca giao", "Shift that hands over", is_required=True),
        Field("ca_nhan", "Ca nhận", "Shift that takes over", is_required=True),
        Field(
            "tinh_trang",
            "Tình trạng hệ thống lúc giao",
            "State of things",
            is_required=True,
            by=("truc_ca", "chi_huy"),
            is_long=True,
        ),
        Field("su_co_mo", "Sự cố đang mở", "Open incidents", is_required=True),
        Field(
            "canh_bao_chua_tiep_nhan", "Sự cố chưa ai tiếp nhận", "Unacknowledged", is_required=True
        ),
        Field("bao_cao_den_han", "Báo cáo, việc đến hạn trong ca tới", "Due", is_required=True),
        Field("lich", "Hội nghị, bảo trì trong ca tới", "Sessions, maintenance", is_required=True),
        Field("thiet_bi", "Thiết bị, chìa khóa, điện thoại trực bàn giao", "Devices, keys"),
        Field("luu_y", "Lưu ý", "Remarks", is_long=True),
        Field("xac_nhan", "Người giao, người nhận xác nhận", "Signed", is_required=True),
        Field("noi_nhan", "Nơi nhận", "Recipients", is_long=True),
    ),
)
