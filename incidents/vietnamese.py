"""Vietnamese words, dates and numbers: how they are ordered, searched and written.

A sort key is plain ASCII whose *byte* order is the right order: SQLite compares so by itself, a
PostgreSQL column needs COLLATE "C" (`collector.storage.schema.SortKey` says it once for both).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

# Letters in dictionary order; f, j, w and z stand where foreign words put them.
LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: chr(ord("A") + place) for place, letter in enumerate(LETTERS)}
# Marks after decomposition: those that make another letter, and the tones after "ngang" (0).
_SHAPES = {"\u0306", "\u0302", "\u031b"}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Icelandic eth and African d look like đ and are typed for it.
_LOOKALIKES = str.maketrans({"Ð": "đ", "ð": "đ", "Ɖ": "đ", "ɖ": "đ", "Đ": "đ"})

# Places of the key's alphabet, in ASCII order: end of letters, gap, numbers by length, letters.
_END, _GAP, _NUMBER, _OTHER = " ", "!", '"', "~"
_MAX_DIGITS = ord("@") - ord(_NUMBER)


def sort_key(text: str) -> str:
    """Return the ASCII key of `text`: letters first, tones second, case never, numbers by value."""
    letters: list[str] = []
    tones: list[str] = []
    for token in re.findall(r"[0-9]+|[^0-9]", _folded(text)):
        if token.isascii() and token.isdecimal():
            digits = (token.lstrip("0") or "0")[:_MAX_DIGITS]
            letters.append(chr(ord(_NUMBER) + len(digits)) + digits)
            tones.append("0")
        elif unicodedata.category(token).startswith("M"):
            tones[-1:] = [_TONES.get(token, tone) for tone in tones[-1:]]
        elif place := _letter(token, previous=letters[-1] if letters else _GAP):
            letters.append(place)
            tones.append("0")
    primary = "".join(letters).rstrip(_GAP)
    return primary + _END + "".join(tones).rstrip("0")


def search_key(text: str) -> str:
    """Return `text` without marks, in lower case, with single spaces: "Sự cố" → "su co"."""
    plain = unicodedata.normalize("NFKD", text.translate(_LOOKALIKES).casefold())
    kept = "".join(c for c in plain if not unicodedata.category(c).startswith("M"))
    return " ".join(kept.replace("đ", "d").split())


def search_words(query: str) -> list[str]:
    """Return the words that must all be in a stored search key."""
    return search_key(query).split(" ") if search_key(query) else []


def local_time(at: datetime) -> str:
    """Return an instant as people here read it: "24/11/2026 07:30"."""
    return at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")


def number(value: float, decimals: int = 0) -> str:
    """Return a number with points between thousands and a decimal comma: "1.234,5"."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def _folded(text: str) -> str:
    """Lower case; marks that shape a letter joined to it, tones left apart behind the letter."""
    out: list[str] = []
    decomposed = unicodedata.normalize("NFD", text.translate(_LOOKALIKES).casefold())
    for character in decomposed:
        if character in _SHAPES and out:
            base = len(out) - 1
            while base and out[base] in _TONES:
                base -= 1
            joined = unicodedata.normalize("NFC", out[base] + character)
            out[base] = joined if joined in _PLACE else out[base]
        else:
            out.append(character)
    return "".join(out)


def _letter(character: str, *, previous: str) -> str:
    if character in _PLACE:
        return _PLACE[character]
    if character.isalnum():
        return f"{_OTHER}{ord(character):06x}"
    return "" if previous in (_GAP, "") else _GAP
