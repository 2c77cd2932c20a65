"""What somebody asks to be quiet → what is stored, or a refusal that says what is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.hours.hours import parse_hours
from collector.mutes.mutes import LONGEST_MAINTENANCE, LONGEST_SILENCE
from incidents.conditions import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.storage.mutes import NewMute

MAX_REASON_CHARACTERS = 500


def check(
    new: NewMute, now: datetime, *, exists: Callable[[str, str], bool], most_severe: str = ""
) -> None:
    """Refuse a silence or window that covers nothing, gives no reason or lasts too long.

    Args:
        exists: Says whether there is an agent, unit or rule of a name.
        most_severe: The severity of the incident it is asked for; the worst cannot be silenced.

    Raises:
        Refused: With everything that is wrong.
    """
    found = list(_problems(new, now, exists))
    if most_severe == "S1" and new.kind == "silence":
        found.append(("Sự cố S1 không được tạm tắt báo.", "An S1 cannot be silenced.", "severity"))
    if found:
        raise Refused(
            " ".join(vi for vi, _, _ in found),
            " ".join(en for _, en, _ in found),
            [need for _, _, need in found],
        )


def _problems(
    new: NewMute, now: datetime, exists: Callable[[str, str], bool]
) -> Iterator[tuple[str, str, str]]:
    named = {"agent": new.agent, "unit": new.unit, "rule": new.rule}
    if not any(named.values()) and not new.matchers:
        yield (
            "Cần chọn máy, đơn vị hoặc quy tắc cảnh báo.",
            "A host, a unit or a rule is needed.",
            "scope",
        )
    for what, name in named.items():
        if name and not exists(what, name):
            yield f"Không có {name!r}.", f"There is no {what} {name!r}.", what
    if not new.reason.strip() or len(new.reason) > MAX_REASON_CHARACTERS:
        yield "Cần ghi lý do, ngắn gọn.", "A short reason is needed.", "reason"
    if new.kind == "maintenance" and not new.owner.strip():
        yield "Cần ghi người phụ trách.", "An owner is needed.", "owner"
    yield from _time_problems(new, now)


def _time_problems(new: NewMute, now: datetime) -> Iterator[tuple[str, str, str]]:
    longest = LONGEST_SILENCE if new.kind == "silence" else LONGEST_MAINTENANCE
    if new.ends_at <= max(new.starts_at, now):
        yield "Phải kết thúc sau lúc bắt đầu và sau bây giờ.", "It must end later.", "ends_at"
    elif new.ends_at - new.starts_at > longest:
        days = longest.days
        yield f"Dài nhất {days} ngày.", f"At most {days} days.", "ends_at"
    try:
        parse_hours(new.weekly)
    except ValueError as error:
        yield f"Giờ hằng tuần không đúng: {error}", f"The weekly times are wrong: {error}", "weekly"
