"""`/api/v1/periods`: what the report of a month, half-year or year says now, and its tables."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response

from collector.api.deps import Caller, Looking, RowNumber, Use, whole_province
from collector.api.documents import found as found_report
from collector.api.errors import NotFoundError
from collector.gathering.monthly import gather
from collector.reports.printing import MEDIA_TYPES, Form, PrintError
from collector.services import Services
from incidents.reports.document import Document, Layout
from incidents.reports.kind import Filling
from incidents.reports.kinds.monthly import MONTHLY, UNDER, compose
from incidents.reports.period import TABLES, figures_of, period_of
from incidents.reports.period_tables import as_csv, unpacked
from incidents.vietnamese import ZONE

router = APIRouter(prefix="/api/v1", tags=["reports"])
Code = Annotated[str, Path(max_length=7)]
# The tables of a period are those of the whole province.
OF_ALL = [Depends(whole_province)]


@router.get("/periods/{span}", dependencies=OF_ALL)
async def figures(services: Use, _viewer: Looking, span: Code) -> dict[str, Any]:
    """Return the figures of a period as they are now; `2026-11`, `2026-H2`, `2026`."""
    facts = await facts_of(services, span)
    counted = figures_of(unpacked(facts[UNDER]), datetime.fromisoformat(facts["at"]))
    return {"period": span, "at": facts["at"], **asdict(counted)}


@router.get("/periods/{span}/data.zip", dependencies=OF_ALL)
async def data(services: Use, _viewer: Looking, span: Code) -> Response:
    """Return the tables that the figures are counted from, as CSV files."""
    return zipped(await facts_of(services, span), span)


@router.get("/periods/{span}/print.{form}", dependencies=OF_ALL)
async def printed(
    services: Use,
    _viewer: Looking,
    caller: Caller,
    span: Code,
    form: Form,
    layout: Annotated[Layout | None, Query()] = None,
) -> Response:
    """Return the report as it would be now, unsigned; the archive keeps what is signed."""
    document = document_of(services, await facts_of(services, span), layout)
    try:
        content = await services.printer.print(document, form, caller.actor)
    except PrintError as error:
        raise HTTPException(503, f"the document could not be printed: {error}") from error
    headers = {"Content-Disposition": f'attachment; filename="bao-cao-{span}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


@router.get("/documents/{document}/data.zip")
async def data_of(services: Use, viewer: Looking, document: RowNumber) -> Response:
    """Return the tables that a report of a period was counted from, as CSV files."""
    report = await services.db.read(lambda c: found_report(c, document, viewer))
    if UNDER not in report.facts:
        raise NotFoundError("table of report", document)
    return zipped(report.facts, report.subject)


async def facts_of(services: Services, code: str) -> Mapping[str, Any]:
    """Return what the report of a period is made of now.

    Raises:
        NotFoundError: It is no period, or has not begun.
    """
    now, sources = services.now(), services.reports.sources
    gathered = await services.db.read(lambda c: gather(sources, c, MONTHLY.code, code, now))
    if gathered is None:
        raise NotFoundError("period", code)
    return gathered.facts


def document_of(
    services: Services, facts: Mapping[str, Any], layout: Layout | None = None
) -> Document:
    """Return the report of these facts as a document."""
    letterheads = services.reports.letterheads
    head = letterheads.of(layout or letterheads.usual)
    today = services.now().astimezone(ZONE).date()
    return compose(Filling(facts, {}, head, "inside", today))


def zipped(facts: Mapping[str, Any], period: str) -> Response:
    """Return the tables in one file, each with the names of its columns."""
    tables, content = unpacked(facts[UNDER]), io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TABLES:
            archive.writestr(f"{name}.csv", as_csv(name, tables[name]))
    headers = {"Content-Disposition": f'attachment; filename="wanwatch-{period}.zip"'}
    return Response(content.getvalue(), media_type="application/zip", headers=headers)


def last_periods(now: datetime, months: int = 14) -> list[str]:
    """Return the periods that a page offers, the newest first: months, half-years, years."""
    day = now.astimezone(ZONE).date().replace(day=1)
    found: dict[str, None] = {}
    for _ in range(months):
        found[f"{day:%Y-%m}"] = None
        day = (day - timedelta(days=1)).replace(day=1)
    years = dict.fromkeys(code[:4] for code in found)
    codes = [*found, *(f"{year}-H{half}" for year in years for half in (2, 1)), *years]
    known = ((code, period_of(code)) for code in codes)
    return [code for code, one in known if one and one.first <= now.astimezone(ZONE).date()]
