"""What an SNMP trap or inform says, whatever version brought it, and those of SNMPv1 and v2c.

Sources: RFC 1157 section 4.1.6 (v1), RFC 1901 and RFC 3416 sections 4.2.6 and 4.2.7 (v2c),
RFC 3584 section 3.1 (how a trap of v1 is called in v2).
"""

from __future__ import annotations

from typing import NamedTuple

from agents.receivers.ber import (
    ADDRESS,
    INTEGER,
    OCTETS,
    SEQUENCE,
    TICKS,
    NotBer,
    Reader,
    Varbind,
    element,
    number,
    read_varbinds,
)

MOST_BYTES = 8_192
MOST_VARBINDS = 64
V1, V2C, V3 = 0, 1, 3
RESPONSE, TRAP_V1, INFORM, TRAP = 0xA2, 0xA4, 0xA6, 0xA7
UPTIME_OID, TRAP_OID = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"
GENERIC = "1.3.6.1.6.3.1.1.5"
_ENTERPRISE_SPECIFIC = 6


class NotSnmp(ValueError):
    """The bytes are no notification; the text says why."""


class Notification(NamedTuple):
    """Something that a device tells.

    Attributes:
        kind: The OID that says what it is, one of v1 as RFC 3584 translates it.
        varbinds: What it says beside that.
        uptime_seconds: For how long the device runs, if it says so.
        agent_address: Of v1 alone: which device it says it is; empty else.
    """

    kind: str
    varbinds: tuple[Varbind, ...]
    uptime_seconds: float | None = None
    agent_address: str = ""


class Pdu(NamedTuple):
    """A notification as it stands in a message.

    Attributes:
        answer: What acknowledges it, for an inform; empty else. Never longer than what came.
    """

    said: Notification
    answer: bytes = b""


class Message(NamedTuple):
    """A whole message of v1 or v2c; `community` is a secret."""

    version: int
    community: bytes
    pdu: Pdu

    def acknowledgement(self) -> bytes:
        """Return what answers an inform; empty where nothing is to be answered."""
        if not self.pdu.answer:
            return b""
        community = element(OCTETS, self.community)
        return element(SEQUENCE, number(self.version), community, self.pdu.answer)


def read_version(data: bytes) -> int:
    """Return the version that a message says it is of.

    Raises:
        NotSnmp: It is no message, or longer than what is read.
    """
    if len(data) > MOST_BYTES:
        raise NotSnmp(f"{len(data)} bytes, more than {MOST_BYTES}")
    try:
        return Reader(data).enter(SEQUENCE).integer()
    except NotBer as error:
        raise NotSnmp(str(error)) from error


def read_message(data: bytes) -> Message:
    """Return a message of v1 or v2c.

    Raises:
        NotSnmp: It is none, or brings no notification.
    """
    try:
        whole = Reader(data).enter(SEQUENCE)
        version = whole.integer()
        community = whole.octets()
        if version not in (V1, V2C):
            raise NotSnmp(f"version {version}")
        is_v1 = whole.peek() == TRAP_V1
        if is_v1 != (version == V1):
            raise NotSnmp(f"a PDU {whole.peek():#04x} in version {version}")
        pdu = Pdu(_read_v1(whole.enter(TRAP_V1))) if is_v1 else read_pdu(whole)
    except NotBer as error:
        raise NotSnmp(str(error)) from error
    return Message(version, community, pdu)


def _read_v1(pdu: Reader) -> Notification:
    enterprise, agent = pdu.oid(), pdu.octets(ADDRESS)
    generic, specific = pdu.integer(), pdu.integer()
    ticks = pdu.integer(TICKS, INTEGER)
    varbinds = read_varbinds(pdu, MOST_VARBINDS)
    if len(agent) != 4 or not 0 <= generic <= _ENTERPRISE_SPECIFIC or specific < 0:
        raise NotSnmp("a trap of v1 with no address or no kind")
    is_own = generic == _ENTERPRISE_SPECIFIC
    kind = f"{enterprise}.0.{specific}" if is_own else f"{GENERIC}.{generic + 1}"
    return Notification(kind, varbinds, ticks / 100, ".".join(map(str, agent)))


def read_pdu(reader: Reader) -> Pdu:
    """Return a notification of v2c or v3.

    Raises:
        NotBer, NotSnmp: It is none.
    """
    tag = reader.peek()
    pdu = reader.enter(TRAP, INFORM)
    request, _, _ = pdu.integer(), pdu.integer(), pdu.integer()
    listed = pdu.data[pdu.at : pdu.end]
    varbinds = read_varbinds(pdu, MOST_VARBINDS)
    known = {one.oid: one.value for one in varbinds}
    kind, ticks = known.get(TRAP_OID), known.get(UPTIME_OID)
    if not isinstance(kind, str):
        raise NotSnmp("a notification that does not say what it is")
    rest = tuple(one for one in varbinds if one.oid not in (TRAP_OID, UPTIME_OID))
    said = Notification(kind, rest, ticks / 100 if isinstance(ticks, int) else None)
    if tag == TRAP:
        return Pdu(said)
    return Pdu(said, element(RESPONSE, number(request), number(0), number(0), listed))
