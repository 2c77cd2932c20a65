"""Pages of runbooks: the list, and one runbook beside the host that it is read for."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from collector.api.deps import Looking, Use
from collector.api.errors import NotFoundError
from collector.console.render import language_of, page
from collector.console.runbook_views import Where, check_views, section_views
from collector.storage.queries import units

router = APIRouter(include_in_schema=False)


@router.get("/runbooks")
async def runbooks_page(request: Request, services: Use) -> Response:
    """Show all runbooks, class by class."""
    return page(request, services, "runbooks", books=list(services.library))


@router.get("/runbooks/{name}")
async def runbook_page(
    request: Request,
    services: Use,
    viewer: Looking,
    name: str,
    agent: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show one runbook; with `agent`, what it says to look at leads to that host."""
    book = services.library.get(name)
    if book is None:
        raise NotFoundError("runbook", name)
    t = language_of(request)
    host = None
    if agent:
        host = await services.db.read(lambda c: units.find_agent(c, agent, viewer))
    where = Where(host.id, host.unit) if host is not None else None
    return page(
        request,
        services,
        "runbook",
        book=book,
        host=host,
        sections=section_views(book, t),
        checks=check_views(book, where, t),
    )
