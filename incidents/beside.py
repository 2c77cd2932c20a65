"""Conditions of a transition that are read beside the timeline: what the file must hold by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from incidents import deadlines
from incidents.commands import Facts
from incidents.conditions import Refused
from incidents.desk_store import DeskTransaction
from incidents.evidence import evidence_missing
from incidents.procedure import Procedure
from incidents.state import Incident
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from incidents.procedure_file import Need

# (transaction, the incident's number, the incident, its procedure, now) → why not, or None.
Reader: TypeAlias = Callable[[DeskTransaction, int, Incident, Procedure, datetime], Refused | None]


def reports_sent(
    tx: DeskTransaction, number: int, incident: Incident, procedure: Procedure, now: datetime
) -> Refused | None:
    """Return which reports of law were due and are not sent; None when there is none."""
    del tx, number
    unsent = [
        row
        for row in deadlines.rows(incident, procedure)
        if row.is_legal and row.is_running and row.due_at is not None and row.due_at <= now
    ]
    if not unsent:
        return None
    named_vi = "; ".join(f"{row.vi} (hạn {local_time(row.due_at)})" for row in unsent if row.due_at)
    named_en = "; ".join(row.en for row in unsent)
    return Refused(
        f"Còn báo cáo đã đến hạn chưa gửi: {named_vi}.",
        f"Reports that are due are not sent: {named_en}.",
        ["reports_sent", *(row.code for row in unsent)],
    )


# One reader for each need that `needs` of a transition may name and that no form can meet.
READERS: tuple[tuple[Need, Reader], ...] = (
    ("evidence", evidence_missing),
    ("reports_sent", reports_sent),
)


def facts_of(
    tx: DeskTransaction, incident: int, state: Incident, procedure: Procedure, now: datetime
) -> Facts:
    """Read what the conditions of a transition need to know beside the timeline."""
    read = {need: reader(tx, incident, state, procedure, now) for need, reader in READERS}
    return Facts({need: why for need, why in read.items() if why is not None})
