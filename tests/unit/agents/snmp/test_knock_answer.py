"""What is a message of SNMP and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from agents.snmp.knock import WHO_ARE_YOU
from agents.snmp.knock_answer import is_snmp


def test_knows_a_message_of_each_version() -> None:
    """With short and long lengths."""
    assert is_snmp(WHO_ARE_YOU)
    for version in (0, 1, 3):
        assert is_snmp(bytes((0x30, 5, 2, 1, version, 4, 0)))
    assert is_snmp(bytes((0x30, 0x82, 0, 5, 2, 1, 1, 4, 0)))


def test_takes_nothing_else_for_one() -> None:
    """Cut off, too long, another version, other protocols, nothing."""
    good = bytes((0x30, 5, 2, 1, 1, 4, 0))
    for data in (good[:-1], good + b"\0", bytes((0x30, 5, 2, 1, 2, 4, 0)), b"220 hello", b"", b"0"):
        assert not is_snmp(data)


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    """Are one or are none."""
    assert is_snmp(data) in (True, False)


def test_the_question_is_what_the_standard_says() -> None:
    """An independent reader finds version 3, a report wanted, nobody asking for nothing."""
    whole, rest = decoder.decode(WHO_ARE_YOU, asn1Spec=SNMPv3Message())
    assert rest == b""
    assert int(whole[0]) == 3
    assert [bytes(whole[1][2]), int(whole[1][3])] == [b"\x04", 3]
    parameters, rest = decoder.decode(bytes(whole[2]))
    assert rest == b""
    assert [bytes(parameters[place]) for place in (0, 3, 4, 5)] == [b""] * 4
