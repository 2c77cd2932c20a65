"""Whether a datagram is a message of SNMP at all; no input or output."""

from __future__ import annotations

_SEQUENCE, _INTEGER = 0x30, 0x02


def is_snmp(data: bytes) -> bool:
    """Say whether a datagram is one whole sequence that begins with a version there is (0, 1, 3).

    Source: RFC 3416 and RFC 3412, both in the basic encoding rules.
    """
    if len(data) < 2 or data[0] != _SEQUENCE:
        return False
    start, length = 2, data[1]
    if length >= 0x80:
        digits = length & 0x7F
        start += digits
        if not 1 <= digits <= 4 or len(data) < start:
            return False
        length = int.from_bytes(data[2:start], "big")
    whole = data[start:]
    return len(whole) == length and len(whole) > 3 and whole[:3] in _VERSIONS


_VERSIONS = {bytes((_INTEGER, 1, version)) for version in (0, 1, 3)}
