"""The lines of one rule as its file has them, for whoever wants to change it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.rules.rulebook import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

_ITEM = re.compile(r"^(\s*)- name:\s*(\S+)\s*$", re.MULTILINE)


def rule_text(name: str, directory: Path) -> str | None:
    """Return a file of this one rule: the policy's own, else the shipped one; None: neither has it.

    Args:
        directory: The policy's folder of rules.
    """
    for folder in (directory, SHIPPED):
        for path in sorted(folder.glob("*.yaml")):
            found = cut(path.read_text(encoding="utf-8", errors="replace"), name)
            if found is not None:
                return found
    return None


def cut(text: str, name: str) -> str | None:
    """Return the rule of a name out of the text of a rules file, as a file of its own."""
    items = list(_ITEM.finditer(text))
    for place, item in enumerate(items):
        if item[2] != name:
            continue
        end = items[place + 1].start() if place + 1 < len(items) else len(text)
        lines = text[item.start() : end].splitlines()
        kept = [line for line in lines if not line.lstrip().startswith("#")]
        while kept and (not kept[-1].strip() or not kept[-1].startswith(item[1] + " ")):
            kept.pop()
        return "rules:\n" + "\n".join(kept) + "\n"
    return None


def first_name(text: str) -> str:
    """Return the name of the first rule in a text; empty: there is none."""
    found = _ITEM.search(text)
    return "" if found is None else found[2]
