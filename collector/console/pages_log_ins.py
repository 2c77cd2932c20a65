"""The page of who logged in and who tried to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from collector.access import MAX_ACTOR_LENGTH
from collector.api.deps import PAGE, RowNumber, Use, oversees
from collector.console.render import here, page
from collector.storage.log_ins import list_log_ins

router = APIRouter(include_in_schema=False)


@router.get("/log-ins", dependencies=[Depends(oversees("log_ins"))])
async def log_ins_page(
    request: Request,
    services: Use,
    name: Annotated[str, Query(max_length=MAX_ACTOR_LENGTH)] = "",
    after: RowNumber | None = None,
) -> Response:
    """Show log-ins and failures, the newest first; of one person or of all."""
    found = await services.db.read(
        lambda c: list_log_ins(c, name=name or None, limit=PAGE, after=after)
    )
    following = found.next and here(request, after=found.next)
    return page(request, services, "log_ins", log_ins=found.items, following=following, chosen=name)
