"""`alerts.yaml` → which alerts from outside are what: labels, severities, routes; checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.alerts_in import matchers as reading
from collector.alerts_in.routing import EVERY_LABEL, Route, Words
from collector.rules.expression import parse_duration
from collector.rules.rules import Cause, Outcome, Severity
from collector.wording import placeholders
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "alerts.yaml"
ROOT = "wanwatch"
MOST_ROUTES = 500


def _matcher(text: str) -> str:
    reading.parse(text)
    return text


def _duration(text: str) -> str:
    if not timedelta(seconds=10) <= timedelta(seconds=parse_duration(text)) <= timedelta(days=7):
        raise ValueError("between 10s and 7d")
    return text


def _template(text: str) -> str:
    placeholders(text)
    return text


Label = Annotated[str, Field(min_length=1, max_length=200)]
Value = Annotated[str, Field(min_length=1, max_length=200)]
Duration = Annotated[str, AfterValidator(_duration)]
Template = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_template)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LabelsPart(_Part):
    """Which labels name the unit, the host and the target; the first that is there counts."""

    unit: list[Label] = ["unit", "ma_dinh_danh"]
    host: list[Label] = ["host", "nodename", "instance"]
    target: list[Label] = ["target"]
    severity: list[Label] = ["severity"]


class SummaryPart(_Part):
    """The sentence of an alert in both languages, with `{label}` placeholders."""

    vi: Template
    en: Template


class WordsPart(_Part):
    """What is said of alerts."""

    class_: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = Field(None, alias="class")
    severity: Severity | None = None
    outcome: Outcome | None = None
    impact: Annotated[str, Field(pattern=r"^I[1-4]$")] | None = None
    scope: Annotated[str, Field(pattern=r"^P[1-4]$")] | None = None
    cause: Cause | None = None
    unit: str | None = None
    runbook: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")] | None = None
    unreachable: bool | None = None
    group_by: Annotated[list[Label], Field(min_length=1, max_length=50)] | None = None
    summary: SummaryPart | None = None


class RoutePart(WordsPart):
    """One route and those under it."""

    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    matchers: Annotated[
        list[Annotated[str, AfterValidator(_matcher)]], Field(max_length=reading.MAX_MATCHERS)
    ] = []
    continue_: Annotated[bool, Field(alias="continue")] = False
    routes: list[RoutePart] = []


class AlertsFile(_Part):
    """A whole file."""

    resolve_timeout: Duration = "5m"
    webhook_timeout: Duration = "5h"
    labels: LabelsPart = LabelsPart()
    critical: list[Value] = ["critical", "page", "error", "emergency", "alert", "fatal", "high"]
    recorded: list[Value] = ["info", "none", "debug", "information", "notice"]
    default: WordsPart = Field(default_factory=lambda: WordsPart.model_validate({}))
    routes: Annotated[list[RoutePart], Field(max_length=MOST_ROUTES)] = []


@dataclass(frozen=True)
class OutsidePolicy:
    """What the province says of alerts from outside.

    Attributes:
        lease: For how long an alert holds that nobody says again and whose end nobody gave.
        notified_lease: The same of one that came as a notification, which is repeated seldom.
        critical: Values of the severity label that are critical; `recorded`: that are for the
            record alone; all others are warnings.
    """

    root: Route = field(default_factory=lambda: _root(AlertsFile()))
    lease: timedelta = timedelta(minutes=5)
    notified_lease: timedelta = timedelta(hours=5)
    resolve_timeout: str = "5m"
    unit_labels: tuple[str, ...] = tuple(LabelsPart().unit)
    host_labels: tuple[str, ...] = tuple(LabelsPart().host)
    target_labels: tuple[str, ...] = tuple(LabelsPart().target)
    severity_labels: tuple[str, ...] = tuple(LabelsPart().severity)
    critical: frozenset[str] = frozenset(AlertsFile().critical)
    recorded: frozenset[str] = frozenset(AlertsFile().recorded)

    @cached_property
    def receivers(self) -> tuple[str, ...]:
        """Return the names of all routes."""
        found: dict[str, None] = {}
        waiting = [self.root]
        while waiting:
            route = waiting.pop(0)
            found[route.name] = None
            waiting += route.routes
        return tuple(found)


@dataclass(frozen=True)
class Known:
    """What a route may name; None is not checked."""

    classes: Container[str] | None = None
    runbooks: Container[str] | None = None
    units: Container[str] | None = None


def read_outside(text: str, *, file: str = FILE, known: Known | None = None) -> OutsidePolicy:
    """Return the policy of a file.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    content = validate(document, AlertsFile)
    problems = list(_problems(document, content, known or Known()))
    if problems:
        raise InvalidDocument(problems)
    return OutsidePolicy(
        root=_root(content),
        lease=timedelta(seconds=parse_duration(content.resolve_timeout)),
        notified_lease=timedelta(seconds=parse_duration(content.webhook_timeout)),
        resolve_timeout=content.resolve_timeout,
        unit_labels=tuple(content.labels.unit),
        host_labels=tuple(content.labels.host),
        target_labels=tuple(content.labels.target),
        severity_labels=tuple(content.labels.severity),
        critical=frozenset(content.critical),
        recorded=frozenset(content.recorded),
    )


def _root(content: AlertsFile) -> Route:
    return Route(
        name=ROOT,
        words=_words(content.default),
        routes=tuple(_route(part, ROOT) for part in content.routes),
    )


def _route(part: RoutePart, inherited: str) -> Route:
    name = part.name or inherited
    return Route(
        name=name,
        matchers=tuple(reading.parse(text) for text in part.matchers),
        words=_words(part),
        is_continued=part.continue_,
        routes=tuple(_route(child, name) for child in part.routes),
    )


def _words(part: WordsPart) -> Words:
    summary = part.summary
    return Words(
        class_code=part.class_,
        severity=part.severity,
        outcome=part.outcome,
        impact=part.impact,
        scope=part.scope,
        cause=part.cause,
        unit=part.unit,
        runbook=part.runbook,
        is_unreachable=part.unreachable,
        group_by=None if part.group_by is None else tuple(part.group_by),
        summary_vi=None if summary is None else summary.vi,
        summary_en=None if summary is None else summary.en,
    )


def _problems(document: Document, content: AlertsFile, known: Known) -> Iterator[Problem]:
    yield from _wrong_words(document, ("default",), content.default, known)
    waiting: list[tuple[tuple[str | int, ...], RoutePart]] = [
        (("routes", number), part) for number, part in enumerate(content.routes)
    ]
    while waiting:
        path, part = waiting.pop(0)
        yield from _wrong_words(document, path, part, known)
        if not part.matchers:
            yield document.problem(
                path, "has no `matchers`: nothing after it would be reached",
                "chưa có `matchers`: các mục sau sẽ không bao giờ được xét",
            )  # fmt: skip
        waiting += [((*path, "routes", n), child) for n, child in enumerate(part.routes)]


def _wrong_words(
    document: Document, path: tuple[str | int, ...], part: WordsPart, known: Known
) -> Iterator[Problem]:
    named: list[tuple[str, str | None, Container[str] | None, str, str]] = [
        ("class", part.class_, known.classes, "a class of the procedure in force", "loại sự cố"),
        ("runbook", part.runbook, known.runbooks, "a runbook of the library", "quy trình xử lý"),
        ("unit", part.unit, known.units, "a unit of units.csv", "đơn vị trong units.csv"),
    ]
    for name, value, allowed, what_en, what_vi in named:
        if value is not None and allowed is not None and value not in allowed:
            yield document.problem(
                (*path, name), f"{value!r} is not {what_en}", f"{value!r} không phải {what_vi}"
            )
    if part.group_by is not None and EVERY_LABEL in part.group_by and len(part.group_by) > 1:
        message = f"`{EVERY_LABEL}` stands alone: it is every label"
        yield document.problem((*path, "group_by"), message)
    if part.group_by is not None and len(set(part.group_by)) < len(part.group_by):
        yield document.problem((*path, "group_by"), "names a label twice; once is enough")
    if part.group_by is not None and part.cause is not None:
        yield document.problem((*path, "cause"), "stands beside `group_by`; one of them is enough")
    summary = part.summary
    if summary is not None and placeholders(summary.vi) != placeholders(summary.en):
        yield document.problem((*path, "summary"), "`vi` and `en` must have the same placeholders")
