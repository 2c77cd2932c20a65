"""The words to the owner of a maintenance window: that it ends, and what is still broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from incidents.messages import cut, one_line
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST_LISTED = 50
ENDS_SOON = "maintenance_ends"
STILL_BROKEN = "maintenance_over"


class Notice(NamedTuple):
    """What a notice says, and why it is sent."""

    reason: str
    subject: str
    body: str


def ends_soon(what: str, ends_at: datetime, console_url: str) -> Notice:
    """Return the reminder of a window's end."""
    at = local_time(ends_at)
    lines = [
        f"SẮP HẾT BẢO TRÌ: {one_line(what)}",
        f"Kết thúc lúc: {at}",
        "Sau lúc đó, những gì còn lỗi sẽ được báo động. Cần thêm thời gian thì lập lịch mới.",
        *_link(console_url),
        "",
        one_line(f"MAINTENANCE ENDS SOON: {what}, at {at}. What is broken then is paged."),
    ]
    return _notice(ENDS_SOON, f"SẮP HẾT BẢO TRÌ · {what} · {at}", lines)


def still_broken(what: str, broken: Sequence[tuple[str, str]], console_url: str) -> Notice:
    """Return the list of what is still broken at the end; each Vietnamese and English."""
    shown = broken[:MOST_LISTED]
    lines = [
        f"CÒN LỖI SAU BẢO TRÌ: {one_line(what)}",
        f"Số cảnh báo còn: {len(broken)}",
        *(f"- {one_line(vi)}" for vi, _ in shown),
        *([f"- và {len(broken) - len(shown)} cảnh báo nữa"] if len(broken) > len(shown) else []),
        *_link(console_url),
        "",
        "STILL BROKEN AFTER MAINTENANCE:",
        *(f"- {one_line(en)}" for _, en in shown),
    ]
    return _notice(STILL_BROKEN, f"CÒN LỖI SAU BẢO TRÌ · {len(broken)} cảnh báo · {what}", lines)


def _notice(reason: str, subject: str, lines: Sequence[str]) -> Notice:
    return Notice(reason, cut(one_line(subject)), "\n".join(lines) + "\n")


def _link(console_url: str) -> list[str]:
    return [f"{console_url}/mutes"] if console_url else []
