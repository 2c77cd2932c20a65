"""Which rules are tried: a policy directory, a folder of rules, or one file over those in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector import policy as policies
from collector.rulebook import Known, load_rulebook, read_rules, rulebook_of
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from collector.policy import Policy
    from collector.rulebook import Rulebook


class Choice(NamedTuple):
    """One set of rules and the policy that it stands in."""

    policy: Policy
    rulebook: Rulebook


def choose(path: Path, policy: Policy, at: datetime) -> Choice:
    """Return the rules of a path.

    A directory with `units.csv` or `rules/` is a whole policy, with its own targets, channels and
    procedure. Any other is a folder of rules that changes the shipped ones, in the place of the
    policy's. A file is laid over the rules in force.

    Raises:
        InvalidDocument: With every mistake, its file, line and field.
    """
    if path.is_dir():
        if (path / "units.csv").exists() or (path / "rules").is_dir():
            other = policies.load(path).at(at, running=policy.procedure)
            return Choice(other, other.rulebook)
        if not any(path.glob("*.yaml")):
            raise InvalidDocument([Problem(str(path), 1, "", "there is no *.yaml in it")])
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
    own, off = read_rules(text, file=file, known=_known(policy))
    rules = {rule.name: rule for rule in policy.rulebook.rules}
    problems = [problem for name, problem in off if rules.pop(name, None) is None]
    if not own and not off:
        problems.append(Problem(file, 1, "rules", "there is no rule in it"))
    if problems:
        raise InvalidDocument(problems)
    return rulebook_of({**rules, **{rule.name: rule for rule in own}}.values())


def _known(policy: Policy) -> Known:
    return Known(set(policy.procedure.classes), policy.library.names)
