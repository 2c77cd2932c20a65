"""The times before a session at which its points are looked at, and which of them it is now."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.sessions.model import Session


class Moment(Enum):
    """How near a session is; what must hold grows with it."""

    BOOKED = "booked"
    T24H = "t24h"
    T60M = "t60m"
    T15M = "t15m"
    LIVE = "live"

    @property
    def place(self) -> int:
        """Return its place in the order of time."""
        return ORDER.index(self)


ORDER = tuple(Moment)
# Source: a dry run at least 24 h ahead, technicians in the room 60 minutes before, a last look
# when people come in.
BEFORE: dict[Moment, timedelta] = {
    Moment.T24H: timedelta(hours=24),
    Moment.T60M: timedelta(minutes=60),
    Moment.T15M: timedelta(minutes=15),
}


def moment_of(session: Session, at: datetime) -> Moment:
    """Return how near the session is at an instant; once it began, it is live."""
    began_at = session.began_at
    if began_at is not None and at >= began_at:
        return Moment.LIVE
    near = (moment for moment, ahead in BEFORE.items() if at >= session.starts_at - ahead)
    return max(near, key=lambda moment: moment.place, default=Moment.BOOKED)


def begins_at(session: Session, moment: Moment) -> datetime | None:
    """Return when a moment begins; None where nothing bounds it."""
    if moment is Moment.LIVE:
        return session.began_at
    ahead = BEFORE.get(moment)
    return None if ahead is None else session.starts_at - ahead
