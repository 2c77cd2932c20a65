"""Who ought to report and never did, and who reports and ought not to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, literal, null, select, type_coerce, union_all

from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import (
    Instant,
    agents,
    expected_hosts,
    identity_log,
    units,
    unknown_agents,
)

MAX_MISSING = 10_000


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A host of the inventory that never reported; `agent` is empty when it has no key either."""

    unit: str
    unit_name: str | None
    host: str
    kind: str
    agent: str | None
    enrolled_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """A key that knocks and is not let in; nothing in it can be believed.

    Attributes:
        host: Whose revoked key this is, if it is one. Attribute `unit`: where that host was.
    """

    agent: str
    address: str
    first_at: datetime
    last_at: datetime
    knocks: int
    host: str | None
    unit: str | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of what happened to keys and tokens."""

    id: int
    at: datetime
    what: str
    agent: str
    unit: str
    host: str
    token: str
    address: str
    actor: str
    detail: str


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """How many keys want somebody's attention."""

    pending: int
    quarantined: int
    unknown: int


def list_missing(
    connection: Connection, viewer: Viewer, *, unit: str | None = None, limit: int = MAX_MISSING
) -> list[MissingRow]:
    """Return listed and enrolled hosts that never reported, by unit and host."""
    enrolled = and_(agents.c.revoked_at.is_(None), agents.c.approved_at.is_not(None))
    has_key = (
        select(literal(1))
        .where(agents.c.unit == expected_hosts.c.unit, agents.c.host == expected_hosts.c.host)
        .where(agents.c.revoked_at.is_(None))
        .exists()
    )
    nobody, never = null().label("agent"), type_coerce(null(), Instant).label("enrolled_at")
    listed = select(
        expected_hosts.c.unit, expected_hosts.c.host, expected_hosts.c.kind,
        nobody, never, expected_hosts.c.sort_key,
    ).where(~has_key)  # fmt: skip
    silent = select(
        agents.c.unit, agents.c.host, agents.c.kind,
        agents.c.id.label("agent"), agents.c.enrolled_at, agents.c.sort_key,
    ).where(enrolled, agents.c.last_report_at.is_(None))  # fmt: skip
    both = union_all(listed, silent).subquery()
    columns = (both.c.unit, units.c.name, both.c.host, both.c.kind, both.c.agent)
    statement = (
        select(*columns, both.c.enrolled_at)
        .outerjoin_from(both, units, units.c.code == both.c.unit)
        .where(in_scope(viewer, both.c.unit))
    )
    if unit is not None:
        statement = statement.where(both.c.unit == unit)
    order = (units.c.sort_key, both.c.unit, both.c.sort_key, both.c.host)
    rows = connection.execute(statement.order_by(*order).limit(limit))
    return [MissingRow(*row) for row in rows]


def list_unknown(connection: Connection, viewer: Viewer) -> list[UnknownRow]:
    """Return the keys that knock and are not let in, the newest knock first.

    A key of which nothing is known is in no unit: only who sees all units sees it.
    """
    table = unknown_agents.c
    statement = (
        select(
            table.agent, table.address, table.first_at, table.last_at, table.knocks,
            agents.c.host, agents.c.unit, agents.c.revoked_at,
        )
        .outerjoin_from(unknown_agents, agents, agents.c.id == table.agent)
        .where((agents.c.id.is_(None)) | (agents.c.revoked_at.is_not(None)))
        .where(in_scope(viewer, agents.c.unit))
        .order_by(table.last_at.desc(), table.agent)
    )  # fmt: skip
    return [UnknownRow(*row) for row in connection.execute(statement)]


def list_log(
    connection: Connection,
    viewer: Viewer,
    *,
    agent: str | None = None,
    limit: int,
    after: int | None = None,
) -> list[LogRow]:
    """Return what happened to keys and tokens, the newest first; `after` is the last line seen."""
    statement = select(*(identity_log.c[name] for name in LogRow.__slots__)).where(
        in_scope(viewer, identity_log.c.unit)
    )
    if agent is not None:
        statement = statement.where(identity_log.c.agent == agent)
    if after is not None:
        statement = statement.where(identity_log.c.id < after)
    rows = connection.execute(statement.order_by(identity_log.c.id.desc()).limit(limit))
    return [LogRow(*row) for row in rows]


def counts(connection: Connection, viewer: Viewer) -> KeyCounts:
    """Return how many keys wait for approval, are quarantined, and are unknown."""
    live = and_(agents.c.revoked_at.is_(None), in_scope(viewer, agents.c.unit))
    pending = select(func.count()).where(live, agents.c.approved_at.is_(None))
    quarantined = select(func.count()).where(live, agents.c.quarantined_at.is_not(None))
    unknown = select(func.count()).select_from(unknown_agents)
    if viewer.units is not None:
        unknown = select(literal(0))
    statements = (pending, quarantined, unknown)
    return KeyCounts(*(connection.scalar(statement) or 0 for statement in statements))
