"""A clock that stands still until it is set: wall and monotonic time of a run over history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DrivenClock:
    """Begins at an instant; monotonic time passes with it."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = self.at = began_at

    def now(self) -> datetime:
        """Return the instant."""
        return self.at

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return (self.at - self._began_at).total_seconds()

    def set(self, at: datetime) -> None:
        """Let time pass until an instant; it never goes back."""
        self.at = max(self.at, at)
