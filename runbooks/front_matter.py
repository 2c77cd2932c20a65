"""Splits a runbook into its YAML block and its Markdown, and knows on which line each field is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

FENCE = "---"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in one runbook."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """Return `file:line: field: message`."""
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.field}: " if self.field else "") + self.message


class InvalidRunbook(ValueError):
    """A runbook that cannot be used, with every mistake found in it, by line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Split:
    """A runbook in two: the values of its front matter with their lines, and its body.

    Attributes:
        body_line: The line of the file on which the body starts, from 1.
    """

    file: str
    value: Any
    lines: dict[Path, int]
    body: str
    body_line: int

    def mistake(self, path: Path, message: str) -> Mistake:
        """Build the mistake of the field at `path`, or of its nearest parent that is there."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Mistake(self.file, self.lines.get(known, 1), _name(path), message)


def split(text: str, *, file: str) -> Split:
    """Read the front matter of a runbook.

    Raises:
        InvalidRunbook: There is none, or it is not plain YAML with each key once.
    """
    lines = text.splitlines()
    if not lines or lines[0] != FENCE:
        raise InvalidRunbook([Mistake(file, 1, "", f"must start with a line {FENCE!r}")])
    if FENCE not in lines[1:]:
        raise InvalidRunbook([Mistake(file, 1, "", f"the front matter has no end: {FENCE!r}")])
    end = lines.index(FENCE, 1)
    try:
        node = yaml.compose("\n".join(lines[1:end]), Loader=yaml.SafeLoader)
        value = yaml.safe_load("\n".join(lines[1:end]))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 2
        what = getattr(error, "problem", None) or str(error)
        raise InvalidRunbook([Mistake(file, line, "", f"not readable as YAML: {what}")]) from error
    found: dict[Path, int] = {}
    if node is not None and (repeated := list(_note(node, (), found))):
        raise InvalidRunbook(
            Mistake(file, line, _name(path), "is given twice; keep one") for path, line in repeated
        )
    return Split(file, value, found, "\n".join(lines[end + 1 :]), end + 2)


def _note(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Iterable[tuple[Path, int]]:
    """Write down the line of every value; yield the keys that are there twice."""
    lines.setdefault(path, node.start_mark.line + 2)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner, line = (*path, str(key.value)), key.start_mark.line + 2
            if inner in lines:
                yield inner, line
            lines[inner] = line
            yield from _note(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _note(item, (*path, number), lines)


def _name(path: Path) -> str:
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name
