"""What came back from a target that a probe asked, in one closed list for all protocols."""

from __future__ import annotations

from enum import IntEnum


class Answer(IntEnum):
    """What came back; the number is the value of `wanwatch_probe_answer_code`."""

    RIGHT = 0
    REFUSED = 1
    SILENT = 2
    GARBAGE = 3
    DENIED = 4
    OUT_OF_SERVICE = 5
    BUSY = 6
    UNREGISTERED = 7
    WRONG_CONTENT = 8
    NO_HANDSHAKE = 9
    UNKNOWN = 10
    UNTRUSTED = 11

    @property
    def is_alive(self) -> bool | None:
        """Whether somebody who speaks the protocol is there; None: that cannot be said."""
        if self in (Answer.REFUSED, Answer.SILENT, Answer.GARBAGE, Answer.NO_HANDSHAKE):
            return False
        return None if self in (Answer.UNKNOWN, Answer.UNTRUSTED) else True
