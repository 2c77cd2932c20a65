"""STAMP's bytes against scapy's, and against themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.contrib.stamp import (
    ErrorEstimate,
    STAMPSessionReflectorTestUnauthenticated,
    STAMPSessionSenderTestUnauthenticated,
    STAMPTestTLV,
)

from agents.probes import stamp_packet as wire
from agents.probes.stamp_packet import NotStamp, Packet, Reflected, Tlv

U16, U32, U64 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
# scapy reads NTP's seconds as a float: only halves of a second pass through it unchanged.
STAMPS = st.integers(2**32, 2**33 - 1).map(lambda halves: halves << 31)
ESTIMATES = st.builds(
    lambda sync, scale, multiplier: sync << 15 | scale << 8 | multiplier,
    st.integers(0, 1), st.integers(0, 63), st.integers(1, 255),
)  # fmt: skip
TLVS = st.lists(
    st.builds(Tlv, st.just(wire.UNRECOGNISED), st.integers(1, 8), st.binary(max_size=40)),
    max_size=3,
).map(tuple)
TESTS = st.builds(Packet, U32, STAMPS, ESTIMATES, U16, TLVS)
SECONDS = st.floats(0, 2**32, allow_nan=False)


def estimate_of(bits: int) -> ErrorEstimate:
    return ErrorEstimate(
        S=bits >> 15, Z=bits >> 14 & 1, scale=bits >> 8 & 63, multiplier=bits & 255
    )


def extensions(tlvs: tuple[Tlv, ...]) -> list[STAMPTestTLV]:
    return [
        STAMPTestTLV(flags=one.flags, type=one.kind, len=len(one.value), value=one.value)
        for one in tlvs
    ]


def seconds_of(stamp: int) -> float:
    return stamp / 2**32


@given(TESTS)
def test_senders_packet_is_scapys(test: Packet) -> None:
    """The same bytes for the same fields, extensions included; 44 without them."""
    theirs = STAMPSessionSenderTestUnauthenticated(
        seq=test.seq,
        ts=seconds_of(test.at),
        err_estimate=estimate_of(test.estimate),
        ssid=test.ssid,
        tlv_objects=extensions(test.tlvs),
    )
    ours = wire.encode_test(test)
    assert ours == bytes(theirs)
    assert len(wire.encode_test(test._replace(tlvs=()))) == wire.BASE_BYTES


@given(U32, STAMPS, ESTIMATES, STAMPS, TESTS, st.integers(0, 255))
def test_reflectors_packet_is_scapys(
    seq: int, at: int, estimate: int, received_at: int, test: Packet, ttl: int
) -> None:
    """The same bytes for the same fields: our instants, and what the sender's packet said."""
    theirs = STAMPSessionReflectorTestUnauthenticated(
        seq=seq,
        ts=seconds_of(at),
        err_estimate=estimate_of(estimate),
        ssid=test.ssid,
        ts_rx=seconds_of(received_at),
        seq_sender=test.seq,
        ts_sender=seconds_of(test.at),
        err_estimate_sender=estimate_of(test.estimate),
        ttl_sender=ttl,
        tlv_objects=extensions(test.tlvs),
    )
    ours = Reflected(seq, at, estimate, test.ssid, received_at, test, ttl, test.tlvs)
    assert wire.encode_reflected(ours) == bytes(theirs)


@given(st.builds(Packet, U32, U64, ESTIMATES, U16, TLVS), U32, U64, U64, st.integers(0, 255))
def test_packets_come_back_as_they_were(
    test: Packet, seq: int, at: int, received_at: int, ttl: int
) -> None:
    """Reading what was written gives the same, to the last bit of a timestamp."""
    assert wire.decode_test(wire.encode_test(test)) == test
    answer = Reflected(seq, at, test.estimate, test.ssid, received_at, test, ttl, test.tlvs)
    read = wire.decode_reflected(wire.encode_reflected(answer))
    assert read == answer._replace(test=test._replace(tlvs=()))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_packet_or_no_stamp(data: bytes) -> None:
    """Nothing else is raised; too short is none, and no extension reaches beyond the end."""
    for decode in (wire.decode_test, wire.decode_reflected, wire.decode_twamp):
        try:
            found = decode(data)
        except NotStamp:
            continue
        if decode is wire.decode_twamp or len(data) < wire.BASE_BYTES:
            assert len(data) >= wire.TWAMP_SENDER_BYTES
            assert found.tlvs == ()
            continue
        assert sum(4 + len(one.value) for one in found.tlvs) <= len(data) - wire.BASE_BYTES


def test_an_extension_longer_than_the_packet_is_malformed() -> None:
    """It is kept and marked, and says nothing of the marking."""
    data = wire.encode_test(Packet(1, 2, 1, 3, (wire.marking(34),)))[:-2]
    (found,) = wire.decode_test(data).tlvs
    assert found.flags & wire.MALFORMED
    assert wire.read_marking((found,)) is None


@given(st.integers(0, 63), st.integers(0, 63), st.integers(0, 3))
def test_marking_comes_back(asked: int, arrived: int, ecn: int) -> None:
    """Six bits asked for, six that arrived, two of congestion."""
    found = wire.read_marking((wire.padding(12)[0], wire.marking(asked, arrived, ecn)))
    assert found == (asked, arrived, ecn, False)


@pytest.mark.parametrize("size", [0, 3, 4, 5, 100])
def test_padding_is_as_long_as_it_says(size: int) -> None:
    """Head included; too few bytes for a head give none."""
    length = sum(4 + len(one.value) for one in wire.padding(size))
    assert length == (size if size >= 4 else 0)


@given(SECONDS)
def test_instants_come_back(at: float) -> None:
    """To a millionth of a second, until 2036 and after it: the seconds of 32 bits begin anew."""
    stamp = wire.to_ntp(at)
    assert 0 <= stamp < 2**64
    if at < 2**31 + 2**32 - wire.NTP_TO_UNIX_SECONDS - 1:
        assert wire.instant(stamp, 1) == pytest.approx(at, abs=1e-6)


def test_instants_of_the_other_format_are_read() -> None:
    """Bit Z: seconds since 1970 and nanoseconds."""
    assert wire.instant(1_700_000_000 << 32 | 250_000_000, 0x4001) == 1_700_000_000.25


@given(st.floats(0, 1e6))
def test_error_estimate_is_never_less_than_the_error(seconds: float) -> None:
    """And at most a 128th more, beyond the smallest unit; its multiplier is never 0."""
    bits = wire.error_estimate(seconds)
    assert wire.is_synchronised(bits)
    assert bits & 0xFF
    said = wire.error_seconds(bits)
    assert seconds <= said * (1 + 1e-12)
    assert said <= seconds * (1 + 1 / 127) + 2**-32


def test_a_clock_that_nobody_keeps_says_so() -> None:
    """Bit S is off, and an estimate stands there all the same."""
    bits = wire.error_estimate(None)
    assert not wire.is_synchronised(bits)
    assert math.isclose(wire.error_seconds(bits), 1.0)
