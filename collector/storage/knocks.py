"""The keys that knock, in the tables: what the running process remembers, a few seconds later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from collector.identity.knocks import Knock
from collector.storage.schema import agents, unknown_agents

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

_COLUMNS = ("agent", "address", "first_at", "last_at", "knocks")


def load_knocks(connection: Connection) -> list[Knock]:
    """Return what is remembered from before."""
    rows = connection.execute(select(*(unknown_agents.c[name] for name in _COLUMNS)))
    return [Knock(*row) for row in rows]


def save_knocks(
    connection: Connection, knocks: Collection[Knock], gone: Collection[str]
) -> list[str]:
    """Store what changed; return the ids that are enrolled by now and need not be remembered."""
    changed = {knock.agent for knock in knocks}
    enrolled = set(
        connection.scalars(
            select(agents.c.id)
            .join(unknown_agents, unknown_agents.c.agent == agents.c.id)
            .where(agents.c.revoked_at.is_(None))
        )
    )
    left = changed | set(gone) | enrolled
    if left:
        connection.execute(delete(unknown_agents).where(unknown_agents.c.agent.in_(left)))
    rows = [
        {name: getattr(knock, name) for name in _COLUMNS}
        for knock in knocks
        if knock.agent not in enrolled
    ]
    if rows:
        connection.execute(insert(unknown_agents), rows)
    return sorted(enrolled)
