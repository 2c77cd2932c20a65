"""Rules files → the rules in force: the shipped ones and what a policy changes of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from collector.rules.expression import parse_duration, parse_value
from collector.rules.matching import parse_matcher
from collector.rules.rule_checks import Known, is_worse, problems_of, repeated_names, unknown_off
from collector.rules.rule_file import RulePart, RulesFile
from collector.rules.rules import Flapping, Rule, Threshold, Tight
from incidents.yaml_lines import InvalidDocument, Problem, load, validate

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from collector.rules.rule_file import Limit

SHIPPED = Path(__file__).parents[1] / "defaults" / "rules"


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class Rulebook:
    """The rules in force.

    Attributes:
        revision: Names this set of rules, or the policy that it is a part of; stored with each
            alert it raised.
        by_metric: The rules that look at a metric, as their first or second one.
    """

    rules: tuple[Rule, ...]
    revision: str
    by_metric: dict[str, tuple[Rule, ...]] = field(default_factory=dict)


def rulebook_of(rules: Iterable[Rule]) -> Rulebook:
    """Return the rules indexed by metric, with their revision."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.name))
    by_metric: dict[str, tuple[Rule, ...]] = {}
    for rule in ordered:
        for metric in {rule.value.metric, rule.value.other}:
            if isinstance(metric, str):
                by_metric[metric] = (*by_metric.get(metric, ()), rule)
    return Rulebook(ordered, _revision(ordered), by_metric)


def load_rulebook(
    directory: Path | None,
    *,
    classes: Container[str] | None = None,
    runbooks: Container[str] | None = None,
) -> Rulebook:
    """Return the shipped rules with those of `directory` over them.

    `classes` are the class codes of the procedure in force, `runbooks` the names of the library;
    without, they are not checked.

    Raises:
        InvalidDocument: With every problem of every file.
    """
    problems: list[Problem] = []
    rules = {rule.name: rule for rule in _read_folder(SHIPPED, NOTHING_KNOWN, problems)[0]}
    known = Known(classes, runbooks)
    own, off = _read_folder(directory, known, problems) if directory else ([], [])
    by_name: dict[str, Rule] = {}
    for rule in own:
        by_name[rule.name] = rule
    for name, problem in off:
        if rules.pop(name, None) is None:
            problems.append(problem)
    if problems:
        raise InvalidDocument(problems)
    return rulebook_of({**rules, **by_name}.values())


def read_rules(
    text: str, *, file: str, known: Known = NOTHING_KNOWN
) -> tuple[list[Rule], list[tuple[str, Problem]]]:
    """Return the rules of one file, and those it switches off with the problem if unknown.

    Raises:
        InvalidDocument: With every problem of the file.
    """
    document = load(text, file=file)
    content = validate(document, RulesFile)
    problems = [
        problem
        for number, part in enumerate(content.rules)
        for problem in problems_of(document, ("rules", number), part, known)
    ]
    problems += repeated_names(document, content)
    if problems:
        raise InvalidDocument(problems)
    off = [(name, unknown_off(document, n, name)) for n, name in enumerate(content.off)]
    return [_rule_of(part) for part in content.rules], off


def _revision(rules: tuple[Rule, ...]) -> str:
    """Return 12 hex digits that change when any rule does, and only then."""

    def plain(value: object) -> object:
        return sorted(value) if isinstance(value, frozenset) else getattr(value, "pattern", None)

    text = json.dumps([asdict(rule) for rule in rules], default=plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _read_folder(
    directory: Path, known: Known, problems: list[Problem]
) -> tuple[list[Rule], list[tuple[str, Problem]]]:
    rules: list[Rule] = []
    off: list[tuple[str, Problem]] = []
    seen: dict[str, str] = {}
    for path in sorted(directory.glob("*.yaml")):
        file = f"rules/{path.name}"
        try:
            text = path.read_text(encoding="utf-8")
            found, switched_off = read_rules(text, file=file, known=known)
        except InvalidDocument as error:
            problems += error.problems
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file, 1, "", f"not readable as UTF-8 text: {error}"))
            continue
        for rule in found:
            if rule.name in seen:
                message = f"the rule {rule.name} is already in {seen[rule.name]}"
                problems.append(Problem(file, 1, "rules", message))
            seen[rule.name] = file
        rules += found
        off += switched_off
    return rules, off


def _rule_of(part: RulePart) -> Rule:
    return Rule(
        name=part.name,
        value=parse_value(part.value),
        where=tuple(parse_matcher(label, text) for label, text in part.where.items()),
        kinds=frozenset(part.kinds),
        warning=_threshold(part.warning),
        critical=_threshold(part.critical),
        for_seconds=parse_duration(part.for_),
        clear=part.clear,
        keep_firing_seconds=parse_duration(part.keep_firing_for),
        outcome_warning=part.outcome.warning,
        outcome_critical=part.outcome.critical,
        class_code=part.class_,
        impact=part.impact,
        scope=part.scope,
        cause=part.cause,
        runbook=part.runbook,
        summary_vi=part.summary.vi,
        summary_en=part.summary.en,
        checked=part.checked,
        flapping=Flapping(
            part.flapping.changes,
            parse_duration(part.flapping.within),
            parse_duration(part.flapping.quiet_for),
        ),
        in_session=_tight(part),
    )


def _tight(part: RulePart) -> Tight | None:
    tight = part.in_session
    if tight is None:
        return None
    critical = tight.critical or part.critical
    warning = tight.warning or part.warning
    if warning and critical and (warning == critical or not is_worse(critical, warning)):
        warning = None
    return Tight(parse_duration(tight.for_), _threshold(warning), _threshold(critical))


def _threshold(limit: Limit | None) -> Threshold | None:
    if limit is None:
        return None
    if limit.above is not None:
        return Threshold(limit.above, is_upper=True)
    assert limit.below is not None
    return Threshold(limit.below, is_upper=False)
