"""*Việc đến hạn*: everything with a term, in one list; overdue first, then the nearest.

A source is a function from a connection and `now` to items. There is one for each kind of term.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, or_, select

from collector.duties.book import DutyBook, DutyLine, is_overdue
from collector.storage.queries.deadlines import count_overdue, running
from collector.storage.queries.paging import MAX_LIMIT
from collector.storage.queries.tasks import list_tasks
from collector.storage.queries.visibility import Viewer
from collector.storage.schema import deadlines, incidents
from collector.storage.task_rows import TASK
from incidents.duties import DueState

Kind = Literal["deadline", "duty", "task", "gap", "handover", "session"]
# Deadlines of incidents are shown from a day before on, or once most of their term is used.
NEAR = timedelta(days=1)
OF_ONCALL = frozenset({"gap", "handover"})
DONE = frozenset({DueState.DONE, DueState.DONE_LATE})


@dataclass(frozen=True, slots=True)
class DueItem:
    """One term.

    Attributes:
        code: Of the incident, of the duty, of the schedule, or the number of handover or session.
        term: Of the deadline, the period of the duty, what a gap lacks, the schedule, or what a
            session waits for.
        owner: The role that acts; empty where the procedure names none.
        mark: `rule` for a number of law, `proposed` for ours; `task` or `reason` where a person
            set the term: a reason is what an emergency isolation still lacks.
    """

    kind: Kind
    code: str
    term: str
    name_vi: str
    name_en: str
    owner: str
    mark: str
    basis: str
    due_at: datetime
    state: DueState
    proof_vi: str = ""
    proof_en: str = ""
    is_drill: bool = False


def due_items(
    connection: Connection,
    book: DutyBook,
    viewer: Viewer,
    now: datetime,
    more: Iterable[DueItem] = (),
) -> list[DueItem]:
    """Return what is undone: overdue first, then by the instant at which it is due."""
    found = [
        *more,
        *duty_items(connection, book, viewer, now),
        *deadline_items(connection, viewer, now),
        *task_items(connection, viewer, now),
    ]
    return sorted(found, key=lambda item: (item.state is not DueState.OVERDUE, item.due_at))


def duty_lines(
    connection: Connection, book: DutyBook, viewer: Viewer, now: datetime
) -> list[DutyLine]:
    """Return the recurring duties; who sees some units alone sees those of their own roles."""
    return [
        line
        for line in book.lines(connection, now)
        if viewer.units is None or f"role:{line.duty.owner}" in viewer.tags
    ]


def duty_items(
    connection: Connection, book: DutyBook, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return the recurring duties that are near or overdue."""
    return [
        DueItem(
            kind="duty",
            code=line.duty.code,
            term=line.standing.occurrence.period,
            name_vi=line.duty.vi,
            name_en=line.duty.en,
            owner=line.duty.owner,
            mark=line.duty.mark,
            basis=line.duty.basis,
            due_at=line.standing.occurrence.due_at,
            state=line.standing.state,
            proof_vi=line.duty.proof.vi,
            proof_en=line.duty.proof.en,
        )
        for line in duty_lines(connection, book, viewer, now)
        if line.standing.state in {DueState.SOON, DueState.OVERDUE}
    ]


def deadline_items(connection: Connection, viewer: Viewer, now: datetime) -> list[DueItem]:
    """Return the deadlines of incidents that run and are near or overdue; none that stands."""
    statement = (
        select(deadlines, incidents.c.code.label("incident_code"), incidents.c.title)
        .add_columns(incidents.c.title_en, incidents.c.is_drill)
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(running(viewer))
        .where(or_(deadlines.c.due_at <= now + NEAR, deadlines.c.soon_at <= now))
    )
    return [
        DueItem(
            kind="deadline",
            code=row.incident_code,
            term=row.code,
            name_vi=f"{row.name_vi}: {row.title}",
            name_en=f"{row.name_en}: {row.title_en}",
            owner=row.who,
            mark=row.mark,
            basis=row.basis,
            due_at=row.due_at,
            state=_state(row.due_at, now),
            is_drill=row.is_drill,
        )
        for row in connection.execute(statement)
    ]


def task_items(connection: Connection, viewer: Viewer, now: datetime) -> list[DueItem]:
    """Return the open tasks of incidents; who owns one is a person, or a role."""
    return [
        DueItem(
            kind="task",
            code=task.incident,
            term=f"{task.kind}-{task.number}",
            name_vi=task.what or "",
            name_en=task.what or "",
            owner=task.owner,
            mark="task" if task.kind == TASK else "reason",
            basis="",
            due_at=task.due_at,
            state=_state(task.due_at, now),
        )
        for task in list_tasks(connection, viewer, now, limit=MAX_LIMIT)
    ]


def _state(due_at: datetime, now: datetime) -> DueState:
    return DueState.OVERDUE if due_at <= now else DueState.SOON


def overdue_counts(
    connection: Connection, book: DutyBook, viewer: Viewer, now: datetime
) -> dict[str, int]:
    """Return how many are overdue, by kind; drills are left out."""
    late = sum(is_overdue(line) for line in duty_lines(connection, book, viewer, now))
    return {**count_overdue(connection, viewer, now), "duty": late}
