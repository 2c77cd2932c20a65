"""What happened to keys and tokens, and who did it: written with the change itself.

It goes into the configuration record as well, except for what was refused: nothing was changed,
and whoever knocks must not fill what is kept for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from loguru import logger
from sqlalchemy import delete, insert

from collector.storage import record
from collector.storage.schema import identity_log
from incidents.config_record import RecordKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

MACHINE = "machine:collector"
What = Literal[
    "approved", "enrolled", "enrolled_again", "key_changed", "quarantined", "reattached",
    "refused", "relay_made", "relay_revoked", "replaced", "revoked", "source_made",
    "source_revoked", "source_rotated", "token_made", "token_revoked", "watcher_made",
    "watcher_revoked",
]  # fmt: skip


def note(
    connection: Connection,
    at: datetime,
    what: What,
    *,
    agent: str = "",
    unit: str = "",
    host: str = "",
    token: str = "",
    address: str = "",
    actor: str = MACHINE,
    detail: str = "",
) -> None:
    """Write one line, to the table and to the process's log."""
    said = {"agent": agent, "unit": unit, "host": host, "token": token, "address": address}
    values = {**said, "actor": actor, "detail": detail}
    connection.execute(insert(identity_log).values(at=at, what=what, **values))
    if what != "refused":
        known = {name: value for name, value in said.items() if value}
        words = {"detail": detail} if detail else {}
        data = {"what": what, **known}
        record.append(connection, at, RecordKind.IDENTITY, actor, data=data, texts=words)
    shown = ", ".join(f"{name} {value}" for name, value in values.items() if value)
    logger.info("identity: {}: {}", what, shown)


def prune(connection: Connection, *, refused_before: datetime, all_before: datetime) -> int:
    """Delete lines that are old; what was refused is kept for a shorter time."""
    is_old = (identity_log.c.at < all_before) | (
        (identity_log.c.what == "refused") & (identity_log.c.at < refused_before)
    )
    return connection.execute(delete(identity_log).where(is_old)).rowcount
