"""A call that wakes: when to go on ringing, when to hang up, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.modem.answers import Call

# States of a call. Source: 3GPP TS 27.007 section 7.18: 0 active, 1 held, 2 dialling, 3 alerting.
_ANSWERED = frozenset({0, 1})
_ALERTING = 3
# A call that is in no list yet may still be set up.
SET_UP_SECONDS = 5.0
# So that whoever answered notices that somebody called.
ANSWERED_SECONDS = 3.0


class Result(StrEnum):
    """What came of a call."""

    ANSWERED = "answered"
    NOT_ANSWERED = "not answered"
    BUSY = "busy"
    NO_CARRIER = "no carrier"
    FAILED = "failed"


class Rang(NamedTuple):
    """What came of a call, and how long it rang or was set up."""

    result: Result
    seconds: float
    why: str = ""


def judge(
    calls: Sequence[Call], ended: str, *, elapsed_seconds: float, ring_seconds: float, rang: bool
) -> Result | None:
    """Return what came of a call; None: let it ring on.

    Args:
        calls: What the modem lists now.
        ended: The line that ended the call ("BUSY", "NO CARRIER", …), empty: none was said.
        rang: It was seen ringing at the other end before.
    """
    ours = [call for call in calls if call.is_outgoing]
    if any(call.state in _ANSWERED for call in ours):
        return Result.ANSWERED
    if ended == "BUSY":
        return Result.BUSY
    if ended == "NO ANSWER":
        return Result.NOT_ANSWERED
    is_gone = bool(ended) or (not ours and (rang or elapsed_seconds >= SET_UP_SECONDS))
    if is_gone:
        return Result.NOT_ANSWERED if rang else Result.NO_CARRIER
    return Result.NOT_ANSWERED if elapsed_seconds >= ring_seconds else None


def is_ringing(calls: Sequence[Call]) -> bool:
    """Say whether a call of ours rings at the other end."""
    return any(call.is_outgoing and call.state == _ALERTING for call in calls)
