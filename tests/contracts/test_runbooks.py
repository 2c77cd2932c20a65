"""The shipped runbooks: one for every rule, none for nothing, all of it in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from collector.indicators import INDICATORS
from collector.library import SHIPPED, load_library
from collector.metrics.own import OWN_METRICS
from collector.rules.rulebook import load_rulebook
from incidents.procedure import load_procedure
from runbooks.model import (
    LANGUAGES,
    SECTIONS,
    Check,
    FrontMatter,
    HostHour,
    HostValues,
    Part,
    Runbook,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
LIBRARY = load_library(None)
RULES = load_rulebook(None).rules
BOOKS = pytest.mark.parametrize("book", list(LIBRARY), ids=lambda book: book.name)
# What a duty officer may be told to run: each of these only looks.
LOOKS = re.compile(
    r"^(awk|cat|chronyc (tracking|sources)|date|df|dmesg|du|ethtool|find|free|grep|head|iostat"
    r"|ip( -s)* link show|journalctl|last|ls|lsblk|lsof|mdadm --detail|openssl (x509|s_client)"
    r"|pidstat|ping|ps|smartctl -H|sort|ss|systemctl( --no-pager)? (--failed|status|show"
    r"|list-timers)|systemd-cgtop|tail|timedatectl( timesync-status)?|top -b|uname|uniq|upower -d"
    r"|uptime|vmstat|wanwatch-agent (status|selftest|probe))( |$)"
)
LOOKS_WINDOWS = re.compile(
    r"^(Get-\w+|Test-\w+|Where-Object|ForEach-Object|Measure-Object|Select-Object|Sort-Object"
    r"|vssadmin list|w32tm /query|wanwatch-agent (status|selftest))( |$)"
)
CHANGES = re.compile(
    r"-delete|-exec|--vacuum|--rotate|Remove-|Stop-|Restart-|Set-|> ?[^ /&]|\brm\b"
)


def procedure_codes() -> tuple[set[str], set[str]]:
    """Return the codes of classes and roles."""
    file = ROOT / "incidents" / "procedures" / "vn-2026.yaml"
    procedure = load_procedure(file.read_text(encoding="utf-8"), file=file.name)
    return set(procedure.classes), {role.code for role in procedure.file.roles}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_shipped_rule_has_a_runbook_that_knows_it(rule: object) -> None:
    """An alert at night leads to what to do about it."""
    book = LIBRARY.get(rule.runbook)  # type: ignore[attr-defined]
    assert book is not None
    assert rule.name in book.rules  # type: ignore[attr-defined]


@BOOKS
def test_runbook_is_used_or_is_for_a_class(book: Runbook) -> None:
    """No page that nothing leads to; the rules it names are those that name it."""
    assert set(book.rules) == {rule.name for rule in RULES if rule.runbook == book.name}


@BOOKS
def test_runbook_names_codes_of_the_procedure(book: Runbook) -> None:
    """Its class and the people to tell are those of the shipped procedure, its class its rules'."""
    classes, roles = procedure_codes()
    assert book.class_code in classes
    assert set(book.tell) <= roles
    ruled = {rule.class_code for rule in RULES if rule.runbook == book.name}
    assert not ruled or book.class_code in ruled


@BOOKS
def test_runbook_says_everything_in_both_languages(book: Runbook) -> None:
    """Five sections each, with the same lists and the same commands."""
    for language in LANGUAGES:
        assert list(book.sections[language]) == list(SECTIONS)
    for section in ("checks", "actions"):
        vi, en = (book.sections[language][section] for language in LANGUAGES)
        assert (
            len(re.findall(r"^\d\. ", vi, re.MULTILINE))
            == len(re.findall(r"^\d\. ", en, re.MULTILINE))
            > 0
        )
        assert re.findall(r"```.*?```", vi, re.DOTALL) == re.findall(r"```.*?```", en, re.DOTALL)


@BOOKS
def test_links_of_a_runbook_lead_to_another(book: Runbook) -> None:
    """A link is relative and its target is shipped."""
    text = (SHIPPED / f"{book.name}.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (SHIPPED / link).is_file(), link


@BOOKS
def test_runbook_is_calm(book: Runbook) -> None:
    """Office language: no exclamation mark outside of commands."""
    for texts in book.sections.values():
        assert "!" not in re.sub(r"```.*?```", "", "".join(texts.values()), flags=re.DOTALL)


@BOOKS
def test_commands_of_a_runbook_only_look(book: Runbook) -> None:
    """What to check changes nothing on the host: evidence stays as it is."""
    text = book.sections["vi"]["checks"]
    for shell, lines in re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL):
        allowed = {"sh": LOOKS, "powershell": LOOKS_WINDOWS}[shell]
        for line in lines.splitlines():
            bare = re.sub(r"'[^']*'|\{[^{}]*\}|\(.*?\)", "x", line)
            first = line if shell == "sh" else line.lstrip("(")
            assert allowed.match(first), line
            for part in bare.split("|")[1:]:
                assert allowed.match(part.strip()), line
            assert not CHANGES.search(re.sub(r"'[^']*'", "", line)), line


@BOOKS
def test_checks_of_a_runbook_look_at_what_exists(book: Runbook) -> None:
    """A metric that nobody sends or an indicator that nobody keeps shows nothing."""
    files = [ROOT / "docs" / name for name in ("checks.md", "probes.md", "snmp.md")]
    documented = "".join(file.read_text(encoding="utf-8") for file in files)
    ruled = set(load_rulebook(None).by_metric)
    sent = set(re.findall(r"(?:node|wanwatch)_\w+", documented)) | OWN_METRICS | ruled
    for check in book.checks:
        if isinstance(check, HostValues):
            assert check.metric in sent
        elif isinstance(check, HostHour):
            assert check.indicator in INDICATORS


@pytest.mark.parametrize("field", [f.alias or n for n, f in FrontMatter.model_fields.items()])
def test_field_of_the_head_is_explained(field: str) -> None:
    """Each has its row in docs/runbooks.md."""
    assert re.search(rf"^\| `{field}` \|", DOCUMENT, flags=re.MULTILINE)


@pytest.mark.parametrize("kind", get_args(get_args(Check)[0]))
def test_kind_of_check_is_explained(kind: type[Part]) -> None:
    """Each has its row, with its parameters."""
    fields = dict(kind.model_fields)
    name = get_args(fields.pop("kind").annotation)[0]
    parameters = ", ".join(f"`{field}`" for field in fields) or "–"
    assert f"| `{name}` | {parameters} |" in DOCUMENT
