"""The page of figures, and of the records behind one."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from collector.api.deps import Looking, Use
from collector.api.errors import NotFoundError
from collector.api.kpi import days, reading
from collector.console.formats import number
from collector.console.render import language_of, page
from collector.console.texts import Texts
from collector.services import Services
from collector.storage.queries import units
from collector.storage.queries.visibility import Viewer
from incidents.kpi import Figure, Name

router = APIRouter(include_in_schema=False)
SECONDS = frozenset({"acknowledge", "restore"})
WORST_FIRST = frozenset({"on_time_unit", "availability_unit", "availability_link", "coverage"})
SHOWN_RECORDS = 500
First = Annotated[date | None, Query(alias="from")]
Last = Annotated[date | None, Query(alias="to")]
Unit = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what it is of, the figure as it is written, how many records."""

    key: str
    label: str
    value: str
    is_bad: bool
    records: int


@router.get("/kpi")
async def kpi_page(
    request: Request,
    services: Use,
    viewer: Looking,
    first: First = None,
    last: Last = None,
    unit: Unit = "",
) -> Response:
    """Show every figure of a period; each opens the records that it is made of."""
    t = language_of(request)
    found, facts = await _read(services, viewer, first, last, unit)
    begin, end = days(services, first, last)
    label = _labels(services, t, facts["names"])
    tables = {
        name: _lines(name, list(group), label, t)
        for name, group in groupby(found, key=lambda figure: figure.name)
    }
    return page(
        request, services, "kpi", tables=tables, begin=begin, end=end, unit=unit, units=facts["all"]
    )


@router.get("/kpi/records")
async def records_page(
    request: Request,
    services: Use,
    viewer: Looking,
    figure: Name,
    key: Unit = "",
    first: First = None,
    last: Last = None,
    unit: Unit = "",
) -> Response:
    """Show what one figure is made of."""
    t = language_of(request)
    found, facts = await _read(services, viewer, first, last, unit)
    chosen = next((one for one in found if (one.name, one.key) == (figure, key)), None)
    if chosen is None:
        raise NotFoundError("figure", f"{figure} {key}".strip())
    begin, end = days(services, first, last)
    return page(
        request,
        services,
        "kpi_records",
        figure=chosen,
        line=_line(chosen, _labels(services, t, facts["names"]), t),
        records=chosen.records[:SHOWN_RECORDS],
        count=len(chosen.records),
        names_of_units=facts["names"],
        is_seconds=figure in SECONDS,
        begin=begin,
        end=end,
        unit=unit,
    )


async def _read(
    services: Services, viewer: Viewer, first: date | None, last: date | None, unit: str
) -> tuple[list[Figure], dict[str, Any]]:
    read = reading(services, viewer, first, last, unit or None)

    def both(connection: Connection) -> tuple[list[Figure], dict[str, Any]]:
        every = units.all_units(connection, viewer)
        return read(connection), {"all": every, "names": {one.code: one.name for one in every}}

    return await services.db.read(both)


def _labels(services: Services, t: Texts, names: dict[str, str]) -> Any:
    def label(figure: Figure) -> str:
        if figure.name == "on_time":
            return services.names.deadline(figure.key, t.language)
        if figure.name in SECONDS:
            return f"{figure.key} {services.names.severity(figure.key, t.language)}"
        if figure.name == "coverage" and not figure.key:
            return t("kpi.all_units")
        return names.get(figure.key, figure.key)

    return label


def _lines(name: str, figures: list[Figure], label: Any, t: Texts) -> list[Line]:
    if name in WORST_FIRST:
        figures = sorted(
            figures, key=lambda one: (bool(one.key), 2.0 if one.value is None else one.value)
        )
    return [_line(one, label, t) for one in figures]


def _line(figure: Figure, label: Any, t: Texts) -> Line:
    value, is_ratio = figure.value, figure.name not in SECONDS
    if value is None:
        written = t("kpi.none")
    elif is_ratio:
        # Never rounded up to all: 99,996 % is not 100 %.
        percent = value * 100 if value == 1.0 else min(value * 100, 99.99)
        written = f"{number(percent, t.language, digits=0 if value in (0.0, 1.0) else 2)} %"
    else:
        written = t("kpi.minutes", n=number(value / 60, t.language, digits=1))
    is_bad = is_ratio and value is not None and value < 1.0
    return Line(figure.key, label(figure), written, is_bad, len(figure.records))
