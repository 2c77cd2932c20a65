"""What is wrong across the fields of a rules file, in English and Vietnamese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.rules.matching import parse_matcher
from collector.wire_json import LABEL_NAME
from collector.wording import placeholders

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from collector.rules.rule_file import Limit, RulePart, RulesFile
    from incidents.yaml_lines import Document, Problem

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Known:
    """What a rule may name: classes and runbooks; None is not checked."""

    classes: Container[str] | None = None
    runbooks: Container[str] | None = None


def problems_of(document: Document, path: Path, part: RulePart, known: Known) -> Iterator[Problem]:
    """Yield what is wrong across the fields of one rule."""
    yield from _limits(document, path, part)
    yield from _labels(document, path, part)
    if placeholders(part.summary.vi) != placeholders(part.summary.en):
        yield document.problem(
            (*path, "summary"),
            "`vi` and `en` must have the same placeholders",
            "`vi` và `en` phải có cùng các chỗ điền {…}",
        )
    if known.classes is not None and part.class_ not in known.classes:
        yield document.problem(
            (*path, "class"),
            f"{part.class_!r} is not a class of the procedure in force",
            f"quy trình đang dùng không có loại {part.class_!r}",
        )
    if known.runbooks is not None and part.runbook not in known.runbooks:
        yield document.problem(
            (*path, "runbook"),
            f"there is no runbook {part.runbook!r}; write runbooks/{part.runbook}.md",
            f"không có hướng dẫn {part.runbook!r}; cần viết runbooks/{part.runbook}.md",
        )


def repeated_names(document: Document, content: RulesFile) -> Iterator[Problem]:
    """Yield each rule whose name another one of the file has already."""
    first: dict[str, int] = {}
    for number, part in enumerate(content.rules):
        if part.name in first:
            line = document.line_of(("rules", first[part.name], "name"))
            yield document.problem(
                ("rules", number, "name"),
                f"the rule {part.name} is already in line {line}",
                f"quy tắc {part.name} đã có ở dòng {line}",
            )
        first.setdefault(part.name, number)


def unknown_off(document: Document, number: int, name: str) -> Problem:
    """Return what is wrong when a rule is switched off that is not there."""
    return document.problem(
        ("off", number),
        f"there is no shipped rule {name!r}",
        f"không có quy tắc kèm sẵn {name!r}",
    )


def _limits(document: Document, path: Path, part: RulePart) -> Iterator[Problem]:
    if part.warning is None and part.critical is None:
        yield document.problem(
            path, "needs `warning`, `critical` or both", "cần `warning`, `critical` hoặc cả hai"
        )
    limits: list[tuple[tuple[str, ...], Limit | None]] = [
        (("warning",), part.warning),
        (("critical",), part.critical),
    ]
    if (tight := part.in_session) is not None:
        limits += [
            (("in_session", "warning"), tight.warning),
            (("in_session", "critical"), tight.critical),
        ]
        if tight.critical and part.critical and not is_worse(part.critical, tight.critical):
            yield document.problem(
                (*path, "in_session", "critical"),
                "must not be milder than the rule's own",
                "không được nhẹ hơn ngưỡng của chính quy tắc",
            )
    for name, limit in limits:
        if limit is not None and (limit.above is None) == (limit.below is None):
            yield document.problem(
                (*path, *name),
                "needs exactly one of `above` and `below`",
                "cần đúng một trong `above` và `below`",
            )
    if part.warning and part.critical and not is_worse(part.critical, part.warning):
        yield document.problem(
            (*path, "critical"),
            "must lie beyond `warning`, in its direction",
            "phải vượt quá `warning`, theo cùng chiều",
        )


def _labels(document: Document, path: Path, part: RulePart) -> Iterator[Problem]:
    for label, text in part.where.items():
        try:
            parse_matcher(label, text)
        except ValueError as error:
            yield document.problem((*path, "where", label), str(error))
        if LABEL_NAME.fullmatch(label) is None:
            yield document.problem(
                (*path, "where", label),
                f"{label!r} is not a label name",
                f"{label!r} không phải là tên nhãn",
            )


def is_worse(critical: Limit, warning: Limit) -> bool:
    """Say whether one limit lies beyond another, in the same direction."""
    if critical.above is not None and warning.above is not None:
        return critical.above >= warning.above
    if critical.below is not None and warning.below is not None:
        return critical.below <= warning.below
    return False
