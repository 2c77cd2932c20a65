"""Who may say alerts here: what a bearer token stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Source(NamedTuple):
    """One outside source; with a unit it speaks of that unit alone."""

    id: str
    unit: str = ""


class Sources(Protocol):
    """Finds out whose a token is."""

    def find(self, token: str) -> Awaitable[Source | None]:
        """Return the source of a token, None for one that is not known or was revoked."""
