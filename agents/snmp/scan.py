"""Finds the families: one FAMILY in each file of a folder; a broken file stops no other."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from functools import lru_cache
from typing import TYPE_CHECKING

from agents.snmp import families
from agents.snmp.family import Family

if TYPE_CHECKING:
    from types import ModuleType

_log = logging.getLogger(__name__)


def scan(package: ModuleType = families) -> tuple[dict[str, Family], dict[str, str]]:
    """Return the families by name, and why a file gave none."""
    found: dict[str, Family] = {}
    failures: dict[str, str] = {}
    for file in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        try:
            family = getattr(importlib.import_module(f"{package.__name__}.{file}"), "FAMILY", None)
        except Exception as error:  # noqa: BLE001  # whatever it raises, the others must run
            failures[file] = f"{type(error).__name__}: {error}"
            continue
        if not isinstance(family, Family):
            failures[file] = "no FAMILY in it"
        elif found.setdefault(family.name, family) is not family:
            failures[file] = f"a second family named {family.name!r}"
    return found, failures


@lru_cache(maxsize=1)
def known_families() -> dict[str, Family]:
    """Return the families of this install; what could not be loaded is told once."""
    found, failures = scan()
    for file, reason in failures.items():
        _log.error("family of devices %s is left out: %s", file, reason)
    return found
