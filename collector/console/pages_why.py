"""The page *why was I (not) paged*: every decision of an incident and every attempt to send."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from collector.api.deps import Caller, Looking, Use
from collector.api.incidents import read_why
from collector.api.reading import note_reading
from collector.console.render import page

router = APIRouter(include_in_schema=False)


@router.get("/incidents/{code}/why")
async def why_page(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    code: str,
    person: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the answer for everybody, or for one person."""
    incident, rows = await services.db.read(lambda c: read_why(c, code, viewer, person))
    await note_reading(services, caller, incident)
    return page(request, services, "why", incident=incident, rows=rows[::-1], person_of=person)
