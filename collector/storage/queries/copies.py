"""Where else the words of an entry stand, as far as somebody may see it."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.removal import copies
from collector.storage.schema import incidents


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry with the same words; the field names are the API's."""

    incident: str
    entry: int


def copies_of(connection: Connection, incident: int, entry: int, viewer: Viewer) -> list[Copy]:
    """Return the other entries in which the words of an entry stand."""
    found = copies(connection, incident, entry)
    numbers = {number for number, _ in found}
    query = select(incidents.c.id, incidents.c.code).where(
        incidents.c.id.in_(numbers), visible_to(viewer)
    )
    codes = {row.id: row.code for row in connection.execute(query)}
    return [Copy(codes[number], seq) for number, seq in found if number in codes]
