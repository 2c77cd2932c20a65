"""The rulesets of a policy directory: `procedure.yaml`, or several under `procedures/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.procedure import checked, read_document
from incidents.procedures import SHIPPED, shipped, shipped_text
from incidents.rulesets import arranged, only
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from incidents.procedure import Procedure
    from incidents.rulesets import Rulesets
    from incidents.yaml_lines import Document

FILE, FOLDER = "procedure.yaml", "procedures"


def read_rulesets(directory: Path) -> Rulesets:
    """Return the rulesets of a directory; the shipped one where it has none.

    Raises:
        InvalidDocument: With every mistake of every file; also when there are both a file and a
            folder, and for days on which no ruleset, or more than one, would be in force.
    """
    one, folder = directory / FILE, directory / FOLDER
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if one.exists() and files:
        raise InvalidDocument(
            [
                Problem(
                    FILE,
                    1,
                    "",
                    f"there are also rulesets under {FOLDER}/; move it there, or remove them",
                    f"đã có quy trình trong {FOLDER}/; chỉ dùng một nơi",
                )
            ]
        )
    if one.exists():
        return arranged([_read(one, FILE)])
    if not files:
        return only(shipped())
    found: list[tuple[Document, Procedure]] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found.append(_read(path, f"{FOLDER}/{path.name}"))
        except InvalidDocument as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidDocument(problems)
    return arranged(found)


def _read(path: Path, name: str) -> tuple[Document, Procedure]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot be read as UTF-8 text: {error}"
        raise InvalidDocument([Problem(name, 1, "", message)]) from error
    document = read_document(text, file=name, base_text=shipped_text, bases=SHIPPED)
    return document, checked(document)
