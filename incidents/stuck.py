"""The auditor's judgement: is a clock, an escalation or a message stuck though everything runs?

It looks at what should have happened by now and did not, whoever should have done it; so it finds
what the part itself would not notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

# The desk turns every five seconds, ten incidents at once; a channel looks every thirty seconds.
TURN_PATIENCE = timedelta(minutes=2)
MESSAGE_PATIENCE = timedelta(minutes=5)
# A voice call rings for 45 s, a long text takes its time; longer than this nobody sends.
SENDING_PATIENCE = timedelta(minutes=5)
UNTOLD_PATIENCE = timedelta(minutes=5)


class Stuck(StrEnum):
    """What does not move."""

    TURN = "turn"
    MESSAGE = "message"
    SENDING = "sending"
    DEADLINE = "deadline"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Overdue:
    """What waits longest of its kind, and since when.

    Attributes:
        turn_due_at: Of an incident that the desk should have looked at.
        message_due_at: Of a message that nobody has claimed.
        sending_since: Of a message that is being sent.
        deadline: Incident and name of a term that passed with nobody told, and when it was due;
            of one that not everybody may see both are empty.
        page: An S1 or S2 of which no page has left, and since when the first one waits.
    """

    turn_due_at: datetime | None = None
    message_due_at: datetime | None = None
    sending_since: datetime | None = None
    deadline: tuple[str, str, datetime] | None = None
    page: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is stuck, in both languages; `about` is for those who may see incidents."""

    kind: Stuck
    since: datetime
    vi: str
    en: str
    about: str = ""


def findings(seen: Overdue, started_at: datetime, now: datetime) -> tuple[Finding, ...]:
    """Return what is stuck at this instant; what waited through a stop is given its time anew."""

    def beyond(since: datetime | None, patience: timedelta) -> datetime | None:
        is_late = since is not None and now - max(since, started_at) > patience
        return since if is_late else None

    return tuple(_findings(seen, beyond))


def _findings(
    seen: Overdue, beyond: Callable[[datetime | None, timedelta], datetime | None]
) -> Iterator[Finding]:
    if (since := beyond(seen.turn_due_at, TURN_PATIENCE)) is not None:
        yield Finding(
            Stuck.TURN, since, "bàn trực chưa xét sự cố đã đến lúc",
            "the desk has not looked at an incident that is due",
        )  # fmt: skip
    if (since := beyond(seen.message_due_at, MESSAGE_PATIENCE)) is not None:
        yield Finding(
            Stuck.MESSAGE, since, "tin đến giờ gửi mà chưa kênh nào lấy",
            "a message that is due was claimed by no channel",
        )  # fmt: skip
    if (since := beyond(seen.sending_since, SENDING_PATIENCE)) is not None:
        yield Finding(
            Stuck.SENDING, since, "tin đang gửi mãi không xong",
            "a message is being sent and does not come to an end",
        )  # fmt: skip
    if seen.deadline is not None and beyond(seen.deadline[2], TURN_PATIENCE) is not None:
        code, name, since = seen.deadline
        yield Finding(
            Stuck.DEADLINE, since, "một thời hạn đã qua mà chưa báo ai",
            "a term passed and nobody was told", f"{code} {name}".strip(),
        )  # fmt: skip
    if seen.page is not None and beyond(seen.page[1], UNTOLD_PATIENCE) is not None:
        code, since = seen.page
        yield Finding(
            Stuck.PAGE, since, "có sự cố mà chưa tin nào đến được người trực",
            "no page of an incident has reached anybody", code,
        )  # fmt: skip
