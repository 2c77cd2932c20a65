"""The words of a message about certificates that end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.certificates import EXPIRED, KINDS, STEPS
from incidents.messages import cut, one_line
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from incidents.certificates import Certificate, News

REASON = "certificates"
MOST_LISTED = 100
_KINDS = dict(
    zip(
        KINDS,
        (("cá nhân", "of a person"), ("cơ quan", "of an office"), ("máy chủ", "of a server")),
        strict=True,
    )
)


def write(items: Sequence[News], units: Mapping[str, str], today: date, console_url: str) -> Notice:
    """Return one message about all of them, those that end first at the top.

    Args:
        items: At least one.
        units: Names by code.
    """
    first = items[0].certificate
    more = f" và {len(items) - 1} chứng thư nữa" if len(items) > 1 else ""
    word = "CHỨNG THƯ HẾT HẠN" if items[0].step == EXPIRED else "CHỨNG THƯ SẮP HẾT HẠN"
    lines: list[str] = []
    for place in (0, 1):
        lines += _lists(items, units, today, place)
        if place == 0:
            lines += [*([f"{console_url}/certificates"] if console_url else []), ""]
    subject = f"{word} · {first.name} {first.valid_to:%d/%m/%Y}{more}"
    return Notice(REASON, cut(one_line(subject)), "\n".join(lines) + "\n")


def _lists(items: Sequence[News], units: Mapping[str, str], today: date, place: int) -> list[str]:
    lines: list[str] = []
    shown = items[:MOST_LISTED]
    for step in (EXPIRED, *reversed(STEPS)):
        of_step = [item for item in shown if item.step == step]
        if of_step:
            lines.append(_head(step, place))
            lines += [f"- {_line(one.certificate, units, today, place)}" for one in of_step]
    left = len(items) - len(shown)
    if left:
        lines.append((f"và {left} chứng thư nữa", f"and {left} more")[place])
    return lines


def _head(step: int, place: int) -> str:
    if step == EXPIRED:
        return ("ĐÃ HẾT HẠN:", "EXPIRED:")[place]
    return (f"CÒN KHÔNG QUÁ {step} NGÀY:", f"AT MOST {step} DAYS LEFT:")[place]


def _line(one: Certificate, units: Mapping[str, str], today: date, place: int) -> str:
    left = one.days_left(today)
    unit = units.get(one.unit, one.unit)
    kind = _KINDS[one.kind][place]
    if place == 0:
        rest = f"còn {left} ngày" if left >= 0 else f"quá {-left} ngày"
        token = f", thiết bị {one.token}" if one.token else ""
        said = f"{one.name} ({kind}), {unit}, số {one.serial}{token}"
        return one_line(f"{said}: hết hạn {one.valid_to:%d/%m/%Y}, {rest}")
    rest = f"{left} days left" if left >= 0 else f"{-left} days ago"
    token = f", token {one.token}" if one.token else ""
    said = f"{one.name} ({kind}), {unit}, number {one.serial}{token}"
    return one_line(f"{said}: ends {one.valid_to:%d/%m/%Y}, {rest}")
