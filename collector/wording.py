"""The sentence of an alert: named placeholders only, filled without evaluating anything."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from incidents.vietnamese import number

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LEFT_OVER = re.compile(r"[{}]")


def placeholders(template: str) -> set[str]:
    """Return the names in a template.

    Raises:
        ValueError: A brace is not part of `{name}`.
    """
    if _LEFT_OVER.search(_PLACEHOLDER.sub("", template)):
        raise ValueError("only {name} is allowed in braces, such as {value} or {mountpoint}")
    return set(_PLACEHOLDER.findall(template))


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put words in; a name without a word becomes a dash, a word is never read as a template."""
    return _PLACEHOLDER.sub(lambda found: words.get(found[1]) or "–", template)


def vietnamese_number(value: float) -> str:
    """Return a value as written here: "1.234,5"."""
    return number(value, _decimals(value))


def english_number(value: float) -> str:
    """Return a value with a decimal point: "1,234.5"."""
    return f"{value:,.{_decimals(value)}f}"


def vietnamese_percent(value: float) -> str:
    """Return a ratio as per cent: "4,5 %"."""
    return f"{number(value * 100, 1)} %"


def english_percent(value: float) -> str:
    """Return a ratio as per cent: "4.5 %"."""
    return f"{value * 100:,.1f} %"


def days_left(value: float) -> int:
    """Return the whole days until an instant whose age in seconds is `value`; negative after it."""
    return math.floor(-value / 86_400)


def plain_number(value: float) -> str:
    """Return the value as stored beside an alert: six significant digits at most."""
    return f"{value:.6g}"


def _decimals(value: float) -> int:
    """Whole numbers have none, large ones one, small ones enough to say something."""
    if value == int(value):
        return 0
    return 1 if abs(value) >= 100 else 3
