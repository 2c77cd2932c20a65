"""Where the tone of a Vietnamese syllable stands, and whether letters make one at all.

`hoà` and `hòa`, `thuý` and `thúy`, `khoẻ` and `khỏe` are the same words by the new and the old
custom. Here all become the old one, which documents of the Party use: *ủy*, not *uỷ*.
"""

from __future__ import annotations

import re
import unicodedata

TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng
_VOWELS = "aăâeêioôơuưy"
_SHAPED = "ăâêôơư"
_LETTERS = re.compile(r"[^\W\d_]+")
# Icelandic eth and African d look like đ and are typed for it.
LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})

# Beginning, vowels, end; the tone is taken off before. Names of the highlands have beginnings
# (Krông, Đrắk, Mnông) and ends (Đắk, Ngọk, Plei) that the lowland's dictionary does not.
_SYLLABLE = re.compile(
    r"(?:qu(?=[aăâeêioơy])|gi(?=[aăâeêoôơuư])|[bcdđghklmnpqrstvxjfwz]{0,4})"
    r"(?:(?:[aeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oa|oe|oi|ôi|ơi|ua|uê|ui|uơ|uy|ưa|ưi|ưu|"
    r"iêu|yêu|oai|oay|oao|oeo|uây|uôi|uya|uyu|ươi|ươu|uai|uao|uay|uau)"
    r"(?:c|ch|g|h|k|l|m|n|ng|nh|p|r|s|t)?"
    r"|(?:[ăâ]|oă|oo|iê|uâ|uă|uô|uyê|yê|ươ)(?:c|g|h|k|l|m|n|ng|p|r|s|t))"
)
# What no Vietnamese word has, and a text read in the wrong encoding does: `chÝnh`.
_HUMP = re.compile(r"(?<=[^\W\d_A-ZÀ-ÝĂĐƠƯẠ-Ỹ])[A-ZÀ-Ý]")
_WITHOUT_VOWEL = re.compile(r"[bcdđghklmnpqrstvxjfwz]+")


def one_form(text: str) -> str:
    """Return `text` composed, with each tone where the old custom puts it and one kind of Đ."""
    composed = unicodedata.normalize("NFC", text.translate(LOOKALIKES))
    return composed if composed.isascii() else _LETTERS.sub(_placed, composed)


def is_syllable(word: str) -> bool:
    """Say whether letters could be a Vietnamese syllable, or an abbreviation such as `TTĐT`."""
    bare, tones = _taken_apart(unicodedata.normalize("NFC", word.translate(LOOKALIKES)).casefold())
    if not tones and (_WITHOUT_VOWEL.fullmatch(bare) or word.isupper()):
        return True
    return len(tones) <= 1 and not _HUMP.search(word) and _SYLLABLE.fullmatch(bare) is not None


def _placed(found: re.Match[str]) -> str:
    word = found[0]
    bare, tones = _taken_apart(word)
    place = None if len(tones) != 1 or word.isascii() else _place(bare.casefold())
    if place is None:
        return word
    return unicodedata.normalize("NFC", bare[: place + 1] + tones + bare[place + 1 :])


def _taken_apart(word: str) -> tuple[str, str]:
    """Return the letters with their shapes, composed, and the tones that stood on them."""
    decomposed = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in decomposed if c not in TONES)
    return unicodedata.normalize("NFC", bare), "".join(c for c in decomposed if c in TONES)


def _place(bare: str) -> int | None:
    """Return which letter bears the tone; None where this is no syllable."""
    start = next((at for at, letter in enumerate(bare) if letter in _VOWELS), None)
    if start is None:
        return None
    if bare[start - 1 : start + 1] == "qu" and bare[start + 1 : start + 2] in tuple(_VOWELS):
        start += 1
    if bare[:2] == "gi" and start == 1 and bare[2:3] and bare[2] in _VOWELS:
        start += 1
    end = start
    while end < len(bare) and bare[end] in _VOWELS:
        end += 1
    if any(letter in _VOWELS for letter in bare[end:]):
        return None
    if shaped := [at for at in range(start, end) if bare[at] in _SHAPED]:
        return shaped[-1]
    is_open = end == len(bare)
    return {1: start, 2: start if is_open else start + 1, 3: start + 1}.get(end - start)
