"""What is removed and when: alerts and deliveries after 13 months, in batches, at night.

Incident files (entries, their words, leaves, checkpoints, the incident's row) are kept: at least
five years, and nothing here removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, Select, Table, delete, exists, select

from collector.storage.schema import alerts, decisions, incidents, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

KEPT_MONTHS = 13
BATCH = 1_000
_LAST_DAY_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows a batch removed; all zero: nothing is left to remove."""

    alerts: int
    messages: int
    decisions: int

    def __bool__(self) -> bool:
        """Say whether anything was removed: then another batch may follow."""
        return bool(self.alerts or self.messages or self.decisions)


def cut_off(now: datetime, months: int = KEPT_MONTHS) -> datetime:
    """Return the instant before which alerts and deliveries are removed: whole months ago."""
    month = now.year * 12 + now.month - 1 - months
    day = min(now.day, _LAST_DAY_OF_EVERY_MONTH)
    return now.replace(year=month // 12, month=month % 12 + 1, day=day)


def prune(connection: Connection, now: datetime, *, limit: int = BATCH) -> Pruned:
    """Remove one batch of each; an alert of an open incident and an unsent message stay."""
    before = cut_off(now)
    still_open = exists().where(incidents.c.id == alerts.c.incident, incidents.c.ended.is_(False))
    old_alerts = select(alerts.c.id).where(alerts.c.resolved_at < before, ~still_open)
    old_messages = select(outbox.c.id).where(
        outbox.c.created_at < before, outbox.c.status.in_(("sent", "failed", "cancelled"))
    )
    old_decisions = select(decisions.c.id).where(decisions.c.at < before)
    return Pruned(
        alerts=_remove(connection, alerts, old_alerts, limit),
        messages=_remove(connection, outbox, old_messages, limit),
        decisions=_remove(connection, decisions, old_decisions, limit),
    )


def _remove(connection: Connection, table: Table, chosen: Select[tuple[int]], limit: int) -> int:
    batch = chosen.order_by(table.c.id).limit(limit).scalar_subquery()
    done: CursorResult[tuple[()]] = connection.execute(delete(table).where(table.c.id.in_(batch)))
    return done.rowcount
