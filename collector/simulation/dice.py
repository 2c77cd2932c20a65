"""Numbers that look random and are the same every time: drawn from a seed and some words."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def draw_bytes(*words: object) -> bytes:
    """Return 32 bytes; the same words always give the same ones."""
    return hashlib.sha256("\0".join(map(str, words)).encode()).digest()


def draw(*words: object) -> float:
    """Return a number from 0 to below 1."""
    return int.from_bytes(draw_bytes(*words)[:6], "big") / 2**48


def pick(choices: Sequence[T], *words: object) -> T:
    """Return one of the choices."""
    return choices[int(draw(*words) * len(choices))]
