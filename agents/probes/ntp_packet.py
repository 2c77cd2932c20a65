"""The 48 bytes of an NTP question, and what an answer says. Source: RFC 5905 sections 7.3 and 8."""

from __future__ import annotations

import struct
from typing import NamedTuple

from agents.answer import Answer

BYTES = 48
CLIENT_4, SERVER = 4 << 3 | 3, 4
UNSYNCHRONISED, MOST_STRATUM = 3, 15
NTP_TO_UNIX_SECONDS = 2_208_988_800
_PACKET = struct.Struct("!BBbbIII QQQQ".replace(" ", ""))


class Clock(NamedTuple):
    """What a server says of its clock; instants in Unix seconds.

    Attributes:
        received_at: When it had our question, by its clock; `sent_at`: when its answer left.
        root_dispersion_seconds: How wrong it thinks it may be at the most.
    """

    leap: int
    stratum: int
    root_dispersion_seconds: float
    received_at: float
    sent_at: float


def question(token: bytes) -> bytes:
    """Return a question; 8 bytes of `token` stand where our time would: nobody needs that."""
    return bytes((CLIENT_4,)) + bytes(BYTES - 9) + token


def read_answer(data: bytes, token: bytes) -> Clock | None:
    """Return what an answer to the question with this token says; None: it is none."""
    if len(data) < BYTES:
        return None
    head, stratum, _, _, _, dispersion, _, _, origin, received, sent = _PACKET.unpack_from(data)
    if head & 7 != SERVER or origin != int.from_bytes(token, "big"):
        return None
    return Clock(head >> 6, stratum, dispersion / 2**16, _unix(received), _unix(sent))


def judge(clock: Clock) -> Answer:
    """Return what it means; a stratum of 0 says that we shall not ask, or not so often."""
    if clock.stratum == 0:
        return Answer.DENIED
    is_kept = clock.leap != UNSYNCHRONISED and clock.stratum <= MOST_STRATUM
    return Answer.RIGHT if is_kept else Answer.OUT_OF_SERVICE


def offset_and_delay(clock: Clock, asked_at: float, answered_at: float) -> tuple[float, float]:
    """Return how far its clock is ahead of ours, and the way there and back, in seconds."""
    there, back = clock.received_at - asked_at, clock.sent_at - answered_at
    return (there + back) / 2, there - back


def _unix(stamp: int) -> float:
    """Seconds began anew in 2036: what lies before 1968 is after that."""
    seconds = stamp >> 32
    if seconds < 2**31:
        seconds += 2**32
    return seconds - NTP_TO_UNIX_SECONDS + (stamp & 2**32 - 1) / 2**32
