"""What a target's page shows of its values: grouped by what was asked, each with its age."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from collector.console.formats import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.console.formats import Language
    from collector.targets.target_values import Value


class ValueLine(NamedTuple):
    """One value as it is shown."""

    metric: str
    labels: str
    value: str
    at: datetime
    old: bool


class Group(NamedTuple):
    """The values of one kind: `wanwatch_stamp_…` are those of `stamp`."""

    name: str
    lines: tuple[ValueLine, ...]
    old: bool


def groups_of(values: Iterable[Value], language: Language) -> list[Group]:
    """Return the values by the second word of their metric; a group is old when all of it is."""
    found = []
    for name, members in groupby(values, key=lambda value: value.metric.split("_")[1]):
        lines = tuple(_line(value, language) for value in members)
        found.append(Group(name, lines, all(line.old for line in lines)))
    return found


def _line(value: Value, language: Language) -> ValueLine:
    labels = ", ".join(f"{name}={text}" for name, text in value.labels.items() if text)
    shown = quantity(value.metric, value.value, language)
    at = datetime.fromtimestamp(value.at, UTC)
    return ValueLine(value.metric, labels, shown, at, value.is_old)
