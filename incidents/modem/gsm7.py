"""The 7-bit default alphabet of short messages and how its septets lie in octets.

Source: 3GPP TS 23.038, sections 6.1.2.1 (packing), 6.2.1 (alphabet), 6.2.1.1 (extension table).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]",
    0x40: "|", 0x65: "€",
}  # fmt: skip
_CODES: dict[str, tuple[int, ...]] = {c: (n,) for n, c in enumerate(ALPHABET) if n != ESCAPE}
_CODES |= {character: (ESCAPE, code) for code, character in EXTENSION.items()}
# What has no mark to take off and stands in our words, as plain characters.
_PLAIN = str.maketrans(
    {
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "…": "...", "·": "-", "–": "-", "—": "-",
        "−": "-", "•": "-", "→": "->", "‘": "'", "’": "'", "“": '"', "”": '"', "≥": ">=",
        "≤": "<=", "×": "x", "\u00a0": " ", "\t": " ",
    }
)  # fmt: skip


def encode(text: str) -> list[tuple[int, ...]] | None:
    """Return the septets of each character, two for one of the extension table; None: not all
    characters are in the alphabet."""
    codes = [_CODES.get(character) for character in text]
    return None if None in codes else [code for code in codes if code is not None]


def decode(septets: Sequence[int]) -> str:
    """Return the text of septets; an unknown code after an escape is read as without it."""
    text: list[str] = []
    is_escaped = False
    for septet in septets:
        if is_escaped:
            text.append(EXTENSION.get(septet, ALPHABET[septet].replace("\x1b", " ")))
            is_escaped = False
        elif septet == ESCAPE:
            is_escaped = True
        else:
            text.append(ALPHABET[septet])
    return "".join(text)


def pack(septets: Sequence[int], *, fill_bits: int = 0) -> bytes:
    """Return the octets of septets, the first of them after `fill_bits` zeros."""
    bits = 0
    for place, septet in enumerate(septets):
        bits |= septet << (fill_bits + 7 * place)
    return bits.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")


def unpack(octets: bytes, count: int, *, fill_bits: int = 0) -> list[int]:
    """Return `count` septets out of octets, fewer where there are not as many."""
    held = max(0, (8 * len(octets) - fill_bits) // 7)
    bits = int.from_bytes(octets, "little") >> fill_bits
    return [bits >> (7 * place) & 0x7F for place in range(min(count, held))]


def without_marks(text: str) -> str:
    """Return a text in letters of the alphabet only: "Sự cố" → "Su co", what is left over "?"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return "".join(c if c in _CODES else "?" for c in bare.translate(_PLAIN))
