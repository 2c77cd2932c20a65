"""docs/security.md names only tests that exist, and every row of the attack list has some."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (?!attack|---)([^|]+) \| ([^|]+) \| ([^|]+) \|$",
    (ROOT / "docs" / "security.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def names_of_tests() -> set[str]:
    """Return the names of all tests."""
    return {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    }


def test_every_attack_has_tests_that_exist() -> None:
    """A defence that is renamed or lost is missed here."""
    named = {attack: set(re.findall(r"`(test_\w+)`", tests)) for attack, _, tests in ROWS}
    assert len(named) >= 20
    assert [attack for attack, tests in named.items() if not tests] == []
    assert set.union(*named.values()) - names_of_tests() == set()
