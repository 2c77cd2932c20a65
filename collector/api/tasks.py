"""`/api/v1/tasks`: what is to be done on incidents."""

from fastapi import APIRouter
from pydantic import BaseModel

from collector.api.deps import PAGE, Limit, Looking, Use
from collector.storage.queries.tasks import TaskRow, TaskState, list_tasks

router = APIRouter(prefix="/api/v1/tasks", tags=["incidents"])


class Tasks(BaseModel):
    """What is to be done, the longest due first."""

    items: list[TaskRow]


@router.get("")
async def tasks(
    services: Use,
    viewer: Looking,
    state: TaskState = "open",
    incident: str | None = None,
    limit: Limit = PAGE,
) -> Tasks:
    """List tasks and missing reasons; `overdue` are open ones whose time has passed."""
    now = services.now()
    found = await services.db.read(
        lambda c: list_tasks(c, viewer, now, state=state, incident=incident, limit=limit)
    )
    return Tasks(items=found)
