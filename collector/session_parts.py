"""Puts together what looks at sessions: readiness, and who is at a board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.board_presence import BoardPresence
from collector.readiness_desk import ReadinessDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.fleet import Fleet
    from collector.services import ChangeFeed
    from collector.storage.database import Database
    from incidents.desk import Desk


def looking_parts(
    database: Database,
    fleet: Fleet,
    changes: ChangeFeed,
    desk: Desk,
    monotonic: Callable[[], float],
) -> dict[str, Any]:
    """Return the parts by the names that others know them under; the desk asks who is there."""
    presence = BoardPresence(monotonic)
    desk.at_board = presence.of
    return {"readiness": ReadinessDesk(database, fleet, changes), "presence": presence}
