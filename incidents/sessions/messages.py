"""The words to the technicians of a session: that it is planned anew, elsewhen, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.messages import cut, one_line
from incidents.vietnamese import local_time
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from datetime import timedelta

    from incidents.sessions.model import Session

MOVED, CANCELLED = "session_moved", "session_cancelled"


def moved(before: Session, after: Session, pre_check: timedelta, console_url: str) -> Notice:
    """Return the news of another time."""
    old, new = _span(before), _span(after)
    check = local_time(after.starts_at - pre_check)
    lines = [
        f"ĐỔI GIỜ PHIÊN HỘI NGHỊ: {one_line(after.name)}",
        f"Giờ cũ: {old}",
        f"Giờ mới: {new}",
        f"Kiểm tra trước phiên từ {check}; kỹ thuật có mặt tại điểm cầu từ lúc đó.",
        "Xin xác nhận lại với đầu mối của phiên.",
        *_link(after, console_url),
        "",
        one_line(f"CONFERENCE MOVED: {after.name}, from {old} to {new}; pre-check from {check}."),
    ]
    return _notice(MOVED, f"ĐỔI GIỜ · {after.name} · {local_time(after.starts_at)}", lines)


def cancelled(session: Session, reason: str, console_url: str) -> Notice:
    """Return the news that it is not held."""
    at = _span(session)
    lines = [
        f"HỦY PHIÊN HỘI NGHỊ: {one_line(session.name)}",
        f"Giờ đã định: {at}",
        *([f"Lý do: {one_line(reason)}"] if reason else []),
        *_link(session, console_url),
        "",
        one_line(f"CONFERENCE CANCELLED: {session.name}, {at}."),
    ]
    return _notice(
        CANCELLED, f"HỦY PHIÊN · {session.name} · {local_time(session.starts_at)}", lines
    )


def _span(session: Session) -> str:
    return f"{local_time(session.starts_at)} – {local_time(session.ends_at)}"


def _link(session: Session, console_url: str) -> list[str]:
    return [f"{console_url}/sessions/{session.id}"] if console_url else []


def _notice(reason: str, subject: str, lines: list[str]) -> Notice:
    return Notice(reason, cut(one_line(subject)), "\n".join(lines) + "\n")
