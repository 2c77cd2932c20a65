"""The tree of routes: which of them an alert takes, and what they say of it.

Taken as Alertmanager takes them: depth first, from the left; the first child that matches is the
last to be tried unless it says `continue`; a route counts itself only where none of its children
matched; the root matches everything. Here a route is no receiver but words about an alert; what a
later one says counts over what an earlier one said.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from collector.alerts_in.matchers import LabelMatcher, all_match

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.alerts_in.alert import Labels
    from collector.rules.rules import Cause, Outcome, Severity

EVERY_LABEL = "..."
DEFAULT_CLASS = "khac"


@dataclass(frozen=True, slots=True)
class Words:
    """What a route says of alerts; None: it says nothing.

    Attributes:
        severity: Without it the label `severity` says it.
        unit: The code of the unit, whatever the labels say.
        is_unreachable: It says that something gives no answer: topology may explain it.
        cause: What one open incident covers; `group_by` in its place: alerts equal in these labels.
    """

    class_code: str | None = None
    severity: Severity | None = None
    outcome: Outcome | None = None
    impact: str | None = None
    scope: str | None = None
    cause: Cause | None = None
    unit: str | None = None
    runbook: str | None = None
    is_unreachable: bool | None = None
    group_by: tuple[str, ...] | None = None
    summary_vi: str | None = None
    summary_en: str | None = None

    def given(self) -> dict[str, Any]:
        """Return what it does say."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) is not None
        }


@dataclass(frozen=True, slots=True)
class Route:
    """One node of the tree; `name` is the nearest one that was given on the way to it."""

    name: str
    matchers: tuple[LabelMatcher, ...] = ()
    words: Words = field(default_factory=Words)
    is_continued: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A route that an alert takes, and the way to it from the root, both ends included."""

    route: Route
    way: tuple[Route, ...]

    @property
    def group_by(self) -> tuple[str, ...]:
        """Return the labels by which the alerts of the route are grouped."""
        given = [node.words.group_by for node in self.way if node.words.group_by is not None]
        return given[-1] if given else ()


def taken(root: Route, labels: Mapping[str, str]) -> list[Taken]:
    """Return the routes that an alert takes, at least the root."""
    return list(_taken(root, labels, ()))


def words_of(routes: list[Taken]) -> Words:
    """Return what the routes say together: along each way, then from the first to the last."""
    said: dict[str, Any] = {}
    heard: list[Route] = []
    for one in routes:
        for node in one.way:
            if not any(node is other for other in heard):
                heard.append(node)
                said |= node.words.given()
    return Words(**said)


def group_labels(group_by: tuple[str, ...], labels: Labels) -> Labels:
    """Return the labels that name an alert's group; those that it lacks are left out."""
    if EVERY_LABEL in group_by:
        return labels
    return tuple((name, value) for name, value in labels if name in group_by)


def _taken(route: Route, labels: Mapping[str, str], way: tuple[Route, ...]) -> Iterator[Taken]:
    if not all_match(route.matchers, labels):
        return
    here = (*way, route)
    is_any = False
    for child in route.routes:
        found = list(_taken(child, labels, here))
        yield from found
        is_any = is_any or bool(found)
        if found and not child.is_continued:
            break
    if not is_any:
        yield Taken(route, here)


def alertmanager_config(root: Route, resolve_timeout: str) -> str:
    """Return the tree as a configuration of Alertmanager: `amtool` evaluates that by itself."""
    names: dict[str, None] = {}
    lines = ["global:", f"  resolve_timeout: {resolve_timeout}", "route:"]
    lines += _lines(root, "  ", names)
    lines.append("receivers:")
    lines += [f"  - name: {_text(name)}" for name in names]
    return "\n".join(lines) + "\n"


def _lines(route: Route, indent: str, names: dict[str, None]) -> Iterator[str]:
    names[route.name] = None
    yield f"{indent}receiver: {_text(route.name)}"
    if route.words.group_by is not None:
        yield f"{indent}group_by: [{', '.join(map(_text, route.words.group_by))}]"
    if route.matchers:
        yield f"{indent}matchers:"
        for matcher in route.matchers:
            yield f"{indent}  - {_single(str(matcher))}"
    if route.is_continued:
        yield f"{indent}continue: true"
    if route.routes:
        yield f"{indent}routes:"
        for child in route.routes:
            first, *rest = _lines(child, indent + "    ", names)
            yield f"{indent}  - {first.lstrip()}"
            yield from rest


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _single(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
