"""Who is signed in on the board of a session just now; the desk asks it from its own thread."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from incidents.sessions.at_board import NOBODY_THERE, AtBoard, seconds_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incidents.incident import Incident
    from incidents.sessions.model import Session

# A stream ends and is opened anew every few minutes: who is back by then was never away.
AWAY_SECONDS = 15.0


@dataclass(slots=True)
class _Board:
    open: Counter[str] = field(default_factory=Counter)
    left_at: dict[str, float] = field(default_factory=dict)
    seconds: dict[int, str] = field(default_factory=dict)


class BoardPresence:
    """Changed on the event loop; readers in other threads get whole answers.

    Args:
        monotonic: Seconds that only grow.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._boards: dict[int, _Board] = {}

    @contextmanager
    def at(self, session: Session, user: str) -> Iterator[None]:
        """Count somebody as looking at a board while the block runs."""
        board = self._boards.setdefault(session.id, _Board())
        board.seconds = {point.order: point.second for point in session.points if point.second}
        board.open[user] += 1
        board.left_at.pop(user, None)
        try:
            yield
        finally:
            board.open[user] -= 1
            if not board.open[user]:
                board.left_at[user] = self._monotonic()

    def people(self, session: int) -> tuple[str, ...]:
        """Return who looks at a board, or did a moment ago."""
        board = self._boards.get(session)
        if board is None:
            return ()
        now = self._monotonic()
        there = [user for user, count in list(board.open.items()) if count > 0]
        there += [user for user, at in list(board.left_at.items()) if now - at < AWAY_SECONDS]
        return tuple(sorted(set(there)))

    def of(self, incident: Incident) -> AtBoard:
        """Return who looks at the board of the session that an incident began in."""
        part = incident.around.in_session
        board = None if part is None else self._boards.get(part.session)
        if part is None or board is None:
            return NOBODY_THERE
        return seconds_at(dict(board.seconds), part.points, self.people(part.session))
