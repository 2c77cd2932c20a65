"""What the desk asks of sessions and peak periods when something breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.in_session import NOTHING_AROUND

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.desk_store import DeskTransaction
    from incidents.in_session import Around, Where


def nothing_around(_tx: DeskTransaction, _where: Where, _now: datetime) -> Around:
    """Return that nothing goes on: where nobody knows of sessions."""
    return NOTHING_AROUND


def noted(tx: DeskTransaction, incident: int, around: Around) -> int:
    """Note in which session an incident began; return its number."""
    if around.in_session is not None:
        tx.note_session(incident, around.in_session.session)
    return incident
