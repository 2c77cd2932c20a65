"""How far each receiver of samples has the journal: stored after what it took, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.forward.sender import Place
from collector.storage.forward_tables import forward_positions
from collector.stream import Bookmark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def load_places(connection: Connection) -> dict[str, Place]:
    """Return where each receiver goes on."""
    table = forward_positions.c
    rows = connection.execute(select(table.receiver, table.sent, table.known_from, table.lost))
    return {
        row.receiver: Place(Bookmark.parse(row.sent), Bookmark.parse(row.known_from), row.lost)
        for row in rows
    }


def save_places(connection: Connection, places: Mapping[str, Place], now: datetime) -> None:
    """Store where receivers go on."""
    for name, place in places.items():
        values = {
            "sent": str(place.sent),
            "known_from": str(place.known_from),
            "lost": place.lost,
            "updated_at": now,
        }
        is_one = forward_positions.c.receiver == name
        changed = connection.execute(update(forward_positions).where(is_one).values(values))
        if changed.rowcount == 0:
            connection.execute(insert(forward_positions).values(receiver=name, **values))
