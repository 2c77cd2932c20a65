"""The report of a conference session: the template `nk_hoi_nghi`, signed by two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.reports.document import Signer
from incidents.reports.kind import Field, ReportKind
from incidents.reports.sections import Columns, Section, blocks_of, document_of

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from incidents.reports.kind import Filling

POINTS = Columns(
    ("TT", "Điểm cầu", "Phương thức", "Người trực, điện thoại", "Xác nhận"), (1, 5, 4, 5, 3)
)
CHECKS = Columns(("Lúc", "Trước giờ họp", "Kết quả", "Chưa sẵn sàng"), (3, 2, 4, 6))
ATTENDANCE = Columns(
    ("TT", "Điểm cầu", "Kiểm tra", "Điểm danh", "Vào", "Rời", "Vào lại", "Phút mất", "Sẵn sàng"),
    (1, 5, 3, 3, 2, 2, 2, 2, 2.5),
    ("center", "left", "left", "left", "center", "center", "right", "right", "right"),
)
JOURNAL = Columns(
    ("Từ", "Đến", "Điểm cầu", "Hiện tượng", "Xử lý, dự phòng", "Phút", "Người ghi", "Sự cố"),
    (2, 2, 4, 3, 5, 1.6, 3, 3),
    ("center", "center", "left", "left", "left", "right", "left", "left"),
)
QUALITY = Columns(
    (
        "Điểm cầu",
        "Mất gói %",
        "Biến động trễ ms",
        "Trễ hai chiều ms",
        "Mất gói cuộc gọi %",
        "Đánh giá",
    ),
    (5, 3, 3, 3, 3, 3),
    ("left", "right", "right", "right", "right", "left"),
)
INCIDENTS = Columns(
    ("Mã", "Nội dung", "Phát hiện", "Tiếp nhận sau", "Khôi phục sau", "Tình trạng"),
    (3, 6, 4, 3, 3, 2.5),
)
COMPARED = Columns(
    ("Lúc", "Phiên", "Điểm cầu", "Hiện tượng", "Phút mất", "Sẵn sàng"),
    (4, 6, 2, 2, 2, 2.5),
    ("left", "left", "right", "right", "right", "right"),
)
ITEMS = Columns(("Việc", "Người phụ trách", "Hạn"), (7, 4, 3))
SECTIONS = (
    Section("Phiên hội nghị", "phien", "ke_hoach", "thuc_te"),
    Section("Điểm cầu", "diem_cau", "kiem_tra_truoc", diem_cau=POINTS, kiem_tra_truoc=CHECKS),
    Section("Tham dự, gián đoạn", "tham_du", "tong_so", tham_du=ATTENDANCE),
    Section("Diễn biến", "nhat_ky", "bo_sot", nhat_ky=JOURNAL),
    Section("Sự cố", "su_co", "phan_ung", su_co=INCIDENTS),
    Section("Chất lượng (trung bình / 1 % xấu nhất)", "chat_luong", chat_luong=QUALITY),
    Section("So với các phiên trước", "so_sanh", so_sanh=COMPARED),
    Section("Việc còn lại, đề xuất", "ton_tai", "de_xuat", ton_tai=ITEMS),
)
BY = ("truc_ca", "can_bo_don_vi", "chi_huy", "thu_ky_hn")


def compose(filling: Filling) -> Document:
    """Return the document; who puts it up signs on the left, who confirms it on the right."""
    about = f"Kết quả phiên hội nghị trực tuyến “{filling.facts.get('ten', '')}”"
    signers = (Signer("NGƯỜI TRỰC"), Signer("PHỤ TRÁCH KỸ THUẬT"))
    return document_of(SESSION, filling, about, blocks_of(SESSION, filling, SECTIONS), signers)


SESSION = ReportKind(
    code="session",
    vi="Báo cáo phiên hội nghị",
    en="Session report",
    about="session",
    serves=("nk_hoi_nghi",),
    compose=compose,
    is_by_two=True,
    fields=(
        Field("phien", "Thông tin phiên", "Session", is_required=True),
        Field("ke_hoach", "Giờ theo kế hoạch", "Planned", is_required=True),
        Field("thuc_te", "Giờ thực tế (phiên phải kết thúc)", "As it was", is_required=True),
        Field("diem_cau", "Danh sách điểm cầu", "Points", is_required=True),
        Field("kiem_tra_truoc", "Kiểm tra trước phiên", "Pre-check", is_required=True, by=BY),
        Field("tham_du", "Tham dự của từng điểm cầu", "Attendance", is_required=True),
        Field("tong_so", "Tổng số", "Totals", is_required=True),
        Field("nhat_ky", "Nhật ký sự cố (đóng nhật ký trước)", "Log", is_required=True),
        Field("bo_sot", "Kiểm tra trước phiên không phát hiện", "Missed by the pre-check"),
        Field("su_co", "Sự cố đã mở", "Incidents", is_required=True),
        Field("phan_ung", "Phản ứng", "Reaction"),
        Field(
            "chat_luong", "Chất lượng đo được (có 10 phút sau khi phiên kết thúc)", "Quality",
            is_required=True, by=BY, is_long=True,
        ),
        Field("so_sanh", "Năm phiên gần nhất", "Last five sessions"),
        Field("ton_tai", "Việc còn lại", "Left to do", is_required=True, by=BY, is_long=True),
        Field("de_xuat", "Nhận xét, đề xuất", "Remarks", by=BY, is_long=True),
        Field("noi_nhan", "Nơi nhận", "Recipients", is_long=True),
    ),
)  # fmt: skip
