"""`/api/v1/kpi`: how the procedure is kept, and the records behind every figure."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from sqlalchemy import Connection

from collector.api.deps import Looking, Use
from collector.kpi_book import period_of, this_month
from collector.services import Services
from collector.storage.queries.visibility import Viewer
from incidents.kpi import Figure, Name, Record

router = APIRouter(prefix="/api/v1/kpi", tags=["kpi"])
Day = Annotated[date | None, Query()]
Unit = Annotated[str | None, Query(max_length=200)]
MOST_DAYS = 400
CSV_COLUMNS = ("from", "to", "figure", "key", "value", "records")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure: a ratio from 0 to 1, or seconds for `acknowledge` and `restore`."""

    name: Name
    key: str
    value: float | None
    records: int


@router.get("")
async def kpi(
    services: Use,
    viewer: Looking,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    unit: Unit = None,
) -> list[FigureRow]:
    """Return the figures of a period; this month until today unless said."""
    found = await services.db.read(reading(services, viewer, first, last, unit))
    return [FigureRow(one.name, one.key, one.value, len(one.records)) for one in found]


@router.get("/records")
async def records(
    services: Use,
    viewer: Looking,
    figure: Name,
    key: Annotated[str, Query(max_length=200)] = "",
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    unit: Unit = None,
) -> list[Record]:
    """Return the records behind one figure."""
    found = await services.db.read(reading(services, viewer, first, last, unit))
    return [
        record for one in found if (one.name, one.key) == (figure, key) for record in one.records
    ]


@router.get(".csv")
async def as_csv(
    services: Use,
    viewer: Looking,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    unit: Unit = None,
) -> Response:
    """Return the figures as CSV, for a spreadsheet."""
    found = await services.db.read(reading(services, viewer, first, last, unit))
    begin, end = days(services, first, last)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for one in found:
        value = "" if one.value is None else repr(one.value)
        writer.writerow([begin, end, one.name, one.key, value, len(one.records)])
    name = f"wanwatch-kpi-{begin}-{end}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = "\ufeff" + text.getvalue()  # so that spreadsheets read it as UTF-8
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def days(services: Services, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days asked for.

    Raises:
        HTTPException: They are in the wrong order, or more than `MOST_DAYS`.
    """
    start, today = this_month(services.now())
    last = last or today
    first = first or min(start, last)
    if first > last or (last - first).days > MOST_DAYS:
        raise HTTPException(
            422, f"from {first} to {last}: give days in their order, at most {MOST_DAYS}"
        )
    return first, last


def reading(
    services: Services, viewer: Viewer, first: date | None, last: date | None, unit: str | None
) -> Callable[[Connection], list[Figure]]:
    """Return the work of reading the figures."""
    period, now = period_of(*days(services, first, last)), services.now()
    return lambda connection: services.kpi.figures(connection, period, viewer, now, unit)
