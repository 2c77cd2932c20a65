"""What a watcher's page says: Vietnamese first, one English line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.messages import REASON_WORDS, Words, one_line
from incidents.paging import NotifyReason
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from datetime import datetime

    from collector.watching.verdict import Act, Watched

REASONS: dict[Act, NotifyReason] = {
    "page": NotifyReason.FIRST,
    "repeat": NotifyReason.REPEAT,
    "recovered": NotifyReason.RECOVERED,
}


def write(act: Act, watched: Watched, url: str, watcher: str, now: datetime) -> Words:
    """Return the words of a page about the collector at `url`."""
    first_vi, first_en = REASON_WORDS[REASONS[act]]
    problem = None if act == "recovered" else watched.problem
    since = local_time(watched.failing_since or now)
    if act == "recovered":
        said_vi, said_en = "máy chủ thu thập làm việc trở lại", "the collector works again"
        what_vi = "Việc giám sát và báo tin đã trở lại bình thường."
    else:
        said_vi, said_en = "máy chủ thu thập không làm việc", "the collector does not work"
        what_vi = (
            "Trong lúc này toàn mạng không được giám sát và không sự cố nào được báo. "
            "Kiểm tra máy chủ thu thập; nếu nó vẫn chạy, kiểm tra đường truyền từ máy canh đến nó."
        )
    lines = [
        f"{first_vi}: {said_vi}",
        f"Máy chủ thu thập: {url}",
        f"Máy canh: {watcher}",
        f"Từ: {since}",
        *([f"Dấu hiệu: {problem.vi}"] if problem else []),
        "",
        what_vi,
        "",
        f"{first_en}: {said_en} ({url}), seen from {watcher} since {since}."
        + (f" Sign: {problem.en}." if problem else ""),
    ]
    subject = one_line(f"{first_vi} · S1 · {watcher} · {said_vi}")
    return Words(subject, "\n".join(one_line(line) for line in lines) + "\n")


def write_public(act: Act, now: datetime) -> Words:
    """Return what leaves the network: neither address nor name of a machine."""
    first_vi = REASON_WORDS[REASONS[act]][0]
    state = "làm việc trở lại" if act == "recovered" else "KHÔNG làm việc"
    text = f"{first_vi} S1: hệ thống giám sát {state} ({local_time(now)})."
    return Words(text, f"{text}\n")
