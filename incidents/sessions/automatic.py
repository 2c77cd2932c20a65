"""Which pre-check of a session the clock asks for now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from incidents.sessions.model import Session

# Sessions that begin together are not looked at together.
LONGEST_SPREAD, SPREAD_SHARE, STEPS = timedelta(minutes=10), 1 / 60, 12


class Run(NamedTuple):
    """A check that is due; `key` is the same for as long as the plan is."""

    at: datetime
    key: str


def due_run(
    session: Session,
    checks: Iterable[timedelta],
    done: Collection[str],
    now: datetime,
    lead: timedelta = timedelta(0),
) -> Run | None:
    """Return the check that is due and was not made; one that was missed is made late.

    Of several that were missed only the last is made: the others would find the same.

    Args:
        checks: How long before the beginning its points are looked at.
        done: Keys of those that were made. A session that is moved has its checks anew.
        lead: How long before a check its points are asked: it is returned so much sooner.
    """
    if session.is_over or session.began_at is not None or now >= session.starts_at:
        return None
    come = [
        (ahead, at)
        for ahead in checks
        if (at := session.starts_at - ahead + _spread(session, ahead)) <= now + lead
    ]
    if not come:
        return None
    ahead, at = min(come)
    key = f"check:{int(ahead.total_seconds())}:{session.starts_at.isoformat()}"
    return None if key in done else Run(at, key)


def _spread(session: Session, ahead: timedelta) -> timedelta:
    return min(LONGEST_SPREAD, ahead * SPREAD_SHARE) * (session.id % STEPS) / STEPS
