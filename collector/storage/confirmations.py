"""What people confirmed of rulesets: entries of the configuration record, never changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.storage import record
from collector.storage.record_tables import record_entries
from incidents.config_record import RecordKind
from incidents.procedure_items import Confirmation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.procedure import Procedure
    from incidents.procedure_items import Item


def confirm(
    connection: Connection,
    procedure: Procedure,
    item: Item,
    *,
    actor: str,
    role: str,
    note: str,
    at: datetime,
) -> None:
    """Record that a person confirmed an item as it is now."""
    data = {
        "ruleset": procedure.id,
        "ruleset_digest": procedure.digest,
        "item": item.code,
        "digest": item.digest,
        "role": role,
    }
    texts = {"note": note} if note else {}
    record.append(connection, at, RecordKind.CONFIRMED, actor, data=data, texts=texts)


def load_confirmations(connection: Connection) -> dict[tuple[str, str], Confirmation]:
    """Return the first confirmation of each item and content."""
    query = (
        select(record_entries.c.canonical, record_entries.c.actor, record_entries.c.at)
        .where(record_entries.c.kind == RecordKind.CONFIRMED)
        .order_by(record_entries.c.seq)
    )
    found: dict[tuple[str, str], Confirmation] = {}
    for row in connection.execute(query):
        data = json.loads(row.canonical)["data"]
        made = Confirmation(data["item"], data["digest"], row.actor, row.at)
        found.setdefault((made.item, made.digest), made)
    return found
