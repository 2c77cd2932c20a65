"""What devices said by themselves, as lists show it."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.device_events import device_events
from collector.storage.queries.visibility import Viewer, in_scope


@dataclass(frozen=True, slots=True)
class HeardRow:
    """One message; the field names are the API's.

    Attributes:
        target: The target it is of; empty where no target has the address.
        agent: Who heard it.
    """

    at: datetime
    unit: str
    target: str
    address: str
    kind: str
    labels: dict[str, str]
    detail: str
    agent: str


def list_heard(
    connection: Connection, viewer: Viewer, *, target: str = "", agent: str = "", limit: int
) -> list[HeardRow]:
    """Return what was heard, the newest first; of one target or by one agent if they are given."""
    table = device_events.c
    query = select(
        table.at,
        table.unit,
        table.target,
        table.address,
        table.kind,
        table.labels,
        table.detail,
        table.agent,
    ).where(in_scope(viewer, table.unit))
    if target:
        query = query.where(table.target == f"target:{target}")
    if agent:
        query = query.where(table.agent == agent)
    query = query.order_by(table.at.desc(), table.id.desc()).limit(limit)
    return [_row(*row) for row in connection.execute(query)]


def _row(
    at: datetime,
    unit: str,
    target: str,
    address: str,
    kind: str,
    labels: str,
    detail: str,
    agent: str,
) -> HeardRow:
    plain = target.removeprefix("target:")
    return HeardRow(at, unit, plain, address, kind, json.loads(labels), detail, agent)
