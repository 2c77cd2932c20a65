"""What changed between two states of the policy directory, without what is secret in it."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK = "***"
# Of one change, in characters: the whole text is kept by its digest, this is what a person reads.
LONGEST_DIFF = 20_000
REVISION_DIGITS = 12
# Addresses of receivers often hold the secret itself in their path; those of targets do not.
_ADDRESSES = "channels.yaml"
_WORDS = "password|passwd|secret|token|bearer|community|api[_-]?key"
_SECRET = re.compile(
    rf"""(?ix) (\b[\w-]*(?:{_WORDS})(?!\w*_file)[\w-]*["']?\s*:\s*)
    ("[^"]*" | '[^']*' | [^,}}\s\#][^,}}\#\n]*)"""
)
_USER = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@\"']+@")
_PATH = re.compile(r"(\bhttps?://[^/\s\"',}]+)/[^\s\"',}]+")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a policy directory as they were read.

    Attributes:
        files: Content by name, such as `rules/own.yaml`.
        shipped: Digest of what the program brings along for files that are not there.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    shipped: str = ""

    @property
    def revision(self) -> str:
        """Return 12 hex digits that change when any file does, or what the program brings."""
        lines = [f"{digest_of(content)} {name}" for name, content in sorted(self.files.items())]
        whole = "\n".join([self.shipped, *lines])
        return hashlib.sha256(whole.encode()).hexdigest()[:REVISION_DIGITS]


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def without_secrets(name: str, content: bytes) -> str:
    """Return a file's text with every secret masked; what is no text is its length alone."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(content)} bytes that are no UTF-8 text)\n"
    if "\x00" in text:  # no text of ours, and PostgreSQL keeps none of it
        return f"({len(content)} bytes that are no text)\n"
    text = _SECRET.sub(rf"\g<1>{MASK}", text)
    text = _USER.sub(rf"\g<1>{MASK}@", text)
    return _PATH.sub(rf"\g<1>/{MASK}", text) if name == _ADDRESSES else text


def unified(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return what changed from file to file, as a unified diff of texts without secrets."""
    parts: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        said = list(
            difflib.unified_diff(
                old.splitlines(), new.splitlines(), f"a/{name}", f"b/{name}", n=1, lineterm=""
            )
        )
        parts += said or [f"{name}: only what is secret in it, or its line endings"]
    whole = "\n".join(parts)
    if len(whole) <= LONGEST_DIFF:
        return whole
    return whole[:LONGEST_DIFF] + f"\n… ({len(whole) - LONGEST_DIFF} characters more)"
