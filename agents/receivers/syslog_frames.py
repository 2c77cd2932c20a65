"""Where one syslog message ends and the next begins in a stream. Source: RFC 6587 section 3.4."""

from __future__ import annotations

from agents.receivers.syslog_message import MOST_BYTES

_MOST_DIGITS = 5


class BadStream(ValueError):
    """What comes is cut in no way that is known: the rest cannot be read."""


class Frames:
    """Cuts what came on one connection: by a count of bytes before each message, or by lines."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now.

        Raises:
            BadStream: A message is longer than what is read, or its count is none.
        """
        self._held += data
        found: list[bytes] = []
        while self._held:
            counted = self._held[:1].isdigit()
            one = self._take_counted() if counted else self._take_line()
            if one is None:
                break
            found.append(one)
        return [one for one in found if one]

    def _take_counted(self) -> bytes | None:
        digits, space, _ = self._held[: _MOST_DIGITS + 1].partition(b" ")
        if not digits.isdigit() or len(digits) > _MOST_DIGITS:
            raise BadStream("a count that is no number")
        if not space:
            return None
        size, start = int(digits), len(digits) + 1
        if size > self._most:
            raise BadStream(f"a message of {size} bytes")
        if len(self._held) < start + size:
            return None
        one, self._held = self._held[start : start + size], self._held[start + size :]
        return one

    def _take_line(self) -> bytes | None:
        line, end, rest = self._held.partition(b"\n")
        if len(line) > self._most:
            raise BadStream(f"a line of more than {self._most} bytes")
        if not end:
            return None
        self._held = rest
        return line
