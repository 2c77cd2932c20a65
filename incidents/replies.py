"""Replies by short message: `1 CODE` acknowledges, `2 CODE` passes on, `0 CODE` asks for more.

People type this at two in the morning: case, spaces, the dash, the prefix and the year may be
missing where one open incident remains. Nothing is ever guessed beyond that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from incidents.modem.gsm7 import without_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

# A digit alone is about the one incident that was paged to this number in this time.
BARE_WITHIN = timedelta(hours=2)
ANSWER_PAUSE = timedelta(minutes=1)
# What is kept of texts: a reply is short; what strangers write is nobody's business.
MAX_TEXT = 300
MAX_STRANGER_TEXT = 40
_NUMBER_DIGITS_WITH_YEAR = 6

_ASKED = re.compile(r"([012])(?:[ .,:;_/-]+(.*)|([A-Z].*))?")
_CODE = re.compile(r"([A-Z]{2})?[ ._-]*(?:([0-9]{2})[ ./_-]+)?([0-9]{1,8})")
_OWN_CODE = re.compile(r"([A-Z]{2})([0-9]{2})-([0-9]+)")
# Words that change nothing: "1 SC26-0001 nhé".
_POLITE = re.compile(r"(?:[ .,!]+(?:A|NHE|OK|E|EM|ANH|CHI|VANG|DA))*[ .,!]*$")


class Act(StrEnum):
    """What somebody asks for."""

    DETAIL = "0"
    ACKNOWLEDGE = "1"
    FORWARD = "2"


class Outcome(StrEnum):
    """What became of a message that came in."""

    ACKNOWLEDGED = "acknowledged"
    PASSED_ON = "passed_on"
    NOT_PASSED_ON = "not_passed_on"
    DETAIL_GIVEN = "detail_given"
    TEST_RETURNED = "test_returned"
    DAY_CONFIRMED = "day_confirmed"
    UNKNOWN_NUMBER = "unknown_number"
    UNREADABLE = "unreadable"
    NO_SUCH_INCIDENT = "no_such_incident"
    WHICH_INCIDENT = "which_incident"
    ALREADY = "already"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    WHICH_UNIT = "which_unit"


class Asked(NamedTuple):
    """A reply as it is understood; what is missing is None."""

    act: Act
    prefix: str | None = None
    year: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open incident that the sender may see.

    Attributes:
        paged_at: When it was last paged to the sender's number; None: not lately.
    """

    code: str
    paged_at: datetime | None = None


def understand(text: str) -> Asked | None:
    """Return what a reply asks for; None: it says something else."""
    plain = " ".join(without_marks(text).upper().split())
    found = _ASKED.fullmatch(_POLITE.sub("", plain))
    if found is None:
        return None
    act, code = Act(found[1]), (found[2] or found[3] or "").strip()
    if not code:
        return Asked(act)
    named = _CODE.fullmatch(code)
    if named is None:
        return None
    prefix, year, number = named.groups()
    if year is None and len(number) >= _NUMBER_DIGITS_WITH_YEAR:
        year, number = number[:2], number[2:]
    return Asked(act, prefix, None if year is None else int(year), int(number))


def choose(asked: Asked, candidates: Iterable[Candidate], now: datetime) -> Sequence[Candidate]:
    """Return the incidents that a reply may be about: it is carried out when there is one."""
    if asked.number is None:
        return [c for c in candidates if c.paged_at is not None and now - c.paged_at <= BARE_WITHIN]
    return [c for c in candidates if _is_meant(asked, c.code)]


def refusal(asked: Asked | None, chosen: Sequence[Candidate]) -> Outcome | None:
    """Return why a reply is not carried out, or None: it is about one incident."""
    if asked is None:
        return Outcome.UNREADABLE
    if not chosen:
        return Outcome.WHICH_INCIDENT if asked.number is None else Outcome.NO_SUCH_INCIDENT
    return Outcome.WHICH_INCIDENT if len(chosen) > 1 else None


def answer(outcome: Outcome, code: str, at: str) -> str:
    """Return what is answered: one short public message; empty: nothing.

    Args:
        code: Of the incident; empty where not even that may leave the network.
        at: The time of day, as people read it.
    """
    about = f"{code}: " if code else ""
    words = {
        Outcome.ACKNOWLEDGED: f"{about}đã ghi nhận tiếp nhận lúc {at}.",
        Outcome.PASSED_ON: f"{about}đã chuyển cho người kế tiếp lúc {at}.",
        Outcome.NOT_PASSED_ON: f"{about}không chuyển được; việc vẫn như trước.",
        Outcome.ALREADY: f"{about}đã có người tiếp nhận trước.",
        Outcome.NOT_ALLOWED: f"{about}số này không có quyền làm việc đó.",
        Outcome.REFUSED: f"{about}chưa làm được; xem bảng theo dõi.",
        Outcome.NO_SUCH_INCIDENT: "Không có sự cố đang mở với mã này. Kiểm tra lại mã.",
        Outcome.WHICH_INCIDENT: "Cần ghi rõ mã sự cố. Ví dụ: 1 SC26-0001",
        Outcome.WHICH_UNIT: "Số này phụ trách nhiều đơn vị: xin xác nhận trên trang của đơn vị.",
        Outcome.UNREADABLE: "Không hiểu. Gửi: 1 MÃ (nhận), 2 MÃ (chuyển), 0 MÃ (hỏi)",
    }
    return words.get(outcome, "")


def may_answer(last_answer_at: datetime | None, now: datetime) -> bool:
    """Say whether a number is answered: at most once a minute."""
    return last_answer_at is None or now - last_answer_at >= ANSWER_PAUSE


def kept_text(text: str, *, is_stranger: bool) -> str:
    """Return what is kept of a message."""
    return one_line(text)[: MAX_STRANGER_TEXT if is_stranger else MAX_TEXT]


def one_line(text: str) -> str:
    """Return a text with a space in the place of whatever cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)


def _is_meant(asked: Asked, code: str) -> bool:
    own = _OWN_CODE.fullmatch(code)
    if own is None or int(own[3]) != asked.number:
        return False
    return asked.prefix in (None, own[1]) and asked.year in (None, int(own[2]))
