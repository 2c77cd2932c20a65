"""Words taken out of reports for ever: of their facts, their documents, and what people wrote.

The digest that was signed stays: it says what the document was, and no longer fits what is left.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from collector.storage.day_tables import message_files
from collector.storage.report_tables import report_deeds, report_words, reports
from incidents.timeline import canonical_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

SEALED = "(đã niêm phong)"


def empty(connection: Connection, pieces: Sequence[str]) -> None:
    """Put a hole in the place of every text in which one of these pieces stands, in any report.

    Mails that carry a printed report lose it: nobody can tell what is inside.
    """
    if pieces:
        connection.execute(delete(message_files))
    for piece in pieces:
        inside = json.dumps(piece, ensure_ascii=False)[1:-1]
        columns = (reports.c.facts, reports.c.document, reports.c.changes)
        held = or_(*(_holds(connection, column, inside) for column in columns))
        for row in connection.execute(select(reports).where(held)).all():
            values = {
                "facts": canonical_json(_without(json.loads(row.facts), piece)),
                "changes": SEALED if piece in row.changes else row.changes,
            }
            if row.document:
                values["document"] = canonical_json(_without(json.loads(row.document), piece))
            connection.execute(update(reports).where(reports.c.id == row.id).values(values))
        words = update(report_words).where(_holds(connection, report_words.c.text, piece))
        connection.execute(words.values(text=SEALED))


def empty_all(connection: Connection, incident: int) -> None:
    """Take all content out of the reports about an incident; who did what when stays."""
    mine = reports.c.incident == incident
    emptied = {"facts": "{}", "document": "", "changes": ""}
    connection.execute(update(reports).where(mine).values(emptied))
    deeds = select(report_deeds.c.id).where(
        report_deeds.c.report.in_(select(reports.c.id).where(mine))
    )
    words = update(report_words).where(report_words.c.deed.in_(deeds))
    connection.execute(words.values(text=SEALED))


def _holds(connection: Connection, column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    is_sqlite = connection.dialect.name == "sqlite"
    return (func.instr if is_sqlite else func.strpos)(column, text) > 0


def _without(value: Any, piece: str) -> Any:
    if isinstance(value, str):
        return SEALED if piece in value else value
    if isinstance(value, list):
        return [_without(one, piece) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, piece) for name, one in value.items()}
    return value
