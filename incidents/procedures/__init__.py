"""The procedures that come with the product, as data; a province edits a copy."""

from __future__ import annotations

from importlib.resources import files

from incidents.procedure import Procedure, load_procedure

DEFAULT = "vn-2026"


def shipped_text(name: str = DEFAULT) -> str:
    """Return the text of a shipped procedure, for reading or for editing a copy of it."""
    return files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")


def shipped(name: str = DEFAULT) -> Procedure:
    """Return a shipped procedure, checked like any other."""
    return load_procedure(shipped_text(name), file=f"{name}.yaml")
