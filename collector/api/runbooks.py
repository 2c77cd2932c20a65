"""`/api/v1/runbooks`: what to do about alerts and incidents."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter

from collector.api.deps import Use
from collector.api.errors import NotFoundError
from collector.storage.queries.paging import Page
from runbooks.model import Language, Runbook, Section

router = APIRouter(prefix="/api/v1/runbooks", tags=["runbooks"])


@dataclass(frozen=True, slots=True)
class RunbookRow:
    """The head of one runbook; the field names are the API's."""

    name: str
    title_vi: str
    title_en: str
    class_code: str
    rules: list[str]
    tell: list[str]
    tlp: str | None
    reviewed: date


@dataclass(frozen=True, slots=True)
class RunbookAnswer:
    """One runbook: its head, what it suggests to look at, its Markdown by language and section."""

    runbook: RunbookRow
    checks: list[dict[str, Any]]
    sections: dict[Language, dict[Section, str]]


@router.get("")
async def runbooks(services: Use) -> Page[RunbookRow]:
    """List all runbooks by name."""
    return Page([row_of(book) for book in services.library], None)


@router.get("/{name}")
async def runbook(services: Use, name: str) -> RunbookAnswer:
    """Return one runbook."""
    book = services.library.get(name)
    if book is None:
        raise NotFoundError("runbook", name)
    return answer_of(book)


def row_of(book: Runbook) -> RunbookRow:
    """Return the head of a runbook."""
    return RunbookRow(
        name=book.name,
        title_vi=book.title["vi"],
        title_en=book.title["en"],
        class_code=book.class_code,
        rules=list(book.rules),
        tell=list(book.tell),
        tlp=book.tlp,
        reviewed=book.reviewed,
    )


def answer_of(book: Runbook) -> RunbookAnswer:
    """Return a whole runbook."""
    checks = [check.model_dump() for check in book.checks]
    return RunbookAnswer(row_of(book), checks, book.sections)
