"""`/api/v1/device-events`: what devices said by themselves."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.deps import Looking, Use
from collector.storage.queries.device_events import HeardRow, list_heard

router = APIRouter(prefix="/api/v1", tags=["targets"])
Name = Annotated[str, Query(max_length=200)]


@router.get("/device-events")
async def device_events(
    services: Use,
    viewer: Looking,
    target: Name = "",
    agent: Name = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> list[HeardRow]:
    """List it, the newest first; of one target, or as one agent heard it."""
    return await services.db.read(
        lambda c: list_heard(c, viewer, target=target, agent=agent, limit=limit)
    )
