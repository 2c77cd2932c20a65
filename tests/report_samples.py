"""What tests of reports share: the letterheads of an office, and an incident that went its way."""

from __future__ import annotations

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
