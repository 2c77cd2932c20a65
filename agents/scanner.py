"""Finds the checks: one module-level `Check` in each file of a package; failures are a result."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any, NamedTuple

import agents.checks
from agents.check import Check

if TYPE_CHECKING:
    from types import ModuleType


class LoadFailure(NamedTuple):
    """A module that gave no check, and why."""

    module: str
    reason: str


class Found(NamedTuple):
    """The checks by name, in the order of their names, and what could not be loaded."""

    checks: dict[str, Check[Any]]
    failures: tuple[LoadFailure, ...]


def scan(package: ModuleType = agents.checks) -> Found:
    """Import every module of the package and pull its `Check` objects; never raises for a module.

    Two checks of one name: the second is a failure.
    """
    checks: dict[str, Check[Any]] = {}
    failures: list[LoadFailure] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        try:
            module = importlib.import_module(f"{package.__name__}.{info.name}")
        except Exception as error:  # noqa: BLE001  # whatever it raises, the others must run
            failures.append(LoadFailure(info.name, f"{type(error).__name__}: {error}"))
            continue
        own = [value for value in vars(module).values() if isinstance(value, Check)]
        if not own:
            failures.append(LoadFailure(info.name, "no module-level Check in it"))
        for check in own:
            if checks.setdefault(check.name, check) is not check:
                failures.append(LoadFailure(info.name, f"a second check named {check.name!r}"))
    return Found(dict(sorted(checks.items())), tuple(failures))
