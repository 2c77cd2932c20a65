"""A text cut into short messages: how many there are is what they cost.

Source: 3GPP TS 23.040, sections 9.2.3.16 (length), 9.2.3.24.1 and .8 (concatenation).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TypeVar

from incidents.modem import gsm7

T = TypeVar("T", tuple[int, ...], bytes)

SEPTETS = 160
OCTETS = 140
MAX_PARTS = 255
GSM7_CODING = 0x00
UCS2_CODING = 0x08
_CONCATENATED_8 = 0x00
_CONCATENATED_16 = 0x08


@dataclass(frozen=True, slots=True)
class Part:
    """What one short message carries.

    Attributes:
        coding: The data coding scheme: GSM-7 or UCS-2.
        length: In septets for GSM-7, the header included, else in octets.
        has_header: The octets begin with a header.
    """

    coding: int
    length: int
    octets: bytes
    has_header: bool


def cut(text: str, *, reference: int = 0, is_wide: bool = False) -> list[Part]:
    """Return the parts of a text: GSM-7 where its alphabet holds all of it, else UCS-2.

    Args:
        reference: By which a telephone knows parts of the same text, 0 to 255, or 65535.
        is_wide: With a reference of 16 bits.

    Raises:
        ValueError: It needs more than 255 parts.
    """
    composed = unicodedata.normalize("NFC", text)
    septets = gsm7.encode(composed)
    header = 7 if is_wide else 6
    if septets is not None:
        if sum(map(len, septets)) <= SEPTETS:
            return [_septets([s for pair in septets for s in pair], b"")]
        room = SEPTETS - -(-header * 8 // 7)
        pieces = [[s for pair in piece for s in pair] for piece in _fill(septets, room)]
        headers = _headers(len(pieces), reference, is_wide=is_wide)
        return [_septets(piece, head) for piece, head in zip(pieces, headers, strict=True)]
    units = [character.encode("utf-16-be", "replace") for character in composed]
    if sum(map(len, units)) <= OCTETS:
        return [_octets(b"".join(units), b"")]
    wholes = [b"".join(piece) for piece in _fill(units, OCTETS - header)]
    headers = _headers(len(wholes), reference, is_wide=is_wide)
    return [_octets(piece, head) for piece, head in zip(wholes, headers, strict=True)]


def shorten(text: str, most: int) -> str:
    """Return as much of a text as goes into `most` parts, with dots where it was cut."""
    if len(text) > most * SEPTETS:
        text = text[: most * SEPTETS]
    shorter = text
    while _count(shorter) > most:
        text = text[:-1]
        shorter = text.rstrip() + "..."
    return shorter


def _count(text: str) -> int:
    try:
        return len(cut(text))
    except ValueError:
        return MAX_PARTS + 1


def _fill(characters: list[T], room: int) -> list[list[T]]:
    """Return characters in pieces of at most `room`; none is torn apart."""
    pieces: list[list[T]] = [[]]
    left = room
    for character in characters:
        if len(character) > left:
            pieces.append([])
            left = room
        pieces[-1].append(character)
        left -= len(character)
    return pieces


def _headers(total: int, reference: int, *, is_wide: bool) -> list[bytes]:
    if total > MAX_PARTS:
        raise ValueError(f"the text needs {total} parts; at most {MAX_PARTS} can be joined")
    if is_wide:
        which = bytes((6, _CONCATENATED_16, 4)) + (reference & 0xFFFF).to_bytes(2)
    else:
        which = bytes((5, _CONCATENATED_8, 3, reference & 0xFF))
    return [which + bytes((total, number)) for number in range(1, total + 1)]


def _septets(septets: list[int], header: bytes) -> Part:
    fill_bits = -8 * len(header) % 7
    before = (8 * len(header) + fill_bits) // 7
    packed = header + gsm7.pack(septets, fill_bits=fill_bits)
    return Part(GSM7_CODING, before + len(septets), packed, bool(header))


def _octets(units: bytes, header: bytes) -> Part:
    return Part(UCS2_CODING, len(header) + len(units), header + units, bool(header))
