"""What the desk's part of a procedure names must exist: roles, severities, grounds, deadlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from incidents.procedure_file import ProcedureFile
    from incidents.yaml_lines import Problem

Path = tuple[str | int, ...]


def check_acts(
    known: Callable[[Path, str | None, Iterable[str]], Iterator[Problem]], file: ProcedureFile
) -> Iterator[Problem]:
    """Yield every name that is not defined; `known` compares one with what is allowed."""
    roles = [role.code for role in file.roles]
    for act, may in file.may.items():
        lists = {(): may} if isinstance(may, tuple) else {(s,): r for s, r in may.items()}
        for where, given in lists.items():
            for severity in where:
                yield from known(("may", act, severity), severity, file.severities)
            for j, role in enumerate(given):
                yield from known(("may", act, *where, j), role, roles)
    for code, nature in file.natures.items():
        yield from known(("natures", code, "only"), nature.only, roles)
