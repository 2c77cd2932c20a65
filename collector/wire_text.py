"""What a text from outside may hold, and how deep JSON may nest, checked before it is parsed."""

from __future__ import annotations

import re

from agents.report import HARMFUL, MAX_LABEL_CHARACTERS

MAX_DEPTH = 16
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
# Always matches at a quote, closed or not, so that no input makes it start over: linear.
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)


def check_words(text: str) -> str | None:
    """Return why `text` may not be a name or a label's value, or None when it may."""
    return check_text(text, MAX_LABEL_CHARACTERS)


def check_text(text: str, max_characters: int) -> str | None:
    """Return why `text` is refused, or None when it is harmless and short enough."""
    if len(text) > max_characters:
        return f"{len(text)} characters; at most {max_characters}"
    if (found := HARMFUL.search(text)) is not None:
        return f"holds the character U+{ord(found[0]):04X}; control and direction marks are refused"
    return None


def is_too_deep(text: bytes, max_depth: int = MAX_DEPTH) -> bool:
    """Say whether JSON nests deeper than `max_depth`, without parsing it.

    Brackets that do not match are deep, too: no parser need see them.
    """
    if not _nests_deeper(text, max_depth):
        return False
    return _nests_deeper(_STRING.sub(b"", text), max_depth)


def _nests_deeper(text: bytes, max_depth: int) -> bool:
    """Take away the innermost pairs, a level at a time; what is left at the end is deeper."""
    brackets = text.translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(max_depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
