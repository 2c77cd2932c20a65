"""What the numbers of +CMS ERROR and +CME ERROR mean, and which of them may pass by themselves.

Source: 3GPP TS 27.005 section 3.2.5; TS 24.011 annex E-2 (1 to 127); TS 23.040 section 9.2.3.22
(128 to 255); TS 27.007 section 9.2 (+CME ERROR).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from incidents.modem.answers import Failure


class Fault(NamedTuple):
    """What went wrong, in both languages.

    Attributes:
        may_pass: Trying the same again later may work, also because somebody sees to the modem.
    """

    vi: str
    en: str
    may_pass: bool


MESSAGES: dict[int, Fault] = {
    1: Fault("số này không có thuê bao", "the number is not assigned", False),
    8: Fault("nhà mạng chặn SIM gửi tin", "the operator bars the SIM", False),
    10: Fault("SIM bị chặn gửi tin tới số này", "calls to the number are barred", False),
    17: Fault("lỗi mạng", "failure of the network", True),
    21: Fault("tin bị từ chối (hết tiền, hoặc bị lọc)", "rejected: no credit, or filtered", True),
    22: Fault("mạng nghẽn hoặc bộ nhớ đầy", "congestion, or a full store", True),
    27: Fault("máy nhận ngoài vùng phục vụ", "the destination is out of order", True),
    28: Fault("SIM chưa được mạng nhận biết", "the network does not know the SIM", False),
    29: Fault("mạng không cho dùng dịch vụ", "the facility is rejected", False),
    30: Fault("thuê bao không tồn tại", "the subscriber is unknown", False),
    38: Fault("mạng đang hỏng", "the network is out of order", True),
    41: Fault("lỗi tạm thời của mạng", "a temporary failure", True),
    42: Fault("mạng nghẽn", "congestion", True),
    47: Fault("mạng hết tài nguyên", "resources are not available", True),
    50: Fault("SIM chưa đăng ký dịch vụ nhắn tin", "the SIM has no message service", False),
    69: Fault("mạng không có dịch vụ này", "the facility is not implemented", False),
    81: Fault("mã tham chiếu sai", "an invalid reference", True),
    95: Fault("tin sai cấu trúc", "the message is incorrect", False),
    96: Fault("tin thiếu phần bắt buộc", "a mandatory part is invalid", False),
    97: Fault("mạng không biết loại tin này", "the kind of message is unknown", False),
    98: Fault("tin không hợp với trạng thái", "the message does not fit the state", True),
    99: Fault("mạng không biết một phần của tin", "an element is unknown", False),
    111: Fault("lỗi giao thức", "a protocol error", True),
    127: Fault("lỗi liên mạng", "an interworking error", True),
    192: Fault("trung tâm tin nhắn bận", "the service centre is busy", True),
    193: Fault("SIM không thuộc trung tâm tin nhắn này", "no subscription there", False),
    194: Fault("trung tâm tin nhắn hỏng", "the service centre has failed", True),
    195: Fault("số nhận không hợp lệ", "the destination address is invalid", False),
    196: Fault("số nhận bị chặn", "the destination is barred", False),
    197: Fault("trung tâm coi là tin trùng", "rejected as a duplicate", False),
    208: Fault("bộ nhớ SIM đầy", "the SIM's store is full", True),
    300: Fault("modem lỗi", "the modem has failed", True),
    301: Fault("modem đang giữ dịch vụ tin nhắn", "the message service is reserved", True),
    302: Fault("modem không cho phép lúc này", "not allowed now", True),
    303: Fault("modem không hỗ trợ", "the modem does not support it", False),
    304: Fault("tin PDU không hợp lệ", "an invalid PDU", False),
    305: Fault("tham số không hợp lệ", "an invalid parameter", False),
    310: Fault("chưa lắp SIM", "no SIM is inserted", True),
    311: Fault("SIM cần mã PIN", "the SIM asks for its PIN", True),
    312: Fault("modem khóa theo SIM khác", "the modem is locked to another SIM", True),
    313: Fault("SIM lỗi", "the SIM has failed", True),
    314: Fault("SIM bận", "the SIM is busy", True),
    315: Fault("SIM không đúng loại", "the wrong kind of SIM", True),
    316: Fault("SIM bị khóa, cần mã PUK", "the SIM is locked and asks for its PUK", True),
    320: Fault("bộ nhớ modem lỗi", "the store has failed", True),
    321: Fault("vị trí bộ nhớ không hợp lệ", "an invalid place in the store", False),
    322: Fault("bộ nhớ tin nhắn đầy", "the store is full", True),
    330: Fault("chưa có số trung tâm tin nhắn", "the service centre is not set", True),
    331: Fault("không có sóng", "no network", True),
    332: Fault("mạng không trả lời", "the network does not answer", True),
    500: Fault("lỗi không rõ; thường do sóng yếu", "unknown; often a weak signal", True),
}
EQUIPMENT: dict[int, Fault] = {
    3: Fault("modem không cho phép lúc này", "not allowed now", True),
    4: Fault("modem không hỗ trợ", "the modem does not support it", False),
    10: MESSAGES[310],
    11: MESSAGES[311],
    12: MESSAGES[316],
    13: MESSAGES[313],
    14: MESSAGES[314],
    15: MESSAGES[315],
    16: Fault("sai mã PIN", "the PIN is wrong", False),
    20: MESSAGES[322],
    21: MESSAGES[321],
    30: MESSAGES[331],
    31: MESSAGES[332],
    32: Fault("chỉ gọi được số khẩn cấp", "emergency calls only", True),
    100: MESSAGES[500],
}
_UNNAMED = Fault("lỗi riêng của modem hoặc mạng", "an error of the modem or the network", True)


def fault_of(failure: Failure) -> Fault:
    """Return what a failure means; one that no table knows may pass."""
    if failure.code is None:
        return _UNNAMED
    return (MESSAGES if failure.family == "CMS" else EQUIPMENT).get(failure.code, _UNNAMED)


def named(failure: Failure) -> str:
    """Return a failure as it stands in logs and answers: "CMS 38: the network is out of order"."""
    code = f"{failure.family} {failure.text or failure.code}".strip() if failure.family else ""
    return f"{code or failure.text or 'ERROR'}: {fault_of(failure).en}"
