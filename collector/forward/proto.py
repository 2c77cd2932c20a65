"""A Prometheus remote-write 1.0 request as bytes, and back: protobuf by hand, no library.

Source: Prometheus remote-write 1.0: WriteRequest {timeseries=1 {labels=1 {name=1, value=2},
samples=2 {value=1 double, timestamp=2 int64 milliseconds}}}; the wire format of protobuf.
"""

from __future__ import annotations

import struct

# A series that has gone is marked by this NaN and no other.
# Source: Prometheus model/value, StaleNaN.
STALE_BITS = 0x7FF0000000000002
STALE: bytes = struct.pack("<Q", STALE_BITS)
_ONE_BYTE = 0x80
_KNOWN = 1 << 14
# A value as eight bytes.
double = struct.Struct("<d").pack
DOUBLE_BYTES = 8


def varint(value: int) -> bytes:
    """Return a number that is not negative as protobuf writes it."""
    found = bytearray()
    while value >= _ONE_BYTE:
        found.append(value & 0x7F | _ONE_BYTE)
        value >>= 7
    found.append(value)
    return bytes(found)


VARINTS = tuple(varint(number) for number in range(_KNOWN))


def size(length: int) -> bytes:
    """Return a length; most are short and looked up."""
    return VARINTS[length] if length < _KNOWN else varint(length)


def label(name: str, value: str) -> bytes:
    """Return one label of a series."""
    raw_name, raw_value = name.encode(), value.encode()
    content = b"".join(
        (b"\x0a", size(len(raw_name)), raw_name, b"\x12", size(len(raw_value)), raw_value)
    )
    return b"".join((b"\x0a", size(len(content)), content))


def timestamp(millis: int) -> bytes:
    """Return the end of a sample: its instant in milliseconds since 1970, never negative."""
    return b"\x10" + varint(millis)


def sample_head(at: bytes) -> bytes:
    """Return the beginning of the one sample of a series: a `double` and this `at` follow it."""
    return b"\x12" + VARINTS[DOUBLE_BYTES + 1 + len(at)] + b"\x09"
