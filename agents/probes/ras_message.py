"""The bytes of two questions to an H.323 gatekeeper, and whether an answer is one.

Source: H.225.0 RAS in aligned PER (X.691). Of an answer only its kind and the number of the
question in it are read.
"""

from __future__ import annotations

import struct
from enum import Enum
from ipaddress import IPv4Address

PORT = 1719
# protocolIdentifier 0.0.8.2250.0.4: seven bytes with their length.
_PROTOCOL = bytes((0x06, 0x00, 0x08, 0x91, 0x4A, 0x00, 0x04))
# The alphabet of dialled digits in its own order: # * , 0 1 ... 9.
_DIGITS = {character: number for number, character in enumerate("#*,0123456789")}
MOST_DIGITS = 128


class Ras(Enum):
    """What a gatekeeper answers; the values are the first bytes that say so."""

    GATEKEEPER = range(0x04, 0x08)
    GATEKEEPER_REJECT = range(0x08, 0x0C)
    LOCATED = range(0x4C, 0x50)
    NOT_LOCATED = range(0x50, 0x54)
    NOT_UNDERSTOOD = range(0x60, 0x64)


def gatekeeper_request(seq: int, reply_to: tuple[str, int]) -> bytes:
    """Return a GRQ of a terminal: who there is a gatekeeper? `seq` is from 1 to 65535."""
    head = b"\x00\x00" + struct.pack("!H", seq - 1) + _PROTOCOL + b"\x00"
    return head + _address(reply_to) + b"\x02\x00"


def location_request(seq: int, alias: str, reply_to: tuple[str, int]) -> bytes:
    """Return an LRQ: where is this number? It must pass `is_number`."""
    length = len(alias) - 1
    bits = [_DIGITS[one] for one in alias]
    bits.append(0)  # of the reply's address: it is an IPv4 one
    if len(bits) % 2:
        bits.append(0)
    packed = bytes(high << 4 | low for high, low in zip(bits[::2], bits[1::2], strict=True))
    head = b"\x48\x00" + struct.pack("!H", seq - 1) + b"\x01"
    return head + bytes((length >> 1, (length & 1) << 7)) + packed + _address(reply_to)


def is_number(alias: str) -> bool:
    """Say whether an alias can be dialled: digits, `#`, `*` and commas."""
    return 0 < len(alias) <= MOST_DIGITS and all(one in _DIGITS for one in alias)


def read_answer(data: bytes, seq: int) -> Ras | None:
    """Return what an answer to the question of this number says; None: it is none.

    The number stands after one or two bytes, as optional fields have a bit each in front of it.
    """
    number = struct.pack("!H", seq - 1)
    if number not in (data[1:3], data[2:4]):
        return None
    return next((kind for kind in Ras if data[0] in kind.value), None)


def _address(where: tuple[str, int]) -> bytes:
    return IPv4Address(where[0]).packed + struct.pack("!H", where[1])
