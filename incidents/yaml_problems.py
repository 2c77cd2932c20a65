"""What is wrong with a policy file, in words: where, what was given, what is allowed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Path = tuple[str | int, ...]
MAX_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file; `field` reads like `rules[3].warning.below`."""

    file: str
    line: int
    field: str
    message_en: str
    message_vi: str = ""

    def __str__(self) -> str:
        """Return `file:line: field: message`."""
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.field}: " if self.field else "") + self.message_en

    @property
    def in_vietnamese(self) -> str:
        """Return the same for who reads Vietnamese; what nobody put into it stays English."""
        where = f"{self.file}, dòng {self.line}: "
        said = self.message_vi or self.message_en
        return where + (f"{self.field}: " if self.field else "") + said


class InvalidDocument(ValueError):
    """A policy file that cannot be used, with every problem found in it, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def field_name(path: Path) -> str:
    """Return a path as people write it: `("rules", 3, "name")` → `rules[3].name`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model that holds the value at `path`, where the fields say it plainly."""
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = _field_type(current, part)
        else:
            inner = [one for one in get_args(current) if one is not ...]
            current = _unwrapped(inner[-1] if inner else None)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def describe(
    detail: Mapping[str, Any], path: Path, owner: type[BaseModel] | None
) -> tuple[str, str]:
    """Put one pydantic error into words, English and Vietnamese."""
    kind, context = detail["type"], detail.get("ctx", {})
    given = shown(detail["input"])
    if kind == "missing":
        return "is missing; it is required", "thiếu; trường này bắt buộc"
    if kind == "extra_forbidden":
        return _unknown_field(str(path[-1]) if path else "", owner)
    if kind in ("literal_error", "enum"):
        expected = context.get("expected", "")
        return f"{given} given; allowed: {expected}", f"{given} không hợp lệ; cho phép: {expected}"
    if kind == "value_error":
        return f"{given} given; {context['error']}", f"{given} không hợp lệ: {context['error']}"
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{given} given; {message}", f"{given} không hợp lệ: {message}"


def shown(value: object) -> str:
    """Return a value as it may stand in a message: short, on one line."""
    text = repr(value)
    if len(text) <= MAX_SHOWN_CHARACTERS:
        return text
    return text[: MAX_SHOWN_CHARACTERS - 1] + "…"


def _field_type(model: type[BaseModel], part: str | int) -> Any:
    for name, info in model.model_fields.items():
        if part in (name, info.alias):
            return _unwrapped(info.annotation)
    return None


def _unwrapped(annotation: Any) -> Any:
    """`X | None` → X; other annotations stay."""
    if get_origin(annotation) in (list, tuple, dict):
        return annotation
    members = [member for member in get_args(annotation) if member is not type(None)]
    return members[0] if len(members) == 1 else annotation


def _unknown_field(name: str, owner: type[BaseModel] | None) -> tuple[str, str]:
    if owner is None:
        return f"{name!r} is not a known field", f"không có trường {name!r}"
    allowed = sorted(info.alias or key for key, info in owner.model_fields.items())
    close = difflib.get_close_matches(name, allowed, n=1)
    hint_en = f"; did you mean {close[0]!r}?" if close else ""
    hint_vi = f"; có phải là {close[0]!r}?" if close else ""
    listed = ", ".join(allowed)
    return (
        f"{name!r} is not a known field; allowed: {listed}{hint_en}",
        f"không có trường {name!r}; cho phép: {listed}{hint_vi}",
    )
