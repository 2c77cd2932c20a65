"""Which names a host may have, and which of them people would take for one another."""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 63
_SIGNS = frozenset("-_. ")
# What looks alike in the fonts of screens and printers, after case and marks are left out.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "_": "-", ".": "-", " ": "-"})
_ALIKE_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def check_host_name(name: str) -> str | None:
    """Return why this may not be a host's name, or None when it may.

    Allowed are letters of the Latin script with their marks, digits, and `-`, `_`, `.` and single
    spaces between them. A letter of another script is refused because it looks like one of these.
    """
    if not name:
        return "is empty"
    if len(name) > MAX_CHARACTERS:
        return f"{len(name)} characters; at most {MAX_CHARACTERS}"
    if unicodedata.normalize("NFC", name) != name:
        return "its marks are not composed (NFC)"
    for character in name:
        if not (character in _SIGNS or _is_latin(character) or character in "0123456789"):
            return (
                f"holds the character U+{ord(character):04X}; allowed are Latin letters, digits "
                "and - _ . between them"
            )
    if not (name[0].isalnum() and name[-1].isalnum()) or "  " in name:
        return "begins or ends with a sign, or has two spaces in a row"
    return None


def skeleton(name: str) -> str:
    """Return what two names share when people would take one for the other.

    Case does not count, nor which sign stands between words. Marks do: they make another word.
    """
    bare = name.casefold().translate(_ALIKE)
    for pair, letter in _ALIKE_PAIRS:
        bare = bare.replace(pair, letter)
    return bare


def _is_latin(character: str) -> bool:
    name = unicodedata.name(character, "")
    is_plain = unicodedata.normalize("NFKC", character) == character
    return character.isalpha() and is_plain and name.startswith("LATIN ")
