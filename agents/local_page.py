"""The page for the person at the machine: three lights from what agent and province know."""

from __future__ import annotations

from typing import NamedTuple

from agents.report import HARMFUL

GOOD, ATTENTION, BAD, UNKNOWN = "good", "attention", "bad", "unknown"
MOST_KNOWN, MOST_CHARACTERS = 5, 200
# What the console calls them; a test holds the two together.
CHECKS = {
    "battery": "Nguồn điện và pin",
    "bonding": "Cổng mạng ghép",
    "boot": "Khởi động",
    "certificates": "Chứng thư số",
    "clock": "Đồng hồ",
    "conntrack": "Bảng kết nối của tường lửa",
    "cpu": "CPU và tải",
    "disk": "Ổ đĩa",
    "filesystem": "Hệ thống tệp",
    "identity": "Hệ điều hành và máy",
    "interfaces": "Cổng mạng",
    "memory": "Bộ nhớ",
    "network": "Lưu lượng mạng",
    "pressure": "Thời gian chờ tài nguyên",
    "processes": "Tiến trình và tệp mở",
    "raid": "Cụm RAID",
    "services": "Dịch vụ",
    "textfile": "Số liệu bổ sung",
    "updates": "Bản vá và khởi động lại",
}
TROUBLES = {
    None: "Không kết nối được tới máy chủ thu thập của tỉnh.",
    401: "Máy chủ thu thập của tỉnh chưa nhận máy này.",
    409: "Máy chủ thu thập thấy hai máy dùng chung một khóa.",
    503: "Máy chủ thu thập của tỉnh đang bận, tác tử sẽ gửi lại.",
}


class Matter(NamedTuple):
    """Something that the province knows of this host; `since` is Unix time in seconds."""

    since: float
    text: str


class Device(NamedTuple):
    """A device that this machine looks at, and whether it answers as it should."""

    name: str
    is_good: bool


class Line(NamedTuple):
    """How the last requests to the collector went.

    Attributes:
        status: Of the last answer; None when none came.
        accepted_at: When a report was last accepted, Unix seconds; None when none ever was.
        waiting: Reports that wait.
    """

    status: int | None = None
    accepted_at: float | None = None
    waiting: int = 0
    was_tried: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the last report was accepted."""
        return self.status == 202


class Facts(NamedTuple):
    """What the page says.

    Attributes:
        known: What the province knew at `line.accepted_at`; None when it never said.
        failing: Names of checks that fail.
        contacts: Whom to call, a line each.
        is_running: The agent runs; otherwise it was stopped in order.
    """

    host: str
    agent: str
    line: Line = Line()
    known: tuple[Matter, ...] | None = None
    failing: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    contacts: tuple[str, ...] = ()
    is_running: bool = True


class Light(NamedTuple):
    """One of the three; `lines` say more below it.

    Attributes:
        has_begun: It makes sense to say since when.
    """

    title: str
    state: str
    word: str
    lines: tuple[str, ...] = ()
    has_begun: bool = True


def lights(facts: Facts) -> tuple[Light, Light, Light]:
    """Return the three lights. What is not known now is never green."""
    three = (_machine(facts), _devices(facts), _line(facts.line))
    if facts.is_running:
        return three
    machine, devices, line = (Light(light.title, UNKNOWN, "Không theo dõi") for light in three)
    return machine, devices, line


def _machine(facts: Facts) -> Light:
    title = "Máy này"
    failing = tuple(f"Không đọc được: {CHECKS.get(name, name)}." for name in facts.failing)
    if facts.known:
        return Light(title, BAD, "Có vấn đề, tỉnh đã biết", failing)
    if failing:
        return Light(title, ATTENTION, "Có phần không đo được", failing)
    if facts.known is None or not facts.line.is_good:
        measured = "Tác tử trên máy đo được mọi thứ"
        return Light(
            title, UNKNOWN, "Chưa rõ", (f"{measured}, nhưng chưa biết tỉnh đánh giá ra sao.",)
        )
    return Light(title, GOOD, "Bình thường")


def _devices(facts: Facts) -> Light:
    title = "Thiết bị phòng họp"
    if not facts.devices:
        none = "Không có thiết bị nào được giao cho máy này kiểm tra."
        return Light(title, UNKNOWN, "Không có", (none,), has_begun=False)
    bad = tuple(f"{device.name}: không đạt." for device in facts.devices if not device.is_good)
    if bad:
        return Light(title, BAD, f"{len(bad)}/{len(facts.devices)} thiết bị có vấn đề", bad)
    return Light(title, GOOD, f"{len(facts.devices)} thiết bị bình thường")


def _line(line: Line) -> Light:
    title = "Đường truyền lên tỉnh"
    if not line.was_tried:
        return Light(title, UNKNOWN, "Chưa rõ", ("Chưa gửi báo cáo nào.",), has_begun=False)
    if line.is_good:
        return Light(title, GOOD, "Thông")
    other = f"Máy chủ thu thập trả lời không đúng ({line.status})."
    why = TROUBLES.get(line.status, other)
    kept = f"Máy đang giữ {line.waiting} báo cáo và sẽ gửi sau."
    state, word = (BAD, "Mất") if line.status is None else (ATTENTION, "Có kết nối, chưa gửi được")
    return Light(title, state, word, (why, kept))


def clean(text: str) -> str:
    """Return a text of somebody else's, harmless and short."""
    return HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text.strip())[:MOST_CHARACTERS]
