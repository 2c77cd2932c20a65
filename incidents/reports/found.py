"""Finds the kinds of reports: a module-level `ReportKind` in each file; failures are a result."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from incidents.reports import kinds as shipped
from incidents.reports.kind import ReportKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


class Found(NamedTuple):
    """The kinds by code, and by module why it gave none."""

    kinds: Mapping[str, ReportKind]
    failures: Mapping[str, str]


def scan(package: ModuleType = shipped) -> Found:
    """Import every module of the package and pull its kinds; never raises for a module.

    A module whose name begins with an underscore is shared by others and holds none.
    """
    kinds: dict[str, ReportKind] = {}
    failures: dict[str, str] = {}
    for name in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        if name.startswith("_"):
            continue
        try:
            module = importlib.import_module(f"{package.__name__}.{name}")
        except Exception as error:  # noqa: BLE001 - whatever it raises, the others are there
            failures[name] = f"{type(error).__name__}: {error}"
            continue
        own = [value for value in vars(module).values() if isinstance(value, ReportKind)]
        if not own:
            failures[name] = "no module-level ReportKind in it"
        for kind in own:
            if kinds.setdefault(kind.code, kind) is not kind:
                failures[name] = f"a second kind of the code {kind.code!r}"
    return Found(dict(sorted(kinds.items())), failures)


@cache
def shipped_kinds() -> Mapping[str, ReportKind]:
    """Return the kinds that come with the program."""
    return scan().kinds
