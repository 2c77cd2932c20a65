"""Marks that a browser keeps after a log-in, by which attempts from there are counted apart.

A mark says only that this person logged in from there once; it opens nothing. Source: OWASP,
slow down online guessing attacks with device cookies.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NONCE_BYTES = 16
LONGEST_MARK = 200


class DeviceMarks:
    """Makes and checks marks, signed with a key of ours."""

    def __init__(self, key: bytes, random_bytes: Callable[[int], bytes]) -> None:
        self._key = hmac.digest(key, b"device marks", "sha256")
        self._random_bytes = random_bytes

    def mark(self, name_key: str, nonce: str = "") -> str:
        """Return the mark of a device that a person logged in from; the same nonce stays."""
        nonce = nonce or self._random_bytes(NONCE_BYTES).hex()
        return f"{nonce}.{self._signature(name_key, nonce)}"

    def nonce_of(self, mark: str, name_key: str) -> str:
        """Return the nonce of a mark of this person, empty for any other mark."""
        nonce, _, signature = mark[:LONGEST_MARK].partition(".")
        expected = self._signature(name_key, nonce)
        return nonce if hmac.compare_digest(signature.encode(), expected.encode()) else ""

    def _signature(self, name_key: str, nonce: str) -> str:
        return hmac.digest(self._key, f"{nonce}\n{name_key}".encode(), "sha256").hex()
