"""A change that meets another one: undone, loaded again, decided again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from incidents.desk_store import Conflict, SequenceConflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.desk_store import DeskTransaction

T = TypeVar("T")
ATTEMPTS = 3


def retried(tx: DeskTransaction, once: Callable[[], T]) -> T:
    """Run `once`; when somebody else wrote first, undo it, load again and decide again."""
    for _ in range(ATTEMPTS):
        try:
            with tx.attempt():
                return once()
        except SequenceConflict as conflict:
            last = conflict
    raise Conflict(f"others changed the incident {ATTEMPTS} times meanwhile: {last}") from last
