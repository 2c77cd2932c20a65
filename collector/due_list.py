"""*Việc đến hạn*: everything with a term, in one list; overdue first, then the nearest.

A source is a function from a connection and `now` to items. There is one for each kind of term.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from collector.duty_book import DutyBook
from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import incidents
from incidents.duties import DueState

Kind = Literal["deadline", "duty"]
DONE = frozenset({DueState.DONE, DueState.DONE_LATE})


@dataclass(frozen=True, slots=True)
class DueItem:
    """One term.

    Attributes:
        code: Of the incident, or of the duty.
        term: Of the deadline, or the period of the duty.
        owner: The role that acts; empty where the procedure names none.
        mark: `rule` for a number of law, `proposed` for ours.
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


def due_items(
    connection: Connection, book: DutyBook, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return what is undone: overdue first, then by the instant at which it is due."""
    found = [*duty_items(connection, book, now), *deadline_items(connection, viewer, now)]
    return sorted(found, key=lambda item: (item.state is not DueState.OVERDUE, item.due_at))


def duty_items(connection: Connection, book: DutyBook, now: datetime) -> list[DueItem]:
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
        for line in book.lines(connection, now)
        if line.standing.state in {DueState.SOON, DueState.OVERDUE}
    ]


def deadline_items(connection: Connection, viewer: Viewer, now: datetime) -> list[DueItem]:
    """Return the open incidents that nobody acknowledged, with the term of it."""
    statement = (
        select(incidents.c.code, incidents.c.title, incidents.c.title_en)
        .add_columns(incidents.c.acknowledge_due_at)
        .where(incidents.c.ended.is_(False), incidents.c.acknowledged_at.is_(None))
        .where(incidents.c.acknowledge_due_at.is_not(None), visible_to(viewer))
    )
    return [
        DueItem(
            kind="deadline",
            code=row.code,
            term="ack",
            name_vi=row.title,
            name_en=row.title_en,
            owner="truc_ca",
            mark="proposed",
            basis="",
            due_at=row.acknowledge_due_at,
            state=DueState.OVERDUE if row.acknowledge_due_at <= now else DueState.SOON,
        )
        for row in connection.execute(statement)
    ]


def overdue_counts(items: list[DueItem]) -> dict[str, int]:
    """Return how many are overdue, by kind."""
    counts: dict[str, int] = {"deadline": 0, "duty": 0}
    for item in items:
        counts[item.kind] += item.state is DueState.OVERDUE
    return counts
