"""Which passwords are taken: long ones that nobody would try first; no rules of composition.

Source: NIST SP 800-63B-4 section 3.1.1.2 (length, blocklist, no composition, no forced change).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import NamedTuple

from incidents.vietnamese import search_key

SHORTEST = 12
# Bounds the work of hashing; far above the 64 that must be possible.
LONGEST = 256
# Of what remains when every word is taken out that somebody would try.
FEWEST_OF_OWN = 6
FEWEST_DIFFERENT = 4
_SHORTEST_WORD = 3
_LOOKALIKES = str.maketrans("@4310$57!", "aaeiossti")


class Weak(NamedTuple):
    """Why a password is not taken, in both languages; never the password itself."""

    reason_vi: str
    reason_en: str


def weakness(password: str, names: tuple[str, ...] = ()) -> Weak | None:
    """Return why a password is not taken, or None.

    Args:
        names: Of the person and of what the program is for; none of their words counts.
    """
    length = len(canonical(password))
    if length < SHORTEST:
        return Weak(
            f"Mật khẩu phải có ít nhất {SHORTEST} ký tự; mật khẩu này có {length}.",
            f"A password needs at least {SHORTEST} characters; this one has {length}.",
        )
    if length > LONGEST:
        return Weak(
            f"Mật khẩu dài nhất {LONGEST} ký tự.", f"A password has at most {LONGEST} characters."
        )
    own = _own(_folded(password), names) + _signs(password)
    if len(own) < FEWEST_OF_OWN or len(set(own)) < FEWEST_DIFFERENT:
        return Weak(
            "Mật khẩu này dễ đoán: chỉ gồm từ thường dùng, tên, dãy phím hoặc ký tự lặp lại. "
            "Nên ghép vài từ không liên quan.",
            "This password is easy to guess: common words, names, rows of keys or one character "
            "again and again. Put some words together that do not belong to each other.",
        )
    return None


def canonical(password: str) -> str:
    """Return a password as it is hashed: the same however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


@cache
def common_words() -> tuple[str, ...]:
    """Return the words and rows of keys that are tried first, the longest first."""
    source = resources.files("collector") / "defaults" / "common_passwords.txt"
    lines = source.read_text(encoding="utf-8").splitlines()
    words = {_folded(line) for line in lines if line and not line.startswith("#")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _own(folded: str, names: tuple[str, ...]) -> str:
    """Return what remains without common words, names and years."""
    parts = {_folded(part) for name in names for part in (name, *name.split())}
    known = [part for part in parts if len(part) >= _SHORTEST_WORD]
    for word in (*sorted(known, key=len, reverse=True), *common_words()):
        folded = folded.replace(word, "")
    return folded


def _signs(text: str) -> str:
    """Return what is neither letter nor digit nor space, nor stands for a letter."""
    plain = canonical(text).translate(_LOOKALIKES)
    return "".join(c for c in plain if not (c.isalnum() or c.isspace()))


def _folded(text: str) -> str:
    """Return letters and digits alone, without marks and case, with look-alikes as letters."""
    plain = search_key(canonical(text)).translate(_LOOKALIKES)
    return "".join(c for c in plain if c.isalnum())
