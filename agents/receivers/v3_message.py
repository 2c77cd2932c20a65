"""The bytes of an SNMPv3 message with its user-based security.

Sources: RFC 3412 section 6, RFC 3414 section 2.4.
"""

from __future__ import annotations

from typing import NamedTuple

from agents.receivers.ber import (
    COUNTER,
    INTEGER,
    OCTETS,
    SEQUENCE,
    NotBer,
    Reader,
    element,
    number,
    write_oid,
)
from agents.receivers.notification import V3, NotSnmp, Pdu, read_pdu

AUTH, PRIV, REPORTABLE = 1, 2, 4
USER_BASED = 3
REPORT = 0xA8
MOST_SIZE = 65_507
MOST_ENGINE_BYTES = 32
_MOST_INTEGER = 0x7FFF_FFFF


class Security(NamedTuple):
    """What a message says of who sent it; `signature` and `salt` as they came.

    Attributes:
        engine: Whose clock and keys count; empty where the sender asks whose.
    """

    engine: bytes
    boots: int
    time: int
    user: str
    signature: bytes = b""
    salt: bytes = b""


class Envelope(NamedTuple):
    """A message before anything in it is believed.

    Attributes:
        signature_at: Where in the message its signature stands.
        data: The scoped PDU, encrypted or as an element.
    """

    number: int
    flags: int
    security: Security
    signature_at: int
    data: bytes


class Scoped(NamedTuple):
    """What a message is about: a context of an engine, and the notification."""

    engine: bytes
    context: bytes
    pdu: Pdu


def read_envelope(message: bytes) -> Envelope:
    """Return a message whose content is still closed.

    Raises:
        NotSnmp: It is none, or secured in another way.
    """
    try:
        whole = Reader(message).enter(SEQUENCE)
        version = whole.integer()
        head = whole.enter(SEQUENCE)
        number_, _, flags, model = head.integer(), head.integer(), head.octets(), head.integer()
        secured = whole.enter(OCTETS).enter(SEQUENCE)
        engine, boots, time = secured.octets(), secured.integer(), secured.integer()
        user = secured.octets()
        signature = secured.enter(OCTETS)
        salt = secured.octets()
        data_at = whole.at
        is_encrypted = whole.peek() == OCTETS
        inner = whole.enter(OCTETS, SEQUENCE)
    except NotBer as error:
        raise NotSnmp(str(error)) from error
    is_known = version == V3 and model == USER_BASED and len(flags) == 1
    if not is_known or is_encrypted != bool(flags[0] & PRIV):
        raise NotSnmp(f"version {version}, security model {model}")
    if len(engine) > MOST_ENGINE_BYTES or not all(0 <= n <= _MOST_INTEGER for n in (boots, time)):
        raise NotSnmp("an engine or a clock that cannot be")
    signed = message[signature.at : signature.end]
    who = Security(engine, boots, time, user.decode("utf-8", "replace"), signed, salt)
    start = inner.at if is_encrypted else data_at
    return Envelope(number_, flags[0], who, signature.at, message[start : inner.end])


def read_scoped(data: bytes) -> Scoped:
    """Return the notification inside; what fills the last block behind it is left.

    Raises:
        NotSnmp: It is none.
    """
    try:
        inner = Reader(data).enter(SEQUENCE)
        return Scoped(inner.octets(), inner.octets(), read_pdu(inner))
    except NotBer as error:
        raise NotSnmp(str(error)) from error


def request_number(data: bytes) -> int:
    """Return the number of the request in a scoped PDU that is not encrypted; 0: there is none."""
    try:
        inner = Reader(data).enter(SEQUENCE)
        inner.octets()
        inner.octets()
        return inner.enter(inner.peek()).integer()
    except NotBer:
        return 0


def write_scoped(engine: bytes, context: bytes, pdu: bytes) -> bytes:
    """Return a scoped PDU."""
    return element(SEQUENCE, element(OCTETS, engine), element(OCTETS, context), pdu)


def write_report(request: int, counter_oid: str, count: int) -> bytes:
    """Return the PDU that says why a message was not taken."""
    value = number(count & 0xFFFF_FFFF, COUNTER)
    said = element(SEQUENCE, element(SEQUENCE, write_oid(counter_oid), value))
    return element(REPORT, number(request), number(0), number(0), said)


def write_message(number_: int, flags: int, who: Security, data: bytes) -> tuple[bytes, int]:
    """Return a message and where its signature stands; `data` is encrypted if the flags say so."""
    head = element(
        SEQUENCE,
        number(number_),
        number(MOST_SIZE),
        element(OCTETS, bytes((flags,))),
        number(USER_BASED, INTEGER),
    )
    before = (
        element(OCTETS, who.engine)
        + number(who.boots)
        + number(who.time)
        + element(OCTETS, who.user.encode())
    )
    tail = element(OCTETS, who.salt)
    secured = element(OCTETS, element(SEQUENCE, before, element(OCTETS, who.signature), tail))
    content = element(OCTETS, data) if flags & PRIV else data
    message = element(SEQUENCE, number(V3), head, secured, content)
    at = len(message) - len(content) - len(tail) - len(who.signature)
    return message, at
