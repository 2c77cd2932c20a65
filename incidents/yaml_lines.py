"""Read YAML policy files into plain values that remember their lines, and say what is wrong where.

`load` accepts a small, predictable YAML: no anchors, aliases, tags or repeated keys; keys are text;
numbers are decimal; `true` and `false` are the only booleans; dates, durations and codes with
leading zeros stay text. All text comes out in NFC. `validate` holds the values against a pydantic
model and reports every mistake at once, each with file, line, field, what was given and what is
allowed. Checks across fields build their own problems with `Document.problem`.

    document = load(text, file="channels.yaml")
    policy = validate(document, PagingPolicyFile)    # raises InvalidDocument(problems)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from incidents.yaml_problems import InvalidDocument, Problem, describe, field_name, model_at

__all__ = ["Document", "InvalidDocument", "Problem", "load", "validate"]

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 1 << 20
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """SafeLoader with the four scalar types named above and without anchors."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors (&name) and aliases (*name) are not allowed; write the value out",
                problem_mark=event.start_mark,
            )
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=event.start_mark
            )
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?", "-+0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values and where they stand; `problems` holds the repeated keys found while reading.

    `files` names the file of each path that does not stand in `file` itself.
    """

    file: str
    value: Any
    lines: dict[Path, int]
    problems: tuple[Problem, ...] = ()
    files: dict[Path, str] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Return the line (from 1) of the value at `path`, or of its nearest parent that exists."""
        return self.lines.get(self._known(path), 1)

    def file_of(self, path: Path) -> str:
        """Return the file in which the value at `path`, or its nearest parent, stands."""
        return self.files.get(self._known(path), self.file)

    def _known(self, path: Path) -> Path:
        while path and path not in self.lines:
            path = path[:-1]
        return path

    def problem(self, path: Path, message_en: str, message_vi: str = "") -> Problem:
        """Build the problem of the value at `path`."""
        return Problem(
            self.file_of(path), self.line_of(path), field_name(path), message_en, message_vi
        )


@dataclass(slots=True)
class _Reader:
    file: str
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return self._refuse(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, path, "a key must be text", "khóa phải là văn bản")
                continue
            key = unicodedata.normalize("NFC", key_node.value)
            if key in mapping:
                first = self.lines[(*path, key)]
                self._add(
                    key_node,
                    (*path, key),
                    f"the key {key!r} is already given in line {first}; keep one",
                    f"khóa {key!r} đã có ở dòng {first}; chỉ giữ một",
                )
                continue
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            mapping[key] = self.read(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind == "str":
            return unicodedata.normalize("NFC", node.value)
        try:
            if kind == "int":
                return int(node.value)
            if kind == "float":
                return float(node.value)
        except ValueError:
            return self._refuse(node, path)
        if kind == "bool" and node.value in ("true", "false"):
            return node.value == "true"
        return None if kind == "null" else self._refuse(node, path)

    def _refuse(self, node: yaml.Node, path: Path) -> None:
        tag = node.tag.removeprefix(_TAG)
        self._add(node, path, f"the tag {tag!r} is not allowed; write plain YAML", "")

    def _add(self, node: yaml.Node, path: Path, message_en: str, message_vi: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.file, line, field_name(path), message_en, message_vi))


def load(text: str, *, file: str) -> Document:
    """Read one YAML document; `file` is the name shown in problems.

    Raises:
        InvalidDocument: It is too large, is not YAML, or uses anchors or aliases.
    """
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_BYTES:
        message = f"{size_bytes} bytes given; at most {MAX_BYTES} bytes are read"
        raise InvalidDocument([Problem(file, 1, "", message, f"tệp quá lớn: {size_bytes} byte")])
    try:
        loader = _Loader(text)
        node: Any = loader.get_single_node()
    except yaml.YAMLError as error:
        raise InvalidDocument([_not_yaml(error, file)]) from error
    reader = _Reader(file)
    value = None if node is None else reader.read(node, ())
    return Document(file, value, reader.lines, tuple(reader.problems))


def _not_yaml(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = 1 if mark is None else mark.line + 1
    return Problem(file, line, "", f"not readable as YAML: {what}", f"không đọc được YAML: {what}")


def validate(document: Document, model: type[M]) -> M:
    """Return the document as `model`; an empty document counts as an empty mapping.

    Raises:
        InvalidDocument: With every problem of the document, repeated keys included, by line.
    """
    problems = list(document.problems)
    checked: M | None = None
    try:
        checked = model.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = _known_path(document, detail["loc"], missing=detail["type"] == "missing")
            owner = model_at(model, path[:-1])
            problems.append(document.problem(path, *describe(detail, path, owner)))
    if problems or checked is None:
        raise InvalidDocument(problems)
    return checked


def _known_path(document: Document, location: Path, *, missing: bool) -> Path:
    """Drop what pydantic adds to a location (union members, `[key]`), keep a missing field."""
    depth = 0
    while depth < len(location) and location[: depth + 1] in document.lines:
        depth += 1
    return location[: depth + 1] if missing else location[:depth]
