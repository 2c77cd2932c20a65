"""The initial report of an incident (Mẫu 03 and what the 24-hour notice needs beside it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.kind import Field, ReportKind
from incidents.reports.sections import FOOT, HEAD, WRITERS, Columns, Section, blocks_of, document_of

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

TOLD = Columns(("Vai trò", "Thời điểm", "Cách báo"), (3, 2, 2))
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
    summary = filling.facts.get("ten", "")
    about = f"Ban đầu về sự cố {filling.facts.get('ma_su_co', '')}: {summary}".strip(": ")
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
        Field("ma_su_co", "Mã sự cố", "Incident", is_required=True),
        Field(
            "to_chuc", "Tổ chức báo cáo (tên, địa chỉ, điện thoại, thư điện tử)",
            "Reporting organisation", is_required=True, by=WRITERS,
        ),
        Field(
            "nguoi_lien_he", "Người liên hệ (họ tên, chức vụ, điện thoại, thư điện tử)",
            "Contact person", is_required=True, by=WRITERS,
        ),
        Field(
            "don_vi_van_hanh", "Đơn vị vận hành", "Operating unit", is_required=True, by=WRITERS
        ),
        Field("chu_quan", "Cơ quan chủ quản", "System owner"),
        Field("he_thong", "Tên hệ thống", "System", is_required=True, by=WRITERS),
        Field("cap_do", "Cấp độ", "Level"),
        Field("ncc_attt", "Tổ chức cung cấp dịch vụ an ninh mạng", "Security provider"),
        Field("ncc_ket_noi", "Nhà cung cấp kết nối", "Carrier"),
        Field("phat_hien_luc", "Thời điểm phát hiện", "Detected at", is_required=True),
        Field("xay_ra_luc", "Thời điểm xảy ra ước tính", "Occurred, estimated"),
        Field("cach_phat_hien", "Cách thức phát hiện", "How it was found", is_required=True),
        Field("loai", "Loại sự cố", "Class", is_required=True),
        Field("muc_do", "Mức độ", "Severity", is_required=True),
        Field("mo_ta", "Mô tả sơ bộ", "Summary", is_required=True, by=WRITERS, is_long=True),
        Field(
            "pham_vi", "Phạm vi ảnh hưởng (đơn vị, thiết bị, số người dùng)", "Scope",
            is_required=True, by=WRITERS, is_long=True,
        ),
        Field("anh_huong_hoi_nghi", "Ảnh hưởng đến hội nghị", "Effect on sessions"),
        Field("hien_trang", "Hiện trạng xử lý", "State of work", is_required=True),
        Field("bien_phap", "Biện pháp đã thực hiện", "Measures taken", is_required=True,
              by=WRITERS, is_long=True),
        Field("da_thong_bao", "Đã thông báo cho", "Told whom, when, how", is_required=True,
              by=WRITERS, is_long=True),
        Field("nguyen_nhan_so_bo", "Nguyên nhân sơ bộ", "Preliminary cause", is_long=True),
        Field("du_bao", "Dự báo diễn biến, thời gian khôi phục", "Outlook", is_long=True),
        Field(
            "ky_thuat",
            "Thông tin kỹ thuật (hệ điều hành, phiên bản, dịch vụ, biện pháp bảo vệ, địa chỉ IP, "
            "tên miền)",
            "Technical details", is_long=True,
        ),
        Field("kien_nghi", "Kiến nghị, đề xuất hỗ trợ", "Requests", is_long=True),
        Field("gui_kem", "Tài liệu gửi kèm", "Attachments", is_long=True),
        Field("giu_bi_mat", "Yêu cầu giữ bí mật", "Keep confidential"),
        Field("bao_cao_luc", "Thời gian thực hiện báo cáo", "Reported at", is_required=True),
        *FOOT,
    ),
)  # fmt: skip
