"""Which pre-check of a session the clock asks for now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from incidents.sessions.moments import Moment, begins_at, moment_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from incidents.sessions.model import Session

# Sessions that begin together are not looked at together: what is asked more often for a check
# goes over the same lines.
SPREAD = {
    Moment.T24H: timedelta(minutes=10),
    Moment.T60M: timedelta(minutes=2),
    Moment.T15M: timedelta(minutes=1),
}
_STEPS = 12


class Run(NamedTuple):
    """A check that is due; `key` is the same for as long as the plan is."""

    moment: Moment
    at: datetime
    key: str


def due_run(session: Session, done: Collection[str], now: datetime) -> Run | None:
    """Return the check that is due and was not made; one that was missed is made late, or never.

    Args:
        done: Keys of those that were made. A session that is moved has its checks anew.
    """
    if session.is_over or session.began_at is not None or now >= session.starts_at:
        return None
    moment = moment_of(session, now)
    begins = begins_at(session, moment)
    if begins is None:
        return None
    at = begins + SPREAD[moment] * (session.id % _STEPS) / _STEPS
    key = f"check:{moment.value}:{session.starts_at.isoformat()}"
    return None if key in done or now < at else Run(moment, at, key)
