"""Puts together what looks at sessions: readiness, and who is at a board."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from collector.sessions.board_presence import BoardPresence
from collector.sessions.readiness_desk import ReadinessDesk
from incidents.sessions.thresholds import of_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.fleet import Fleet
    from collector.services import ChangeFeed
    from collector.sessions.desk import SessionDesk
    from collector.storage.database import Database
    from incidents.desk import Desk
    from incidents.sessions.model import SessionClass
    from incidents.sessions.thresholds import Thresholds


def looking_parts(
    database: Database,
    fleet: Fleet,
    changes: ChangeFeed,
    desk: Desk,
    monotonic: Callable[[], float],
    sessions: SessionDesk,
) -> dict[str, Any]:
    """Return the parts by the names that others know them under; the desk asks who is there."""
    presence = BoardPresence(monotonic)
    desk.at_board = presence.of
    limits = partial(_limits, sessions)
    return {
        "readiness": ReadinessDesk(
            database,
            fleet,
            changes,
            limits,
            lambda session: sessions.policy.checks_before(session),  # noqa: PLW0108 - adopted anew
        ),
        "presence": presence,
    }


def _limits(sessions: SessionDesk, session_class: SessionClass) -> Thresholds:
    return of_policy(sessions.policy, session_class)
