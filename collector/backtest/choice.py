"""Which rules are tried: a policy directory, a folder of rules, or one file over those in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.policy import policy as policies
from collector.rules.rule_checks import Known
from collector.rules.rulebook import load_rulebook, read_rules, rulebook_of
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime
    from pathlib import Path

    from collector.policy.policy import Policy
    from collector.rules.rulebook import Rulebook
    from collector.rules.rules import Rule


class RuleText(NamedTuple):
    """Rules that somebody typed, and what the text is called where it has mistakes."""

    text: str
    name: str = "rules"


class Choice(NamedTuple):
    """One set of rules and the policy that it stands in."""

    policy: Policy
    rulebook: Rulebook


def choose(rules: Path | RuleText, policy: Policy, at: datetime) -> Choice:
    """Return the rules of a path or of a text.

    A directory with `units.csv` or `rules/` is a whole policy, with its own targets, channels and
    procedure. Any other is a folder of rules that changes the shipped ones, in the place of the
    policy's. A file is laid over the rules in force.

    Raises:
        InvalidDocument: With every mistake, its file, line and field.
    """
    if isinstance(rules, RuleText):
        return Choice(policy, with_text(policy, rules.text, file=rules.name))
    path = rules
    if path.is_dir():
        if (path / "units.csv").exists() or (path / "rules").is_dir():
            other = policies.load(path).at(at, running=policy.procedure)
            return Choice(other, other.rulebook)
        if not any(path.glob("*.yaml")):
            why = "there is no rules file (*.yaml) in it, and it is no policy directory"
            raise InvalidDocument([Problem(str(path), 1, "", why)])
        known = _known(policy)
        return Choice(policy, load_rulebook(path, classes=known.classes, runbooks=known.runbooks))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = f"cannot be read as UTF-8 text: {error}"
        raise InvalidDocument([Problem(str(path), 1, "", why)]) from error
    return Choice(policy, with_text(policy, text, file=path.name))


def with_text(policy: Policy, text: str, *, file: str) -> Rulebook:
    """Return the rules in force with those of one text over them, and without what it turns off.

    Raises:
        InvalidDocument: With every mistake of the text.
    """
    rules = {rule.name: rule for rule in policy.rulebook.rules}
    own, off = read_tried(text, file=file, known=_known(policy), in_force=rules)
    kept = {name: rule for name, rule in rules.items() if name not in off}
    return rulebook_of({**kept, **{rule.name: rule for rule in own}}.values())


def read_tried(
    text: str, *, file: str, known: Known, in_force: Container[str]
) -> tuple[list[Rule], set[str]]:
    """Return the rules of a text that is tried, and the names of those that it turns off.

    Raises:
        InvalidDocument: With every mistake, its line and field.
    """
    own, off = read_rules(text, file=file, known=known)
    problems = [problem for name, problem in off if name not in in_force]
    if not own and not off:
        why, why_vi = "there is no rule in it", "không có quy tắc nào trong đó"
        problems.append(Problem(file, 1, "rules", why, why_vi))
    if problems:
        raise InvalidDocument(problems)
    return own, {name for name, _ in off}


def _known(policy: Policy) -> Known:
    return Known(set(policy.procedure.classes), policy.library.names)
