"""`/api/v1/log-ins`: who logged in, who tried to, when and from where."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from collector.access import MAX_ACTOR_LENGTH
from collector.api.deps import PAGE, Limit, RowNumber, Use, oversees
from collector.storage.log_ins import LogIn, list_log_ins
from collector.storage.queries.paging import Page

router = APIRouter(prefix="/api/v1/log-ins", tags=["log-ins"])


@router.get("", dependencies=[Depends(oversees("log_ins"))])
async def log_ins(
    services: Use,
    name: Annotated[str | None, Query(max_length=MAX_ACTOR_LENGTH)] = None,
    limit: Limit = PAGE,
    after: RowNumber | None = None,
) -> Page[LogIn]:
    """List log-ins and failures, the newest first."""
    return await services.db.read(lambda c: list_log_ins(c, name=name, limit=limit, after=after))
