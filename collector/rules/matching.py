"""Label matchers of a rule: `=`, `!=`, `=~`, `!~`, anchored; a missing label is empty."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORM = re.compile(r"(!=|=~|!~|=)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label."""

    label: str
    pattern: re.Pattern[str]
    is_negated: bool

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the label's whole value is as the matcher wants it."""
        found = self.pattern.fullmatch(labels.get(self.label, "")) is not None
        return found is not self.is_negated


def parse_matcher(label: str, text: str) -> Matcher:
    """Read `!~ tmpfs|overlay`; text without an operator means equality.

    Raises:
        ValueError: The expression after `=~` or `!~` is not a regular expression.
    """
    found = _FORM.fullmatch(text)
    operator, operand = (found[1], found[2]) if found else ("=", text)
    source = operand if operator.endswith("~") else re.escape(operand)
    try:
        return Matcher(label, re.compile(source), operator.startswith("!"))
    except re.error as error:
        raise ValueError(f"{operand!r} is not a regular expression: {error}") from error
