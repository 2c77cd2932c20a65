"""The procedures that come with the product, as data; a province extends or copies one."""

from __future__ import annotations

from importlib.resources import files

from incidents.procedure import Procedure, load_procedure

DEFAULT = "vn-2026"
SHIPPED = (DEFAULT, "vn-2017-legacy", "internal")


def shipped_text(name: str = DEFAULT) -> str:
    """Return the text of a shipped procedure, for reading or for editing a copy of it."""
    return files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")


def read_procedure(text: str, *, file: str) -> Procedure:
    """Read and check a procedure, which may extend a shipped one.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    return load_procedure(text, file=file, base_text=shipped_text, bases=SHIPPED)


def shipped(name: str = DEFAULT) -> Procedure:
    """Return a shipped procedure, checked like any other."""
    return read_procedure(shipped_text(name), file=f"{name}.yaml")
