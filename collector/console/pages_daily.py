"""`/daily`: the report of a day, to read and to print."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from collector.api.daily import chosen_day, found, row_of
from collector.api.deps import Looking, Use
from collector.api.errors import NotFoundError
from collector.console.render import page
from incidents.reports.daily import annex_of
from incidents.reports.kinds.daily import facts_of
from incidents.vietnamese import ZONE

router = APIRouter(include_in_schema=False)
SHOWN_DAYS = 31


@router.get("/daily")
async def daily_page(
    request: Request, services: Use, viewer: Looking, day: Annotated[date | None, Query()] = None
) -> Response:
    """Show the report of a day; where there is none, when it makes itself."""
    chosen, today = chosen_day(services, day), services.now().astimezone(ZONE).date()
    facts: dict[str, Any] = {"row": None, "annex": []}
    try:
        report = await found(services, viewer, chosen)
        facts = {"row": row_of(report), "annex": annex_of(facts_of(report.facts))}
    except NotFoundError:
        pass
    file = services.unit_days.file.report
    return page(
        request,
        services,
        "daily",
        chosen=chosen,
        days=[today - timedelta(days=back) for back in range(SHOWN_DAYS)],
        at=file.at.strftime("%H:%M"),
        send_to=file.send_to,
        **facts,
    )
