"""BER: what is written is read, and whatever comes is read or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.ber import (
    COUNTER64,
    INTEGER,
    OCTETS,
    SEQUENCE,
    NotBer,
    Reader,
    Varbind,
    element,
    number,
    read_oid,
    read_varbinds,
    write_oid,
)

PARTS = st.lists(st.integers(0, 2**32 - 1), max_size=30)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_comes_back(value: int) -> None:
    """Of any sign and length that SNMP has."""
    assert Reader(number(value)).integer() == value


def test_a_counter_has_no_sign() -> None:
    """The highest one is not -1."""
    highest = element(COUNTER64, b"\x00" + b"\xff" * 8)
    assert Reader(highest).value() == 2**64 - 1
    assert Reader(element(COUNTER64, b"\xff" * 8)).value() == 2**64 - 1


@given(st.integers(0, 2), st.integers(0, 39), PARTS)
def test_an_oid_comes_back(first: int, second: int, rest: list[int]) -> None:
    """As it is written with dots."""
    dotted = ".".join(map(str, (first, second, *rest)))
    assert Reader(write_oid(dotted)).oid() == dotted


@given(st.binary(max_size=300))
def test_an_element_of_any_length_comes_back(content: bytes) -> None:
    """In the short form and in the long one."""
    reader = Reader(element(OCTETS, content) + b"rest")
    assert reader.octets() == content
    assert reader.at == len(reader.data) - 4


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    for read in (
        lambda: Reader(data).value(),
        lambda: read_oid(data),
        lambda: read_varbinds(Reader(data), 5),
        lambda: read_varbinds(Reader(element(SEQUENCE, data)), 5),
    ):
        try:
            read()
        except NotBer:
            continue


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it ends where something must follow"),
        (b"\x02", "a tag without a length"),
        (b"\x02\x80\x01\x00\x00", "a length of 0 bytes"),
        (b"\x02\x85\x00\x00\x00\x00\x01\x01", "a length of 5 bytes"),
        (b"\x02\x05\x01", "5 bytes announced and 1 there"),
        (b"\x02\x00", "an integer of 0 bytes"),
        (b"\x02\x0a" + b"\x01" * 10, "an integer of 10 bytes"),
        (b"\x06\x00", "an OID that breaks off"),
        (b"\x06\x02\x2b\x86", "an OID that breaks off"),
        (b"\x06\x07\x2b\x9f\xff\xff\xff\xff\x7f", "an OID with a part beyond 32 bits"),
        (b"\x06\x81\x80" + b"\x2b" * 128, "an OID of 129 parts"),
        (b"\x05\x01\x00", "tag 0x05 is no value"),
        (b"\x40\x03\x0a\x00\x00", "tag 0x40 is no value"),
    ],
)
def test_what_breaks_a_rule_is_named(data: bytes, reason: str) -> None:
    """The text says what was found."""
    with pytest.raises(NotBer, match=reason):
        Reader(data).value()


def test_a_list_is_bounded() -> None:
    """More variables than are read are refused, not cut off."""
    one = element(SEQUENCE, write_oid("1.3.6.1"), number(1, INTEGER))
    assert read_varbinds(Reader(element(SEQUENCE, one, one)), 2) == (Varbind("1.3.6.1", 1),) * 2
    with pytest.raises(NotBer, match="more than 2 variables"):
        read_varbinds(Reader(element(SEQUENCE, one, one, one)), 2)
