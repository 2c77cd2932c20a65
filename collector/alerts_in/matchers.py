"""Matchers as Alertmanager and `amtool` write them: `name="value"`, `!=`, `=~`, `!~`, anchored.

A missing label is an empty one. What comes over the network is bounded: an expression whose
repetitions are nested could take for ever, and is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Operator = Literal["=", "!=", "=~", "!~"]
OPERATORS: tuple[Operator, ...] = ("=", "!=", "=~", "!~")
MAX_PATTERN_CHARACTERS = 1_000
MAX_MATCHERS = 50
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_FORM = re.compile(
    rf"\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*|{_QUOTED})\s*(?P<op>=~|!=|!~|=)\s*(?P<value>.*?)\s*",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_REPEATS = frozenset({sre.MAX_REPEAT, sre.MIN_REPEAT})
# What Go's expressions do not have either.
_FOREIGN = frozenset(
    {sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF, sre.GROUPREF_EXISTS}
)  # fmt: skip
_MANY = 8


@dataclass(frozen=True, slots=True)
class LabelMatcher:
    """One condition on one label's whole value.

    Raises:
        ValueError: On making: the value is no expression, or one that is refused.
    """

    name: str
    operator: Operator
    value: str
    _pattern: re.Pattern[str] | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            object.__setattr__(self, "_pattern", _compiled(self.value))

    def __str__(self) -> str:
        """Return how Alertmanager writes it."""
        return f"{_name(self.name)}{self.operator}{quoted(self.value)}"

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels are as the matcher wants them."""
        found = labels.get(self.name, "")
        if self._pattern is not None:
            is_same = self._pattern.fullmatch(found) is not None
        else:
            is_same = found == self.value
        return is_same is not self.operator.startswith("!")


def all_match(matchers: Iterable[LabelMatcher], labels: Mapping[str, str]) -> bool:
    """Say whether every matcher does; none at all matches anything."""
    return all(matcher.matches(labels) for matcher in matchers)


def parse(text: str) -> LabelMatcher:
    """Read one matcher; a value without quotes reaches to the end.

    Raises:
        ValueError: It is none; the text says what is allowed.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} is no matcher: write name="value", with = != =~ or !~')
    value = found["value"]
    if value.startswith('"') or value.endswith('"'):
        if re.fullmatch(_QUOTED, value) is None:
            raise ValueError(f"{text!r}: the quotes do not close, or something stands behind them")
        value = _unquoted(value)
    name = _unquoted(found["name"]) if found["name"].startswith('"') else found["name"]
    if not name:
        raise ValueError(f"{text!r}: a label has a name")
    operator: Any = found["op"]
    return LabelMatcher(name, operator, value)


def parse_many(text: str) -> tuple[LabelMatcher, ...]:
    """Read matchers between commas, within braces or without.

    Raises:
        ValueError: One of them is none.
    """
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    parts = re.findall(rf"(?:{_QUOTED}|[^,])+", inner)
    return tuple(parse(part) for part in parts if part.strip())


def quoted(value: str) -> str:
    """Return a value within quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _name(name: str) -> str:
    return name if re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name) else quoted(name)


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text[1:-1])


def _compiled(text: str) -> re.Pattern[str]:
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise ValueError(f"an expression has at most {MAX_PATTERN_CHARACTERS} characters")
    try:
        _refuse_endless(_parser.parse(text, re.ASCII), is_repeated=False)
        return re.compile(text, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None


def _refuse_endless(parsed: Any, *, is_repeated: bool) -> None:
    """Refuse what Go does not have, and what may try a value in more ways than it has parts."""
    open_ended = 0
    for code, argument in parsed:
        if code in _FOREIGN:
            raise ValueError("look-around and back-references are not supported")
        if code in _REPEATS:
            least, most, inner = argument
            is_open = most - least > _MANY
            open_ended += is_open
            if is_open and is_repeated:
                raise ValueError("a repetition within a repetition is not supported")
            _refuse_endless(inner, is_repeated=is_repeated or most > _MANY)
        elif code is sre.SUBPATTERN:
            _refuse_endless(argument[3], is_repeated=is_repeated)
        elif code is sre.BRANCH:
            if is_repeated:
                raise ValueError("alternatives within a repetition are not supported")
            for branch in argument[1]:
                _refuse_endless(branch, is_repeated=is_repeated)
    if open_ended > _MANY:
        raise ValueError(f"at most {_MANY} open repetitions in a row are supported")
