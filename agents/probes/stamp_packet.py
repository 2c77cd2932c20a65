"""The bytes of STAMP test packets in unauthenticated mode, and of the TLVs that we use.

Sources: RFC 8762 section 4 (packets), RFC 4656 section 4.1.2 (timestamp, error estimate),
RFC 8972 sections 3 (SSID) and 4 (TLVs, their flags, Class of Service); of TWAMP Light, which has
the same beginning, no SSID and no extensions, RFC 5357 sections 4.1.2 and 4.2.1.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

PORT = 862
BASE_BYTES = 44
TWAMP_SENDER_BYTES, TWAMP_REFLECTOR_BYTES = 14, 41
MOST_BYTES = 9_000
EXTRA_PADDING, CLASS_OF_SERVICE = 1, 4
UNRECOGNISED, MALFORMED = 0x80, 0x40
NTP_TO_UNIX_SECONDS = 2_208_988_800
_SENDER = struct.Struct("!IQHH28x")
_TWAMP = struct.Struct("!IQH")
_REFLECTOR = struct.Struct("!IQHHQIQH2xB3x")
_TLV = struct.Struct("!BBH")
_SYNCHRONISED, _PTP = 0x8000, 0x4000


class NotStamp(ValueError):
    """The bytes are no test packet; the text says why."""


class Tlv(NamedTuple):
    """One extension; `value` of one that is malformed is all that was left."""

    flags: int
    kind: int
    value: bytes


class Packet(NamedTuple):
    """What a session-sender sends; `at` is its timestamp as 64 bits, as it came."""

    seq: int
    at: int
    estimate: int
    ssid: int
    tlvs: tuple[Tlv, ...] = ()


class Reflected(NamedTuple):
    """What a session-reflector answers: its own instants and what the sender's packet said."""

    seq: int
    at: int
    estimate: int
    ssid: int
    received_at: int
    test: Packet
    ttl: int
    tlvs: tuple[Tlv, ...] = ()


class Marking(NamedTuple):
    """Class of Service: the marking asked for in the answer, and what arrived of our own.

    Attributes:
        is_filled: The reflector understood it; as it leaves a sender it is not.
    """

    asked: int
    arrived: int
    ecn: int
    is_filled: bool


def encode_test(test: Packet) -> bytes:
    """Return the bytes of a sender's packet."""
    return _SENDER.pack(test.seq, test.at, test.estimate, test.ssid) + _tlvs(test.tlvs)


def decode_test(data: bytes) -> Packet:
    """Return a sender's packet; one shorter than those of STAMP is of TWAMP Light.

    Raises:
        NotStamp: It is shorter than either, or its error estimate is none.
    """
    if len(data) < BASE_BYTES:
        _hold_length(data, TWAMP_SENDER_BYTES)
        seq, at, estimate = _TWAMP.unpack_from(data)
        _hold_estimate(estimate)
        return Packet(seq, at, estimate, 0)
    seq, at, estimate, ssid = _SENDER.unpack_from(data)
    _hold_estimate(estimate)
    return Packet(seq, at, estimate, ssid, decode_tlvs(data[BASE_BYTES:]))


def encode_twamp(test: Packet, size: int) -> bytes:
    """Return the bytes of a sender of TWAMP Light, filled up so that the answer is as long."""
    return _TWAMP.pack(test.seq, test.at, test.estimate).ljust(size, b"\0")


def decode_twamp(data: bytes) -> Reflected:
    """Return the packet of a reflector of TWAMP Light; what fills it up is not looked at.

    Raises:
        NotStamp: It is shorter than one, or an error estimate is none.
    """
    _hold_length(data, TWAMP_REFLECTOR_BYTES)
    return decode_reflected(data[:TWAMP_REFLECTOR_BYTES].ljust(BASE_BYTES, b"\0"))


def encode_reflected(answer: Reflected) -> bytes:
    """Return the bytes of a reflector's packet; of the test its own extensions are not repeated."""
    test = answer.test
    own = (answer.seq, answer.at, answer.estimate, answer.ssid, answer.received_at)
    return _REFLECTOR.pack(*own, test.seq, test.at, test.estimate, answer.ttl) + _tlvs(answer.tlvs)


def decode_reflected(data: bytes) -> Reflected:
    """Return a reflector's packet.

    Raises:
        NotStamp: It is shorter than one, or an error estimate is none.
    """
    _hold_length(data, BASE_BYTES)
    values = _REFLECTOR.unpack_from(data)
    seq, at, estimate, ssid, received_at, test_seq, test_at, test_estimate, ttl = values
    _hold_estimate(estimate)
    _hold_estimate(test_estimate)
    test = Packet(test_seq, test_at, test_estimate, ssid)
    tlvs = decode_tlvs(data[BASE_BYTES:])
    return Reflected(seq, at, estimate, ssid, received_at, test, ttl, tlvs)


def decode_tlvs(data: bytes) -> tuple[Tlv, ...]:
    """Return the extensions; the last one is marked malformed where it is longer than the rest."""
    found, start = [], 0
    while len(data) - start >= _TLV.size:
        flags, kind, length = _TLV.unpack_from(data, start)
        start += _TLV.size
        value = data[start : start + length]
        found.append(Tlv(flags if len(value) == length else flags | MALFORMED, kind, value))
        start += length
    return tuple(found)


def _tlvs(tlvs: tuple[Tlv, ...]) -> bytes:
    return b"".join(_TLV.pack(one.flags, one.kind, len(one.value)) + one.value for one in tlvs)


def padding(size: int) -> tuple[Tlv, ...]:
    """Return what makes a packet longer by `size` bytes; nothing where that is too few for it."""
    rest = size - _TLV.size
    return (Tlv(UNRECOGNISED, EXTRA_PADDING, bytes(rest)),) if rest >= 0 else ()


def marking(asked: int, arrived: int = 0, ecn: int = 0) -> Tlv:
    """Return a Class of Service extension; the sender gives only what it asks for."""
    value = struct.pack("!HH", asked << 10 | arrived << 4 | ecn << 2, 0)
    return Tlv(UNRECOGNISED, CLASS_OF_SERVICE, value)


def read_marking(tlvs: tuple[Tlv, ...]) -> Marking | None:
    """Return what the first whole Class of Service extension says, if there is one."""
    for one in tlvs:
        if one.kind == CLASS_OF_SERVICE and len(one.value) == 4 and not one.flags & MALFORMED:
            bits = int.from_bytes(one.value[:2], "big")
            is_filled = not one.flags & UNRECOGNISED
            return Marking(bits >> 10, bits >> 4 & 0x3F, bits >> 2 & 3, is_filled)
    return None


def to_ntp(unix_seconds: float) -> int:
    """Return an instant as seconds since 1900 in 32 bits, and 32 bits of fraction."""
    whole = math.floor(unix_seconds)
    fraction = int((unix_seconds - whole) * 2**32)
    return ((whole + NTP_TO_UNIX_SECONDS) << 32 | fraction) & (2**64 - 1)


def instant(at: int, estimate: int) -> float:
    """Return a timestamp in Unix seconds, of the format that its estimate's bit Z names.

    NTP's seconds began anew in 2036: what lies before 1968 is after that.
    """
    seconds, fraction = at >> 32, at & (2**32 - 1)
    if estimate & _PTP:
        return seconds + fraction / 1e9
    if seconds < 2**31:
        seconds += 2**32
    return seconds - NTP_TO_UNIX_SECONDS + fraction / 2**32


def is_synchronised(estimate: int) -> bool:
    """Say whether the clock is kept by an outside source."""
    return bool(estimate & _SYNCHRONISED)


def error_seconds(estimate: int) -> float:
    """Return how wrong a timestamp may be: multiplier x 2^(scale - 32)."""
    return float((estimate & 0xFF) * 2.0 ** ((estimate >> 8 & 0x3F) - 32))


def error_estimate(seconds: float | None) -> int:
    """Return an estimate that is no less than the error; None: the clock is not kept by anybody."""
    bits = 0 if seconds is None else _SYNCHRONISED
    units = (1.0 if seconds is None else min(max(seconds, 0), 2.0**31)) * 2**32
    scale = 0
    while units > 0xFF and scale < 0x3F:
        units, scale = units / 2, scale + 1
    return bits | scale << 8 | min(max(math.ceil(units), 1), 0xFF)


def _hold_length(data: bytes, least: int) -> None:
    if len(data) < least:
        raise NotStamp(f"{len(data)} bytes; a test packet has {least} or more")


def _hold_estimate(estimate: int) -> None:
    if not estimate & 0xFF:
        raise NotStamp("an error estimate whose multiplier is 0")
