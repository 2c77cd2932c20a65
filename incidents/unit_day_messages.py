"""The words of the day of a unit: the reminder, the answer to a text, the news of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.messages import cut, one_line
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from incidents.unit_day import Confirmation

from incidents.vietnamese import ZONE, local_time

REMINDER, HAPPENED = "unit_day_reminder", "unit_day_happened"
ASKED = "Trả lời: KHONG CO SU CO, hoặc viết sự việc."


def public_reminder(day: date) -> str:
    """Return the reminder that may leave the network: it names nobody and nothing."""
    return f"Chưa có xác nhận ngày {day:%d/%m} của đơn vị. {ASKED}"


def reminder(day: date, units: Sequence[str], listed_at: datetime, console_url: str) -> Notice:
    """Return the reminder to one officer of all their units that have not confirmed."""
    at = listed_at.astimezone(ZONE)
    lines = [
        f"CHƯA XÁC NHẬN NGÀY {day:%d/%m/%Y}:",
        *(f"- {one_line(name)}" for name in units),
        f"Xin xác nhận trước {at:%H:%M}: không có sự cố, hoặc đã xảy ra việc gì.",
        *([f"{console_url}/day"] if console_url else []),
        "",
        one_line(f"NOT CONFIRMED YET: {day:%d/%m/%Y}, {len(units)} unit(s); due by {at:%H:%M}."),
    ]
    subject = f"CHƯA XÁC NHẬN · ngày {day:%d/%m/%Y} · {units[0]}"
    return Notice(REMINDER, cut(one_line(subject)), "\n".join(lines) + "\n")


def happened(said: Confirmation, name: str, who: str, console_url: str) -> Notice:
    """Return the news that a unit did not say "nothing happened"."""
    lines = [
        f"ĐƠN VỊ BÁO SỰ VIỆC: {one_line(name)}",
        f"Ngày: {said.day:%d/%m/%Y}; nhận lúc {local_time(said.at)}",
        f"Người báo: {one_line(said.told_by or who)}",
        f"Nội dung: {one_line(said.text)}",
        *([f"{console_url}/day/{said.unit}"] if console_url else []),
        "",
        one_line(f"A UNIT REPORTS: {name}, {said.day:%d/%m/%Y}: {said.text}"),
    ]
    subject = f"ĐƠN VỊ BÁO SỰ VIỆC · {name} · {said.text}"
    return Notice(HAPPENED, cut(one_line(subject)), "\n".join(lines) + "\n")


def taken(said: Confirmation, at: str) -> str:
    """Return the answer to a text: which day it was taken for, and as what; public."""
    what = "không có sự cố" if said.is_clean else "có sự việc"
    return f"Đã ghi nhận ngày {said.day:%d/%m}: {what} ({at}). Nhầm thì nhắn lại."
