"""`/periods`: the report of a month, half-year or year as it would be now, and its tables."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from collector.api.deps import Looking, Use, whole_province
from collector.api.periods import document_of, facts_of, last_periods
from collector.console.render import page
from incidents.reports.document import Annex, Heading, Paragraph, Table
from incidents.reports.period import period_of

router = APIRouter(include_in_schema=False)


@router.get("/periods", dependencies=[Depends(whole_province)])
async def periods_page(
    request: Request,
    services: Use,
    _viewer: Looking,
    period: Annotated[str, Query(max_length=7)] = "",
) -> Response:
    """Show the figures of a period; the last month that is over unless said."""
    offered = last_periods(services.now())
    chosen = period or offered[1]
    document = document_of(services, await facts_of(services, chosen))
    kinds = {Heading: "heading", Paragraph: "paragraph", Table: "table", Annex: "annex"}
    known = [one for one in (period_of(code) for code in offered) if one is not None]
    return page(
        request,
        services,
        "periods",
        chosen=chosen,
        offered=[(one.code, one.words) for one in known],
        title=document.about,
        blocks=[(kinds[type(block)], block) for block in document.blocks],
    )
