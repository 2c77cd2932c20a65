"""Messages of SNMPv1 and v2c, and what they become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.ber import ADDRESS, OCTETS, SEQUENCE, TICKS, element, number, write_oid
from agents.receivers.notification import (
    INFORM,
    RESPONSE,
    TRAP,
    TRAP_OID,
    TRAP_V1,
    UPTIME_OID,
    NotSnmp,
    read_message,
    read_version,
)

VENDOR = "1.3.6.1.4.1.2684.1.1"


def varbind(oid: str, value: bytes) -> bytes:
    return element(SEQUENCE, write_oid(oid), value)


def message_v1(generic: int, specific: int, enterprise: str = VENDOR) -> bytes:
    pdu = element(
        TRAP_V1, write_oid(enterprise), element(ADDRESS, bytes((10, 1, 2, 3))), number(generic),
        number(specific), number(4_200, TICKS), element(SEQUENCE),
    )  # fmt: skip
    return element(SEQUENCE, number(0), element(OCTETS, b"public"), pdu)


def message_v2(kind: str, *more: bytes, tag: int = TRAP) -> bytes:
    listed = element(
        SEQUENCE,
        varbind(UPTIME_OID, number(4_200, TICKS)),
        varbind(TRAP_OID, write_oid(kind)),
        *more,
    )
    pdu = element(tag, number(77), number(0), number(0), listed)
    return element(SEQUENCE, number(1), element(OCTETS, b"public"), pdu)


@pytest.mark.parametrize(
    ("generic", "specific", "kind"),
    [
        (0, 0, "1.3.6.1.6.3.1.1.5.1"),
        (2, 0, "1.3.6.1.6.3.1.1.5.3"),
        (4, 9, "1.3.6.1.6.3.1.1.5.5"),
        (6, 33, f"{VENDOR}.0.33"),
    ],
)
def test_a_trap_of_the_first_version_is_called_as_in_the_second(
    generic: int, specific: int, kind: str
) -> None:
    """RFC 3584 section 3.1."""
    read = read_message(message_v1(generic, specific))
    assert read.pdu.said.kind == kind
    assert (read.pdu.said.agent_address, read.pdu.said.uptime_seconds) == ("10.1.2.3", 42)
    assert read.acknowledgement() == b""


def test_an_inform_is_answered_with_what_it_said() -> None:
    """The same number, the same variables, no error, and nothing longer than what came."""
    asked = message_v2("1.3.6.1.6.3.1.1.5.4", tag=INFORM)
    read = read_message(asked)
    answer = read.acknowledgement()
    assert answer == asked.replace(bytes((INFORM,)), bytes((RESPONSE,)), 1)
    assert len(answer) <= len(asked)
    assert read.pdu.said.varbinds == ()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\x30\x00", "it ends where something must follow"),
        (message_v1(7, 0), "no address or no kind"),
        (message_v1(6, -1), "no address or no kind"),
        (element(SEQUENCE, number(3), element(OCTETS, b""), element(TRAP)), "version 3"),
        (message_v1(6, 1).replace(b"\x02\x01\x00", b"\x02\x01\x01", 1), "a PDU 0xa4 in version 1"),
        (message_v2("1.3").replace(bytes((TRAP,)), b"\xa0", 1), "tag 0xa0 where"),
        (message_v2("1.3").replace(write_oid(TRAP_OID), write_oid("1.3.6.1.6.3.1.1.4.3.0")),
         "does not say what it is"),
    ],
)  # fmt: skip
def test_what_is_no_notification_is_refused(message: bytes, reason: str) -> None:
    """With the reason."""
    with pytest.raises(NotSnmp, match=reason):
        read_message(message)


def test_a_message_that_is_too_long_is_not_looked_at() -> None:
    """Whatever it holds."""
    with pytest.raises(NotSnmp, match="8193 bytes, more than 8192"):
        read_version(b"\x30" + bytes(8_192))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    for read in (read_version, read_message):
        try:
            read(data)
        except NotSnmp:
            continue


@given(st.data())
def test_a_changed_message_is_a_message_or_refused(data: st.DataObject) -> None:
    """Whatever byte of it is another one, or missing."""
    good = bytearray(message_v2("1.3.6.1.6.3.1.1.5.4", varbind("1.3.6.1.2", number(5)), tag=INFORM))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_message(bytes(good[: data.draw(st.integers(0, len(good)))])).acknowledgement()
    except NotSnmp:
        return
