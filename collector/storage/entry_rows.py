"""A row of a chain as the checks take it: of an incident's timeline, or of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.timeline import Stored

if TYPE_CHECKING:
    from sqlalchemy import Row


def stored_of(row: Row[Any]) -> Stored:
    """Return an entry as it lies in the tables; nothing in it is believed."""
    return Stored(
        seq=row.seq,
        canonical=row.canonical,
        hash=row.hash,
        at=row.at,
        kind=row.kind,
        actor=row.actor,
        salt=row.salt,
        text=row.text,
    )
