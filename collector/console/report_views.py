"""What pages of reports show: fields as forms, the document as it would be printed, the deeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.api.documents import FieldRow, fields_of
from collector.reports.access import EXPORT, SIGN, SIGN_OUT, WRITE
from incidents.reports.document import (
    ADDRESSED,
    RECIPIENTS,
    Annex,
    Heading,
    Paragraph,
    Table,
    head_of,
)
from incidents.reports.life import FIXED, OPEN, WAITING, Deed, Report, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.services import Services
    from incidents.reports.document import Block, Document
    from incidents.reports.kind import ReportKind
    from incidents.reports.life import Done

# Deeds that the history of a report shows; what was written stands in the fields.
SHOWN = frozenset(Deed) - {Deed.FILLED}


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field with what may be done to it; `rows` is what the machine filled in as a table."""

    row: FieldRow
    may_fill: bool
    rows: tuple[tuple[str, ...], ...] = ()
    machine: str = ""


@dataclass(frozen=True, slots=True)
class BlockView:
    """A part of a document: `heading`, `paragraph`, `table` or `annex`."""

    kind: str
    block: Any


@dataclass(frozen=True, slots=True)
class Page:
    """A document as a page shows it."""

    document: Document
    left: tuple[str, ...]
    right: tuple[str, ...]
    blocks: tuple[BlockView, ...]
    addressed: str
    recipients: str = RECIPIENTS


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report on a page.

    Attributes:
        fields: Those that must be filled and are empty first.
        may: What this person may do with it now: fill, ask, sign, number, send, correct, export.
        waits: It is on the screen of those who sign.
    """

    report: Report
    kind: ReportKind
    page: Page
    fields: tuple[FieldView, ...]
    missing: int
    may: frozenset[str]
    waits: bool
    numbered: str
    done: tuple[Done, ...]


def view_of(
    services: Services, connection: Connection, report: Report, actor: str, now: datetime
) -> ReportView:
    """Return a report as its page shows it to somebody."""
    desk = services.reports
    kind = desk.kind_of(report.kind)
    fillable = desk.access.may_fill(connection, report, kind, actor, now)
    rows = fields_of(desk, report)
    return ReportView(
        report=report,
        kind=kind,
        page=page_of(desk.composed(report, now)),
        fields=tuple(
            _field(row, may_fill=row.code in fillable)
            for row in sorted(rows, key=lambda row: not row.is_missing)
        ),
        missing=sum(row.is_missing for row in rows),
        may=_may(services, connection, report, kind, actor, now),
        waits=report.waits(now),
        numbered=desk.numbered(report),
        done=tuple(one for one in report.done if one.deed in SHOWN),
    )


def page_of(document: Document) -> Page:
    """Return a document as a page shows it."""
    head = head_of(document)
    addressed = f"{ADDRESSED}: {document.addressed}" if document.addressed else ""
    return Page(document, head.left, head.right, tuple(map(_block, document.blocks)), addressed)


def signs_as(report: Report) -> str:
    """Return the act that signing a report is."""
    return SIGN_OUT if report.audience == "outside" else SIGN


def _may(
    services: Services,
    connection: Connection,
    report: Report,
    kind: ReportKind,
    actor: str,
    now: datetime,
) -> frozenset[str]:
    access = services.reports.access
    found = set()
    if access.may(connection, report, WRITE, actor, now):
        ready = {State.NUMBERED, State.SENT} if kind.is_numbered else FIXED
        found |= {"fill", "ask"} if report.state in OPEN else set()
        found |= {"number"} if kind.is_numbered and report.state is State.SIGNED else set()
        found |= {"send"} if report.state in ready else set()
        found |= {"correct"} if report.state in FIXED else set()
    if report.state in WAITING and access.may(connection, report, signs_as(report), actor, now):
        found.add("sign")
    if report.state not in OPEN and access.may(connection, report, EXPORT, actor, now):
        found.add("export")
    return frozenset(found)


def _field(row: FieldRow, *, may_fill: bool) -> FieldView:
    machine = row.machine
    if isinstance(machine, list):
        rows: Sequence[Any] = [one if isinstance(one, list) else [one] for one in machine]
        return FieldView(row, may_fill, tuple(tuple(map(str, one)) for one in rows))
    return FieldView(row, may_fill, machine=machine if isinstance(machine, str) else "")


def _block(block: Block) -> BlockView:
    names = {Heading: "heading", Paragraph: "paragraph", Table: "table", Annex: "annex"}
    return BlockView(names[type(block)], block)
