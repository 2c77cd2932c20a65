"""Telephone numbers: as people write them, as E.164, and as semi-octets of a short message.

Source: ITU-T E.164 (at most 15 digits); 3GPP TS 23.040, section 9.1.2.5 (address fields).
"""

from __future__ import annotations

import re

from incidents.modem import gsm7
from incidents.phone_numbers import to_e164

INTERNATIONAL = 0x91
UNKNOWN = 0x81
_ALPHANUMERIC = 0x50
_TYPE = 0x70
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,15}")
_BETWEEN = re.compile(r"[\s().-]+")
_DIGITS = "0123456789*#abc"


def is_number(number: str) -> bool:
    """Say whether it can be called: `+` and 7 to 15 digits, or 3 to 15 digits without."""
    return _NUMBER.fullmatch(number) is not None


def normal(number: str) -> str:
    """Return a number in E.164 where it is one: "0912 345 678" → "+84912345678".

    A short code stays as it is, and so does the name that a company sends under.
    """
    try:
        return to_e164(number)
    except ValueError:
        bare = _BETWEEN.sub("", number)
        return bare if is_number(bare) else number.strip()


def encode(number: str) -> bytes:
    """Return the address field: count of digits, type, digits.

    Raises:
        ValueError: It is no number that can be called.
    """
    if not is_number(number):
        raise ValueError("a number has 3 to 15 digits, an international one a + before them")
    digits = number.removeprefix("+")
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
    return bytes((len(digits), kind)) + semi_octets(digits)


def decode(count: int, kind: int, octets: bytes) -> str:
    """Return who an address field names: a number, or the name that a company sends under."""
    if kind & _TYPE == _ALPHANUMERIC:
        return gsm7.decode(gsm7.unpack(octets, count * 4 // 7))
    digits = "".join(_digit(o & 15) + _digit(o >> 4) for o in octets)[:count]
    return ("+" if kind & _TYPE == INTERNATIONAL & _TYPE else "") + digits


def semi_octets(digits: str) -> bytes:
    """Return digits two an octet, the first in the low half, an odd last one filled with F."""
    even = digits if len(digits) % 2 == 0 else digits + "f"
    return bytes(int(b + a, 16) for a, b in zip(even[::2], even[1::2], strict=True))


def problem_of(number: str) -> tuple[str, str] | None:
    """Say in English and Vietnamese why a recipient's address is no number, or None: it is one."""
    if is_number(normal(number)):
        return None
    return (
        f"{number!r} given; needed is a telephone number, +84912345678",
        f"{number!r} không phải số điện thoại; cần dạng +84912345678",
    )


def _digit(nibble: int) -> str:
    return _DIGITS[nibble] if nibble < len(_DIGITS) else ""
