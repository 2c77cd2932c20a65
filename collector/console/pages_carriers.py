"""Pages of carriers: the slip that is read to one, and what they promised and kept in a month."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from collector.api.carriers import Month, reading, slip_of
from collector.api.deps import Caller, Looking, Use
from collector.api.reading import note_reading
from collector.api.session_lists import month_of
from collector.console.render import language_of, page
from incidents.carrier import is_kept
from incidents.carrier_slip import slip
from incidents.vietnamese import ZONE

router = APIRouter(include_in_schema=False)


@router.get("/incidents/{code}/carrier")
async def slip_page(request: Request, services: Use, caller: Caller, code: str) -> Response:
    """Show the text to read to the carrier, and take its ticket and promise in."""
    incident, line, facts = await services.db.read(lambda c: slip_of(services, c, code, caller))
    await note_reading(services, caller, incident)
    language = language_of(request).language
    text = slip(facts, services.now(), language)
    return page(
        request,
        services,
        "carrier_slip",
        incident=incident,
        line=line,
        text=text,
        rows=text.count("\n") + 1,
    )


@router.get("/carriers")
async def carriers_page(
    request: Request, services: Use, viewer: Looking, month: Month = ""
) -> Response:
    """Show for each carrier what it promised and kept, and every report of the month."""
    found = await services.db.read(reading(services, viewer, month))
    start, end = month_of(month, services.now())
    return page(
        request,
        services,
        "carriers",
        month=found.month,
        before=_month(start - timedelta(days=1)),
        after=_month(end),
        carriers=found.carriers,
        reports=found.reports,
        kept=lambda one: is_kept(one, services.now()),
        unit_names=services.sessions.policy.book.units,
    )


def _month(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m")
