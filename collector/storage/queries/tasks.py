"""What is to be done on incidents, by whom and until when."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, select

from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import entry_texts, incidents, tasks

TaskState = Literal["open", "overdue", "done", "all"]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do; the field names are the API's.

    Attributes:
        kind: `task`, or `reason`: an emergency isolation lacks its reason.
        what: Its words; None when they were sealed away.
        is_late: It is overdue, or was done late: that stays visible.
    """

    incident: str
    kind: str
    number: int
    what: str | None
    owner: str
    due_at: datetime
    done_at: datetime | None
    done_by: str
    is_late: bool


def list_tasks(
    connection: Connection,
    viewer: Viewer,
    now: datetime,
    *,
    state: TaskState = "open",
    incident: str | None = None,
    limit: int,
) -> list[TaskRow]:
    """Return what is to be done, the longest due first; only of incidents the viewer may see."""
    words = and_(entry_texts.c.incident == tasks.c.incident, entry_texts.c.seq == tasks.c.seq)
    statement = (
        select(incidents.c.code, tasks, entry_texts.c.text)
        .join_from(tasks, incidents, incidents.c.id == tasks.c.incident)
        .join(entry_texts, words, isouter=True)
        .where(visible_to(viewer))
        .order_by(tasks.c.due_at, tasks.c.incident, tasks.c.kind, tasks.c.number)
        .limit(limit)
    )
    if state != "all":
        is_done = tasks.c.done_at.is_not(None)
        statement = statement.where(is_done if state == "done" else ~is_done)
    if state == "overdue":
        statement = statement.where(tasks.c.due_at < now)
    if incident is not None:
        statement = statement.where(incidents.c.code == incident)
    return [_task(row, now) for row in connection.execute(statement)]


def _task(row: Row[Any], now: datetime) -> TaskRow:
    words = None if row.text is None else json.loads(row.text).get("note", "")
    return TaskRow(
        incident=row.code,
        kind=row.kind,
        number=row.number,
        what=words,
        owner=row.owner,
        due_at=row.due_at,
        done_at=row.done_at,
        done_by=row.done_by,
        is_late=(row.done_at or now) > row.due_at,
    )
