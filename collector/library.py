"""The runbooks in force: the shipped ones, and what a policy directory adds or replaces."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from incidents.yaml_problems import InvalidDocument, Problem
from runbooks.front_matter import InvalidRunbook
from runbooks.loader import read_runbook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from runbooks.model import Runbook

FOLDER = "runbooks"
SHIPPED = Path(str(resources.files("runbooks") / "library"))


class Library:
    """Runbooks by name; a reload fills it anew."""

    def __init__(self, runbooks: Iterable[Runbook] = ()) -> None:
        self._by_name = {runbook.name: runbook for runbook in runbooks}

    def adopt(self, other: Library) -> None:
        """Hold what another library holds from now on."""
        self._by_name = dict(other._by_name)

    @property
    def names(self) -> frozenset[str]:
        """All names."""
        return frozenset(self._by_name)

    def get(self, name: str) -> Runbook | None:
        """Return a runbook."""
        return self._by_name.get(name)

    def of_class(self, code: str) -> list[Runbook]:
        """Return the runbooks for a class of incident as a whole, by name."""
        return [book for book in self if book.class_code == code and not book.rules]

    def __iter__(self) -> Iterator[Runbook]:
        """Yield all runbooks by name."""
        return iter(sorted(self._by_name.values(), key=lambda runbook: runbook.name))


def load_library(
    directory: Path | None,
    *,
    classes: Collection[str] | None = None,
    roles: Collection[str] | None = None,
) -> Library:
    """Return the shipped runbooks with those of `directory` over them.

    `classes` and `roles` are the codes of the procedure in force; without, codes are not checked.

    Raises:
        InvalidDocument: With every problem of every file.
    """
    found, problems = _read(SHIPPED)
    if directory is not None:
        own, wrong = _read(directory)
        problems += wrong
        problems += [p for book in own for p in _unknown_codes(book, classes, roles)]
        found += own
    if problems:
        raise InvalidDocument(problems)
    return Library(found)


def _read(directory: Path) -> tuple[list[Runbook], list[Problem]]:
    found: list[Runbook] = []
    problems: list[Problem] = []
    for path in sorted(directory.glob("*.md")):
        file = f"{FOLDER}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8")
            found.append(read_runbook(text, file=file, name=path.stem))
        except InvalidRunbook as error:
            problems += [Problem(m.file, m.line, m.field, m.message) for m in error.mistakes]
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file, 1, "", f"not readable as UTF-8 text: {error}"))
    return found, problems


def _unknown_codes(
    book: Runbook, classes: Collection[str] | None, roles: Collection[str] | None
) -> Iterator[Problem]:
    file = f"{FOLDER}/{book.name}.md"
    if classes is not None and book.class_code not in classes:
        message = f"{book.class_code!r} is not a class of the procedure in force"
        yield Problem(file, book.line_of("class"), "class", message)
    for number, code in enumerate(book.tell):
        if roles is not None and code not in roles:
            message = f"{code!r} is not a role of the procedure in force"
            yield Problem(file, book.line_of("tell"), f"tell[{number}]", message)
