"""What new entries say is removed goes from the store, and the incident is what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.desk_step import Step
from incidents.holes import REMOVING_KINDS
from incidents.incident import fold

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.desk_store import DeskTransaction


def emptied(tx: DeskTransaction, step: Step, now: datetime) -> Step:
    """Remove words and evidence that an entry of the step names; most steps name none."""
    removing = [entry for entry in step.entries if entry.kind in REMOVING_KINDS]
    if not removing:
        return step
    for entry in removing:
        tx.remove_words(step.incident, entry.data["entries"], entry.data["evidence"], now)
    after = fold(tx.timeline(step.incident, lock=False))
    return Step(step.incident, after, step.entries)
