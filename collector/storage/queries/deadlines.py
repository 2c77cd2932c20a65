"""Which deadlines of incidents run, and how many terms have passed: for list and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import deadlines, incidents, tasks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


def running(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a deadline has a clock that runs, of what somebody may see."""
    return and_(
        deadlines.c.met_at.is_(None),
        deadlines.c.stopped_at.is_(None),
        deadlines.c.due_at.is_not(None),
        deadlines.c.paused_since.is_(None),
        visible_to(viewer),
    )


def count_overdue(connection: Connection, viewer: Viewer, now: datetime) -> dict[str, int]:
    """Return how many deadlines and tasks are overdue; drills are left out."""
    of_deadlines = select(func.count()).join_from(
        deadlines, incidents, incidents.c.id == deadlines.c.incident
    )
    of_tasks = select(func.count()).join_from(tasks, incidents, incidents.c.id == tasks.c.incident)
    is_no_drill = incidents.c.is_drill.is_(False)
    late = of_deadlines.where(running(viewer), deadlines.c.due_at <= now, is_no_drill)
    undone = of_tasks.where(visible_to(viewer), tasks.c.done_at.is_(None), is_no_drill)
    return {
        "deadline": connection.scalar(late) or 0,
        "task": connection.scalar(undone.where(tasks.c.due_at <= now)) or 0,
    }
