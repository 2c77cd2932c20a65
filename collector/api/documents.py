"""`/api/v1/documents`: the archive of reports that people sign; what is read of it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from collector.api.deps import PAGE, Limit, Looking, RowNumber, Use
from collector.api.errors import NotFoundError
from collector.reports.desk import ReportDesk
from collector.services import Services
from collector.storage.queries import reports as queries
from collector.storage.queries.paging import Page
from collector.storage.queries.reports import ReportRow
from collector.storage.queries.visibility import Viewer
from incidents.reports.document_json import dumped
from incidents.reports.kind import Field
from incidents.reports.life import Deed, Report, State

router = APIRouter(prefix="/api/v1/documents", tags=["reports"])
Code = Annotated[str | None, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of report: what it is about, which reports of the procedure it is."""

    code: str
    vi: str
    en: str
    about: str
    serves: tuple[str, ...]
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field as it stands: who filled it, `machine`, `person` or nobody, and who may.

    Attributes:
        machine: What the machine filled in; a table is its rows.
        written_by, written_at: Of what a person wrote, which stands before it.
    """

    code: str
    vi: str
    en: str
    is_required: bool
    is_missing: bool
    is_long: bool
    by: tuple[str, ...]
    filled_by: str
    machine: Any
    text: str
    written_by: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeedRow:
    """One thing that was done to a report; `data` holds codes, numbers and instants."""

    id: int
    at: datetime
    actor: str
    deed: str
    text: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportDetail:
    """One report.

    Attributes:
        digest: What a signature of now covers; empty while it is written.
        numbered: Number and symbol as the document shows them.
        versions: Every version of it, the first one first.
    """

    id: int
    kind: str
    about: str
    subject: str
    unit: str
    layout: str
    audience: str
    family: int
    version: int
    changes: str
    state: str
    number: str
    numbered: str
    digest: str
    later_until: datetime | None
    made_by: str
    made_at: datetime
    facts_at: datetime
    fields: list[FieldRow]
    missing: list[str]
    done: list[DeedRow]
    versions: list[ReportRow]
    document: dict[str, Any]


@router.get("")
async def documents(
    services: Use,
    viewer: Looking,
    state: State | None = None,
    kind: Code = None,
    subject: Code = None,
    limit: Limit = PAGE,
    after: int | None = None,
) -> Page[ReportRow]:
    """List reports, the newest first."""
    return await services.db.read(
        lambda c: queries.list_reports(
            c, viewer, state=state, kind=kind, subject=subject, limit=limit, after=after
        )
    )


@router.get("/kinds")
async def kinds(services: Use, _viewer: Looking) -> list[KindRow]:
    """Return the kinds of reports that can be made."""
    return [
        KindRow(kind.code, kind.vi, kind.en, kind.about, kind.serves, kind.is_numbered)
        for kind in services.reports.kinds.values()
    ]


@router.get("/waiting")
async def waiting(services: Use, viewer: Looking) -> list[ReportRow]:
    """Return what waits for a signature now; what was put off comes back at its hour."""
    now = services.now()
    found = await services.db.read(lambda c: queries.waiting(c, viewer, now))
    return [row_of(report) for report in found]


@router.get("/{document}")
async def one(services: Use, viewer: Looking, document: RowNumber) -> ReportDetail:
    """Return one report: its fields as they stand, what was done to it, its document."""
    return await services.db.read(lambda c: detail(services, c, found(c, document, viewer), viewer))


def found(connection: Connection, number: int, viewer: Viewer) -> Report:
    """Return a report that somebody may see.

    Raises:
        NotFoundError: There is none of this number, or they may not see it.
    """
    report = queries.find_report(connection, number, viewer)
    if report is None:
        raise NotFoundError("report", number)
    return report


def detail(
    services: Services, connection: Connection, report: Report, viewer: Viewer
) -> ReportDetail:
    """Return a report as the API shows it."""
    desk = services.reports
    return ReportDetail(
        **{
            name: getattr(report, name)
            for name in (
                "id", "kind", "about", "subject", "unit", "layout", "audience", "family",
                "version", "changes", "number", "digest", "later_until", "made_by", "made_at",
                "facts_at",
            )
        },
        state=report.state.value,
        numbered=desk.numbered(report),
        fields=fields_of(desk, report),
        missing=[one.code for one in desk.missing(report)],
        done=[
            DeedRow(one.id, one.at, one.actor, one.deed.value, one.text, dict(one.data))
            for one in report.done
            if one.deed is not Deed.FILLED
        ],
        versions=queries.versions_of(connection, report.family, viewer),
        document=json.loads(dumped(desk.composed(report, services.now()))),
    )  # fmt: skip


def fields_of(desk: ReportDesk, report: Report) -> list[FieldRow]:
    """Return the fields of a report as they stand."""
    kind = desk.kind_of(report.kind)
    missing = {one.code for one in desk.missing(report)}
    by = desk.access.writers
    return [
        replace(row, by=row.by or by) if row.is_missing else row
        for one in kind.fields
        for row in [_field(one, report, is_missing=one.code in missing)]
    ]


def _field(one: Field, report: Report, *, is_missing: bool) -> FieldRow:
    written, machine = report.written.get(one.code), report.facts.get(one.code)
    return FieldRow(
        code=one.code, vi=one.vi, en=one.en, is_required=one.is_required, is_missing=is_missing,
        is_long=one.is_long, by=one.by,
        filled_by="person" if written else "machine" if machine else "",
        machine=machine, text=written.text if written else "",
        written_by=written.actor if written else "",
        written_at=written.at if written else None,
    )  # fmt: skip


def row_of(report: Report) -> ReportRow:
    """Return a report as a line of a listing."""
    values = {name: getattr(report, name) for name in ReportRow.__slots__}
    on = report.numbered_on
    values |= {"state": report.state.value, "numbered_on": on.isoformat() if on else ""}
    return ReportRow(**values)
