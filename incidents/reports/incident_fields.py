"""The fields of the reports about an incident, by their codes in the templates.

Source: the templates of the response procedure (Mẫu 03 and Mẫu 04 with what NĐ 331/2026 asks).
"""

from __future__ import annotations

from incidents.reports.kind import Field

# Who writes what only a person knows: on call, the unit's officer, the commander.
WRITERS = ("truc_ca", "can_bo_don_vi", "chi_huy")
COMMAND = ("chi_huy", "lanh_dao_vp")

_LONG = True
_ALL = (
    ("ma_su_co", "Mã sự cố", "Incident", (), False),
    (
        "to_chuc",
        "Tổ chức báo cáo (tên, địa chỉ, điện thoại, thư điện tử)",
        "Reporting organisation",
        WRITERS,
        False,
    ),
    (
        "nguoi_lien_he",
        "Người liên hệ (họ tên, chức vụ, điện thoại, thư điện tử)",
        "Contact person",
        WRITERS,
        False,
    ),
    ("don_vi_van_hanh", "Đơn vị vận hành", "Operating unit", WRITERS, False),
    ("chu_quan", "Cơ quan chủ quản", "System owner", (), False),
    ("he_thong", "Tên hệ thống", "System", WRITERS, False),
    ("cap_do", "Cấp độ (1–5)", "Level", (), False),
    ("ncc_attt", "Tổ chức cung cấp dịch vụ an ninh mạng", "Security provider", (), False),
    ("ncc_ket_noi", "Nhà cung cấp kết nối", "Carrier", (), False),
    ("phat_hien_luc", "Thời điểm phát hiện", "Detected at", (), False),
    ("xay_ra_luc", "Thời điểm xảy ra ước tính", "Occurred, estimated", (), False),
    ("cach_phat_hien", "Cách thức phát hiện", "How it was found", WRITERS, False),
    ("loai", "Loại sự cố", "Class", (), False),
    ("muc_do", "Mức độ", "Severity", (), False),
    ("mo_ta", "Mô tả sơ bộ", "Summary", WRITERS, _LONG),
    (
        "pham_vi",
        "Phạm vi ảnh hưởng (đơn vị, thiết bị, số người dùng)",
        "Scope of impact",
        WRITERS,
        _LONG,
    ),
    ("anh_huong_hoi_nghi", "Ảnh hưởng đến hội nghị", "Effect on sessions", (), _LONG),
    ("hien_trang", "Hiện trạng xử lý", "State of the work", WRITERS, _LONG),
    ("bien_phap", "Biện pháp đã thực hiện", "Measures taken", WRITERS, _LONG),
    ("da_thong_bao", "Đã thông báo cho", "Told whom, when, how", WRITERS, _LONG),
    ("nguyen_nhan_so_bo", "Nguyên nhân sơ bộ", "Preliminary cause", (), _LONG),
    ("du_bao", "Dự báo diễn biến, thời gian khôi phục", "Outlook", (), _LONG),
    (
        "ky_thuat",
        "Thông tin kỹ thuật (hệ điều hành, dịch vụ, biện pháp bảo vệ, địa chỉ IP, tên miền)",
        "Technical details",
        (),
        _LONG,
    ),
    ("gui_kem", "Tài liệu gửi kèm", "Attachments", (), _LONG),
    ("giu_bi_mat", "Yêu cầu giữ bí mật", "Keep confidential", (), False),
    ("kien_nghi", "Kiến nghị, đề xuất hỗ trợ", "Requests", (), _LONG),
    ("bao_cao_luc", "Thời gian thực hiện báo cáo", "Reported at", (), False),
    # The progress report.
    ("lan_thu", "Lần báo cáo", "Sequence", (), False),
    ("so_bc_truoc", "Số báo cáo trước", "Number of the report before", WRITERS, False),
    ("ky_bao_cao", "Kỳ báo cáo", "Period", (), False),
    ("nguyen_nhan", "Nguyên nhân (xác định hoặc đang điều tra)", "Cause", WRITERS, _LONG),
    ("pham_vi_anh_huong", "Phạm vi, mức độ ảnh hưởng", "Scope and impact", WRITERS, _LONG),
    (
        "bien_phap_khac_phuc",
        "Biện pháp khắc phục đã, đang và sẽ thực hiện",
        "Remedies done, under way, to come",
        WRITERS,
        _LONG,
    ),
    ("chung_cu", "Chứng cứ thu giữ", "Evidence held", (), _LONG),
    ("kho_khan", "Khó khăn, vướng mắc", "Obstacles", (), _LONG),
    ("xin_chi_dao", "Xin ý kiến chỉ đạo", "Asks for direction", (), _LONG),
    ("de_nghi_ho_tro", "Đề nghị hỗ trợ, phối hợp", "Asks for help", (), _LONG),
    ("bc_tiep", "Thời điểm báo cáo tiếp theo", "Next report", WRITERS, False),
    # The final report.
    (
        "so_bc_ban_dau",
        "Số, ký hiệu, ngày của báo cáo ban đầu",
        "Number and day of the initial report",
        WRITERS,
        False,
    ),
    ("ten_su_co", "Tên sự cố", "Name of the incident", (), False),
    ("khoi_phuc_luc", "Thời điểm khôi phục", "Restored at", WRITERS, False),
    ("ket_thuc_luc", "Thời điểm kết thúc", "Ended at", COMMAND, False),
    ("tong_gian_doan", "Tổng thời gian gián đoạn", "Downtime", WRITERS, False),
    ("dien_bien", "Diễn biến theo thời gian", "Timeline", WRITERS, _LONG),
    ("nguyen_nhan_goc", "Nguyên nhân gốc", "Root cause", WRITERS, _LONG),
    ("thiet_hai", "Thiệt hại (dịch vụ, dữ liệu, kinh phí)", "Damage", WRITERS, _LONG),
    ("ket_qua_xu_ly", "Kết quả xử lý", "Result", WRITERS, _LONG),
    ("ben_tham_gia", "Đơn vị, người tham gia, hỗ trợ", "Parties", (), _LONG),
    ("thoi_han", "Bảng thời hạn", "Deadlines", (), _LONG),
    ("ton_tai", "Tồn tại, nguy cơ còn lại", "Residual risk", (), _LONG),
    ("bai_hoc", "Bài học kinh nghiệm", "Lessons", COMMAND, _LONG),
    ("phong_ngua", "Kiến nghị phòng ngừa", "Actions to prevent it", (), _LONG),
    ("tai_lieu", "Tài liệu đính kèm", "Documents attached", (), _LONG),
    ("phe_duyet", "Người phê duyệt kết thúc", "Approver of the end", COMMAND, False),
)
_BY_CODE = {code: (code, vi, en, by, is_long) for code, vi, en, by, is_long in _ALL}


def picked(*codes: str, need: str = "") -> tuple[Field, ...]:
    """Return fields by their codes, in this order.

    Args:
        need: The codes of those that must be filled, with spaces between.
    """
    wanted, found = set(need.split()), []
    for code in codes:
        _, vi, en, by, is_long = _BY_CODE[code]
        found.append(Field(code, vi, en, is_required=code in wanted, by=by, is_long=is_long))
    if unknown := wanted - set(codes):
        raise ValueError(f"needed and not picked: {sorted(unknown)}")
    return tuple(found)
