"""Units and agents as pages and API show them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, select

from collector.storage.queries.finding import exact_first, marks, matching
from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import agents, units
from incidents.vietnamese import NOTHING, Search

AgentStanding = Literal["approved", "pending", "quarantined", "revoked"]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One organisation; the field names are the API's."""

    code: str
    name: str
    kind: str
    parent: str | None
    region: str
    contact: str
    hours: str
    valid_from: str | None
    valid_to: str | None


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One enrolled key; the field names are the API's."""

    id: str
    unit: str
    unit_name: str
    host: str
    kind: str
    presence: str
    interval_seconds: int
    enrolled_at: datetime
    revoked_at: datetime | None
    last_report_at: datetime | None
    lost_reports: int
    approved_at: datetime | None
    approved_by: str
    doubt: str
    quarantined_at: datetime | None
    key_changed_at: datetime | None


_UNITS = select(*(units.c[name] for name in UnitRow.__slots__))
_UNIT_ORDER = Order((units.c.sort_key, units.c.code), units.c.code)
_AGENTS = select(
    agents.c.id,
    agents.c.unit,
    units.c.name.label("unit_name"),
    *(agents.c[name] for name in AgentRow.__slots__[3:]),
).join_from(agents, units)
_STANDING: dict[AgentStanding, ColumnElement[bool]] = {
    "approved": and_(
        agents.c.revoked_at.is_(None),
        agents.c.quarantined_at.is_(None),
        agents.c.approved_at.is_not(None),
    ),
    "pending": and_(agents.c.revoked_at.is_(None), agents.c.approved_at.is_(None)),
    "quarantined": and_(agents.c.revoked_at.is_(None), agents.c.quarantined_at.is_not(None)),
    "revoked": agents.c.revoked_at.is_not(None),
}
_AGENT_ORDER = Order((agents.c.sort_key, agents.c.id), agents.c.id)


def list_units(
    connection: Connection,
    viewer: Viewer,
    *,
    search: Search = NOTHING,
    region: str | None = None,
    limit: int,
    after: str | None = None,
) -> Page[UnitRow]:
    """Return units by sort key, of those that `search` finds the ones with its very marks first."""
    statement = _UNITS.where(visible := in_scope(viewer, units.c.code))
    order = replace(_UNIT_ORDER, among=visible)
    if search:
        statement = statement.where(matching(units.c.search_key, search))
        order = exact_first(order, marks(units.c.marks_key, search))
    if region is not None:
        statement = statement.where(units.c.region == region)
    return fetch_page(
        connection,
        statement,
        order,
        lambda row: UnitRow(*values(row)),
        lambda unit: unit.code,
        limit=limit,
        after=after,
    )


def all_units(connection: Connection, viewer: Viewer) -> list[UnitRow]:
    """Return every unit by sort key: there are hundreds, and the first page shows them all."""
    statement = _UNITS.where(in_scope(viewer, units.c.code)).order_by(*_UNIT_ORDER.keys)
    return [UnitRow(*values(row)) for row in connection.execute(statement)]


def find_unit(connection: Connection, code: str, viewer: Viewer) -> UnitRow | None:
    """Return the unit with this identifier code; None as well for who does not see it."""
    wanted = _UNITS.where(units.c.code == code, in_scope(viewer, units.c.code))
    row = connection.execute(wanted).first()
    return None if row is None else UnitRow(*values(row))


def list_agents(
    connection: Connection,
    viewer: Viewer,
    *,
    unit: str | None = None,
    standing: AgentStanding | None = None,
    search: Search = NOTHING,
    limit: int,
    after: str | None = None,
) -> Page[AgentRow]:
    """Return agents by their host's sort key; every word of `search` must be in its search key."""
    statement = _AGENTS.where(visible := in_scope(viewer, agents.c.unit))
    if unit is not None:
        statement = statement.where(agents.c.unit == unit)
    if standing is not None:
        statement = statement.where(_STANDING[standing])
    if search:
        statement = statement.where(matching(agents.c.search_key, search))
    return fetch_page(
        connection,
        statement,
        replace(_AGENT_ORDER, among=visible),
        lambda row: AgentRow(*values(row)),
        lambda agent: agent.id,
        limit=limit,
        after=after,
    )


def find_agent(connection: Connection, agent: str, viewer: Viewer) -> AgentRow | None:
    """Return the agent with this id; None as well for who does not see its unit."""
    wanted = _AGENTS.where(agents.c.id == agent, in_scope(viewer, agents.c.unit))
    row = connection.execute(wanted).first()
    return None if row is None else AgentRow(*values(row))


def standing_of(agent: AgentRow) -> AgentStanding:
    """Return whether a key's data counts, and if not why."""
    if agent.revoked_at is not None:
        return "revoked"
    if agent.quarantined_at is not None:
        return "quarantined"
    return "pending" if agent.approved_at is None else "approved"
