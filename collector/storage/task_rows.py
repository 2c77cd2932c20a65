"""What is to be done on an incident, as rows: its tasks, and reasons that are still to be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incidents.work import Work

TASK, REASON = "task", "reason"


def task_rows(incident: int, work: Work) -> list[dict[str, Any]]:
    """Return the rows of an incident; an emergency isolation without a reason is one."""
    rows = [
        {
            "incident": incident,
            "kind": TASK,
            "number": task.number,
            "seq": task.seq,
            "owner": task.owner,
            "due_at": task.due_at,
            "done_at": task.done_at,
            "done_by": task.done_by,
        }
        for task in work.tasks
    ]
    rows += [
        {
            "incident": incident,
            "kind": REASON,
            "number": isolation.seq,
            "seq": isolation.seq,
            "owner": isolation.by,
            "due_at": isolation.reason_due_at,
            "done_at": isolation.explained_at,
            "done_by": "",
        }
        for isolation in work.isolations
        if isolation.reason_due_at is not None
    ]
    return rows
