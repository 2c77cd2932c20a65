"""The newest signed checkpoint, on its way to those who keep it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EVERY_SECONDS = 3_600.0
_NOTHING: dict[str, str] = {}


class Carrier:
    """Hands the note to each agent at its first report, and about once an hour from then on.

    Attributes:
        note: The newest checkpoint; empty before there is one.
    """

    def __init__(self, note: str, *, monotonic: Callable[[], float]) -> None:
        self.note, self._monotonic = note, monotonic
        self._due_at: dict[str, float] = {}

    def of(self, agent: str) -> Mapping[str, str]:
        """Return what the answer to an agent's report carries this time."""
        now = self._monotonic()
        if not self.note or now < self._due_at.get(agent, 0.0):
            return _NOTHING
        self._due_at[agent] = now + EVERY_SECONDS
        return {"checkpoint": self.note}
