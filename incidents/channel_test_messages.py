"""The words of a test of a channel: that it is one, for whom, and that nothing has to be done."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from incidents.channel import PUBLIC
from incidents.messages import Words, cut, one_line
from incidents.vietnamese import local_time
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.channel import Reach

TEST = "test"
CHANNEL_FAILED = "channel_failed"
NOT_BACK = "it left and did not come in again"
# The modem may have taken the marks away.
_BEGINS = ("thử:", "thu:")
_PUBLIC = "THỬ: tin thử của hệ thống giám sát, không phải sự cố. Không cần làm gì."


def write_test(name: str, channel: str, reach: Reach, now: datetime, asked_by: str) -> Words:
    """Return the words of one test message; on a public channel they name nobody."""
    if reach == PUBLIC:
        return Words(_PUBLIC, f"{_PUBLIC} {local_time(now)}\n")
    lines = [
        f"THỬ: tin thử kênh {one_line(channel)}, không phải sự cố. Không cần làm gì.",
        f"Người nhận: {one_line(name)}",
        f"Lúc: {local_time(now)}",
        f"Yêu cầu: {one_line(asked_by)}",
        "",
        f"TEST of the channel {one_line(channel)}; it is no incident, nothing has to be done.",
    ]
    return Words(cut(f"THỬ · {one_line(channel)} · {local_time(now)}"), "\n".join(lines) + "\n")


def is_test(text: str) -> bool:
    """Say whether a text that came in is a test of ours."""
    return unicodedata.normalize("NFC", text).strip().casefold().startswith(_BEGINS)


def write_failed(channel: str, tested_at: datetime, error: str, console_url: str) -> Notice:
    """Return what is told over the other channels when one fails its daily test."""
    name = one_line(channel)
    lines = [
        f"KÊNH HỎNG: tin thử hằng ngày qua kênh {name} không đi được.",
        f"Gửi lúc: {local_time(tested_at)}",
        f"Lỗi: {one_line(error) or 'chưa có trả lời'}",
        "Cho đến khi sửa xong, không ai nhận được tin qua kênh này.",
        *([f"{console_url}/oncall/tests"] if console_url else []),
        "",
        one_line(f"CHANNEL FAILED: the daily test over {name} did not get through. {error}"),
    ]
    subject = f"KÊNH HỎNG · {name} · tin thử không đi được"
    return Notice(CHANNEL_FAILED, cut(subject), "\n".join(lines) + "\n")
