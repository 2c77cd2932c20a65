"""The difference between two rulesets: value by value, items of a list by their code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidents.procedure import Procedure

What = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; `part` is the part of the file, `field` the rest of its path."""

    what: What
    part: str
    field: str
    before: str
    after: str


def difference(before: Procedure, after: Procedure) -> list[Change]:
    """Return what differs, in the order of the later ruleset; none when they are the same."""
    return list(_walk(json.loads(before.content), json.loads(after.content), ()))


def _walk(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if before == after:
        return
    one, other = _children(before), _children(after)
    if one is None or other is None or (not path and not other):
        yield _change("changed", path, before, after)
        return
    for key in [*other, *(key for key in one if key not in other)]:
        here = (*path, key)
        if key not in one:
            yield _change("added", here, None, other[key])
        elif key not in other:
            yield _change("removed", here, one[key], None)
        else:
            yield from _walk(one[key], other[key], here)


def _children(value: Any) -> dict[str, Any] | None:
    """Return a map, or a list whose items have a code or a day, by key; None for anything else."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    for key in ("code", "day", "to"):
        if value and all(isinstance(item, dict) and key in item for item in value):
            names = [str(item[key]) for item in value]
            if len(set(names)) == len(names):
                return dict(zip(names, value, strict=True))
    return None


def _change(what: What, path: tuple[str, ...], before: Any, after: Any) -> Change:
    return Change(what, path[0] if path else "", ".".join(path[1:]), _shown(before), _shown(after))


def _shown(value: Any) -> str:
    """Return a value as the file has it, without quotes round plain text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
