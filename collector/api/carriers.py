"""`/api/v1/carriers`: what carriers promised and kept, and the text that reports a line to one."""

import csv
import io
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Looking, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.session_lists import month_of
from collector.services import Services
from collector.storage.queries.alerts import alerts_of_incident
from collector.storage.queries.carriers import reports_between
from collector.storage.queries.incidents import IncidentRow, find_incident
from collector.storage.queries.visibility import Viewer
from collector.targets.targets import Target
from incidents.carrier import CarrierFigures, Reported, figures
from incidents.carrier_slip import LineFacts, slip
from incidents.commands.carrier import refuse_inside
from incidents.vietnamese import ZONE

router = APIRouter(prefix="/api/v1", tags=["carriers"])
Month = Annotated[str, Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$")]
MOST_ALERTS = 50
CSV_COLUMNS = Reported.__slots__


class SlipOut(BaseModel):
    """The text to be read to a carrier, and what a report of it says first."""

    incident: str
    carrier: str
    circuit: str
    text_vi: str
    text_en: str


class MonthOut(BaseModel):
    """One month: a row for each carrier, and the reports that they are made of."""

    month: str
    carriers: list[CarrierFigures]
    reports: list[Reported]


@router.get("/incidents/{code}/carrier")
async def carrier_slip(services: Use, caller: Caller, code: str) -> SlipOut:
    """Return the text that reports the line of an incident to its carrier."""
    _, _, facts = await services.db.read(lambda c: slip_of(services, c, code, caller))
    now = services.now()
    return SlipOut(
        incident=code,
        carrier=facts.carrier,
        circuit=facts.circuit,
        text_vi=slip(facts, now),
        text_en=slip(facts, now, "en"),
    )


@router.get("/carriers")
async def carriers(services: Use, viewer: Looking, month: Month = "") -> MonthOut:
    """Return what carriers promised in a month, this one unless said, and what they kept."""
    return await services.db.read(reading(services, viewer, month))


@router.get("/carriers.csv")
async def as_csv(services: Use, viewer: Looking, month: Month = "") -> Response:
    """Return the reports of a month as CSV, for a spreadsheet."""
    found = await services.db.read(reading(services, viewer, month))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for one in found.reports:
        writer.writerow([_cell(getattr(one, name)) for name in CSV_COLUMNS])
    headers = {"Content-Disposition": f'attachment; filename="wanwatch-carriers-{found.month}.csv"'}
    content = "\ufeff" + text.getvalue()  # so that spreadsheets read it as UTF-8
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def reading(services: Services, viewer: Viewer, month: str) -> Callable[[Connection], MonthOut]:
    """Return the work of reading a month."""
    now = services.now()
    start, end = month_of(month, now)
    name = start.astimezone(ZONE).strftime("%Y-%m")

    def read(connection: Connection) -> MonthOut:
        reports = reports_between(connection, viewer, start, end)
        return MonthOut(month=name, carriers=figures(reports, now), reports=reports)

    return read


def slip_of(
    services: Services, connection: Connection, code: str, caller: Identity
) -> tuple[IncidentRow, Target | None, LineFacts]:
    """Return an incident, its line where targets.yaml has it, and what is known of it.

    Raises:
        NotFoundError: There is no such incident.
        Refused: Nothing of its nature is told outside.
    """
    viewer = viewer_for(services, caller)
    incident = find_incident(connection, code, viewer)
    if incident is None:
        raise NotFoundError("incident", code)
    refuse_inside(incident.nature, services.desk.procedure)
    its = alerts_of_incident(connection, incident.id, viewer, limit=MOST_ALERTS)
    line = services.carriers.line_of(incident, its, services.desk.procedure)
    return incident, line, services.carriers.facts(connection, incident, line, services.now())


def _cell(value: object) -> str:
    """Return a cell; what a spreadsheet would take for a formula begins with an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
