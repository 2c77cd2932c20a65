"""Takes notifications of SNMPv3 from users it knows, and answers what must be answered.

Nothing is remembered of who could not sign. Source: RFC 3414 sections 3.2 and 4, RFC 3412
section 7.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.receivers import usm
from agents.receivers.notification import NotSnmp, Pdu
from agents.receivers.v3_message import (
    AUTH,
    PRIV,
    REPORTABLE,
    Envelope,
    Scoped,
    Security,
    read_envelope,
    read_scoped,
    request_number,
    write_message,
    write_report,
    write_scoped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.receivers.usm import Keys
    from agents.snmp.credential import User

WINDOW_SECONDS = 150
MOST_ENGINES = 1_000
# Which counter of RFC 3414 a report names.
UNKNOWN_ENGINE, NOT_IN_TIME = "1.3.6.1.6.3.15.1.1.4.0", "1.3.6.1.6.3.15.1.1.2.0"
# RFC 3411 section 5, snmpEngineID: the first bit, no enterprise's number, octets of our own.
_OWN_OCTETS = b"\x80\x00\x00\x00\x05"
DENIED, STALE, ASKED = "denied", "stale", "asked"


def engine_id(token: bytes) -> bytes:
    """Return an identifier of our own out of bytes that nobody else has."""
    return _OWN_OCTETS + token


class Taken(NamedTuple):
    """What became of a message.

    Attributes:
        refused: Why it was not taken; empty when it was.
        pdu: The notification, when it was taken.
        answer: What goes back; empty for nothing.
    """

    refused: str = ""
    pdu: Pdu | None = None
    answer: bytes = b""


class _Clock(NamedTuple):
    """What another engine said last of its own clock, and when we heard it."""

    boots: int
    time: int
    at: float


class Engine:
    """Who we are to those who send informs, and what we know of those who send traps.

    Args:
        engine: Our identifier; the same after a restart.
        boots: How often we started with it.
        monotonic: Seconds that only grow.
        first_salt: A number that nobody can guess.
    """

    def __init__(
        self,
        users: Sequence[User],
        engine: bytes,
        boots: int,
        monotonic: Callable[[], float],
        first_salt: int,
    ) -> None:
        self._users = {user.user: user for user in users}
        self._own, self._boots, self._monotonic = engine, boots, monotonic
        self._started_at = monotonic()
        self._salt = first_salt
        self._clocks: dict[bytes, _Clock] = {}
        self._masters = {user.user: usm.master_of(user) for user in users}
        self._reports = 0

    def take(self, message: bytes) -> Taken:
        """Return what became of a message.

        Raises:
            NotSnmp: It is none, or none that brings a notification.
        """
        came = read_envelope(message)
        who = came.security
        if not who.engine:
            return self._ask_again(came)
        user = self._users.get(who.user)
        if user is None or came.flags & (AUTH | PRIV) != _flags(user):
            return Taken(DENIED)
        keys = usm.keys_of(user, self._masters[user.user], who.engine)
        if user.auth:
            size = len(who.signature)
            if not usm.is_signed(user, keys, message, came.signature_at, size):
                return Taken(DENIED)
            if not self._is_in_time(who):
                return self._tell_time(came, user, keys)
        inside = read_scoped(_opened(came, user, keys))
        if not inside.pdu.answer:
            return Taken(pdu=inside.pdu)
        if who.engine != self._own:  # who sends an inform must go by our clock
            return Taken(DENIED)
        return Taken(pdu=inside.pdu, answer=self._acknowledge(came, inside, user, keys))

    def _time(self) -> int:
        return int(self._monotonic() - self._started_at) & 0x7FFF_FFFF

    def _is_in_time(self, who: Security) -> bool:
        """Say whether a signed message is of now, and note the sender's clock."""
        now = self._monotonic()
        if who.engine == self._own:
            is_near = abs(who.time - self._time()) <= WINDOW_SECONDS
            return who.boots == self._boots and is_near
        known = self._clocks.pop(who.engine, None)
        said = _Clock(who.boots, who.time, now)
        if known is None:
            is_good, kept = True, said
        else:
            expected = known.time + (now - known.at)
            is_good = who.boots > known.boots or (
                who.boots == known.boots and who.time >= expected - WINDOW_SECONDS
            )
            is_newer = who.boots > known.boots or who.time > expected
            kept = said if is_good and is_newer else known
        while len(self._clocks) >= MOST_ENGINES:
            del self._clocks[next(iter(self._clocks))]
        self._clocks[who.engine] = kept
        return is_good

    def _ask_again(self, came: Envelope) -> Taken:
        """The sender asks who we are."""
        if not came.flags & REPORTABLE or came.flags & (AUTH | PRIV):
            return Taken(DENIED)
        self._reports += 1
        report = write_report(request_number(came.data), UNKNOWN_ENGINE, self._reports)
        who = Security(self._own, self._boots, self._time(), "")
        data = write_scoped(self._own, b"", report)
        return Taken(ASKED, answer=write_message(came.number, 0, who, data)[0])

    def _tell_time(self, came: Envelope, user: User, keys: Keys) -> Taken:
        """Who goes by our clock and has it wrong is told, signed; a trap out of time is old."""
        if came.security.engine != self._own or not came.flags & REPORTABLE:
            return Taken(STALE)
        self._reports += 1
        number = 0 if came.flags & PRIV else request_number(came.data)
        report = write_scoped(self._own, b"", write_report(number, NOT_IN_TIME, self._reports))
        return Taken(ASKED, answer=self._signed(came.number, AUTH, user, keys, report))

    def _acknowledge(self, came: Envelope, inside: Scoped, user: User, keys: Keys) -> bytes:
        answer = write_scoped(inside.engine, inside.context, inside.pdu.answer)
        return self._signed(came.number, _flags(user), user, keys, answer)

    def _signed(self, number: int, flags: int, user: User, keys: Keys, data: bytes) -> bytes:
        boots, time, salt = self._boots, self._time(), b""
        if flags & PRIV:
            self._salt = (self._salt + 1) & (2**64 - 1)
            salt = self._salt.to_bytes(8, "big")
            data = usm.encrypted(user, keys, data, boots, time, salt)
        blank = bytes(usm.AUTH[user.auth][1]) if flags & AUTH else b""
        who = Security(self._own, boots, time, user.user, blank, salt)
        message, at = write_message(number, flags, who, data)
        if not flags & AUTH:
            return message
        return message[:at] + usm.signature(user, keys, message) + message[at + len(blank) :]


def _flags(user: User) -> int:
    return (AUTH if user.auth else 0) | (PRIV if user.privacy else 0)


def _opened(came: Envelope, user: User, keys: Keys) -> bytes:
    who = came.security
    if not came.flags & PRIV:
        return came.data
    try:
        return usm.decrypted(user, keys, came.data, who.boots, who.time, who.salt)
    except usm.NotReadable as error:
        raise NotSnmp(str(error)) from error
