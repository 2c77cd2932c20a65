"""The words of a reminder of recurring duties."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from incidents.duties import DueState, Occurrence
from incidents.messages import cut, one_line
from incidents.vietnamese import ZONE
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.duties_file import Duty

SOON, OVERDUE = "duty_soon", "duty_overdue"


class Item(NamedTuple):
    """A duty of which something is to be said."""

    duty: Duty
    occurrence: Occurrence
    state: DueState


def write(items: Sequence[Item], console_url: str) -> Notice:
    """Return one message about all of them, what is overdue first."""
    late = [item for item in items if item.state is DueState.OVERDUE]
    soon = [item for item in items if item.state is not DueState.OVERDUE]
    lines = [
        *_part("VIỆC ĐỊNH KỲ QUÁ HẠN:", "hạn hết ngày", late, "vi"),
        *_part("VIỆC ĐỊNH KỲ SẮP ĐẾN HẠN:", "hạn hết ngày", soon, "vi"),
        *([f"{console_url}/due"] if console_url else []),
        "",
        *_part("RECURRING DUTIES OVERDUE:", "due by the end of", late, "en"),
        *_part("RECURRING DUTIES DUE SOON:", "due by the end of", soon, "en"),
    ]
    first = (late or soon)[0]
    word = "VIỆC ĐỊNH KỲ QUÁ HẠN" if late else "VIỆC ĐỊNH KỲ SẮP ĐẾN HẠN"
    more = f" và {len(items) - 1} việc nữa" if len(items) > 1 else ""
    subject = f"{word} · {first.duty.vi} {first.occurrence.period}{more}"
    return Notice(OVERDUE if late else SOON, cut(one_line(subject)), "\n".join(lines) + "\n")


def _part(head: str, due: str, items: Sequence[Item], language: str) -> list[str]:
    if not items:
        return []
    return [head, *(f"- {_line(item, due, language)}" for item in items)]


def _line(item: Item, due: str, language: str) -> str:
    name = item.duty.vi if language == "vi" else item.duty.en
    last_day = (item.occurrence.due_at - timedelta(seconds=1)).astimezone(ZONE)
    return one_line(f"{name} ({item.occurrence.period}), {due} {last_day:%d/%m/%Y}")
