"""Incidents, their timelines and their paging as pages and API show them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, case, func, select

from collector.storage.queries.finding import exact_first, marks, matching
from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import (
    alerts,
    decisions,
    entries,
    entry_texts,
    incidents,
    outbox,
    units,
)
from incidents.vietnamese import NOTHING, Search

IncidentState = Literal["open", "ended", "all"]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """The projection of one incident; the field names are the API's.

    Attributes:
        restricted: Not everybody may see it; each reading is recorded.
    """

    id: int
    code: str
    title: str
    title_en: str
    host: str
    unit: str
    unit_name: str
    class_code: str
    nature: str
    impact: str
    scope: str
    severity: str
    stage: str
    ended: bool
    ruleset: str
    detected_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledge_due_at: datetime | None
    recovered_at: datetime | None
    closed_at: datetime | None
    pages_sent: int
    is_drill: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of a timeline; `text` is None when it was sealed away."""

    seq: int
    at: datetime
    kind: str
    actor: str
    text: str | None
    canonical: str
    hash: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision to notify somebody or not, with its reason."""

    id: int
    at: datetime
    recipient: str
    channel: str
    notify: bool
    reason: str
    outbox: int | None
    level: int
    detail: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message and what became of it."""

    id: int
    channel: str
    recipient: str
    kind: str
    reason: str
    subject: str
    status: str
    created_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    repeated: bool
    error: str


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many incidents of one severity are open in one unit, and how many nobody took."""

    unit: str
    severity: str
    open: int
    unacknowledged: int


_AFTER_UNIT = IncidentRow.__slots__[7:-1]
_INCIDENTS: Select[Any] = select(
    incidents.c.id,
    incidents.c.code,
    incidents.c.title,
    incidents.c.title_en,
    incidents.c.host,
    incidents.c.unit,
    func.coalesce(units.c.name, incidents.c.unit).label("unit_name"),
    *(incidents.c[name] for name in _AFTER_UNIT),
    incidents.c.readers.is_not(None).label("restricted"),
).outerjoin_from(incidents, units, units.c.code == incidents.c.unit)
# Open before ended; among the open the worst severity first; then the newest.
_RANK = case((incidents.c.ended, "ended"), else_=incidents.c.severity)
_ORDER = Order(
    (case((incidents.c.ended, 1), else_=0), _RANK, -incidents.c.id),
    incidents.c.code,
)


def _incident(row: Row[Any]) -> IncidentRow:
    return IncidentRow(*values(row))


def list_incidents(
    connection: Connection,
    viewer: Viewer,
    *,
    state: IncidentState = "all",
    unit: str | None = None,
    severity: str | None = None,
    stage: str | None = None,
    search: Search = NOTHING,
    limit: int,
    after: str | None = None,
) -> Page[IncidentRow]:
    """Return incidents: open first, worst severity first; exact marks of `search` before both."""
    visible = visible_to(viewer)
    statement = _INCIDENTS.where(visible)
    if state != "all":
        statement = statement.where(incidents.c.ended.is_(state == "ended"))
    for name, value in {"unit": unit, "severity": severity, "stage": stage}.items():
        if value is not None:
            statement = statement.where(incidents.c[name] == value)
    order = replace(_ORDER, among=visible)
    if search:
        statement = statement.where(matching(incidents.c.search_key, search))
        order = exact_first(order, marks(incidents.c.marks_key, search))
    return fetch_page(
        connection,
        statement,
        order,
        _incident,
        lambda incident: incident.code,
        limit=limit,
        after=after,
    )


def find_incident(connection: Connection, code: str, viewer: Viewer) -> IncidentRow | None:
    """Return the incident with this code; None as well for who may not see it."""
    wanted = _INCIDENTS.where(incidents.c.code == code, visible_to(viewer))
    row = connection.execute(wanted).first()
    return None if row is None else _incident(row)


def code_of(connection: Connection, incident: int) -> str:
    """Return the code of an incident that exists."""
    statement = select(incidents.c.code).where(incidents.c.id == incident)
    return str(connection.execute(statement).scalar_one())


def incidents_of_agent(
    connection: Connection, agent: str, viewer: Viewer, *, limit: int
) -> list[IncidentRow]:
    """Return the incidents that this agent's alerts raised or joined, open ones first."""
    raised = select(alerts.c.incident).where(alerts.c.agent == agent)
    wanted = _INCIDENTS.where(incidents.c.id.in_(raised), visible_to(viewer))
    statement = wanted.order_by(*_ORDER.keys).limit(limit)
    return [_incident(row) for row in connection.execute(statement)]


_ENTRIES: Select[Any] = select(
    entries.c.seq,
    entries.c.at,
    entries.c.kind,
    entries.c.actor,
    entry_texts.c.text,
    entries.c.canonical,
    entries.c.hash,
).outerjoin_from(
    entries,
    entry_texts,
    (entry_texts.c.incident == entries.c.incident) & (entry_texts.c.seq == entries.c.seq),
)


def timeline(
    connection: Connection, incident: int, *, limit: int, after: int = 0
) -> list[EntryRow]:
    """Return entries with a number above `after`, oldest first."""
    wanted = _ENTRIES.where(entries.c.incident == incident).where(entries.c.seq > after)
    rows = connection.execute(wanted.order_by(entries.c.seq).limit(limit))
    return [EntryRow(*values(row)) for row in rows]


def newest_entries(
    connection: Connection, incident: int, *, limit: int, before: int | None = None
) -> list[EntryRow]:
    """Return the last entries, or the last with a number below `before`; oldest first."""
    wanted = _ENTRIES.where(entries.c.incident == incident)
    if before is not None:
        wanted = wanted.where(entries.c.seq < before)
    rows = connection.execute(wanted.order_by(entries.c.seq.desc()).limit(limit)).all()
    return [EntryRow(*values(row)) for row in reversed(rows)]


def list_decisions(connection: Connection, incident: int, *, limit: int) -> list[DecisionRow]:
    """Return the newest decisions to notify or not."""
    statement = (
        select(*(decisions.c[name] for name in DecisionRow.__slots__))
        .where(decisions.c.incident == incident)
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    return [DecisionRow(*values(row)) for row in connection.execute(statement)]


def list_deliveries(connection: Connection, incident: int, *, limit: int) -> list[DeliveryRow]:
    """Return the newest messages of an incident."""
    statement = (
        select(*(outbox.c[name] for name in DeliveryRow.__slots__))
        .where(outbox.c.incident == incident)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [DeliveryRow(*values(row)) for row in connection.execute(statement)]


def open_counts(connection: Connection, viewer: Viewer) -> list[OpenCount]:
    """Return the open incidents of each unit by severity, as far as somebody may see them."""
    waiting = func.sum(case((incidents.c.acknowledged_at.is_(None), 1), else_=0))
    statement = (
        select(incidents.c.unit, incidents.c.severity, func.count(), waiting)
        .where(incidents.c.ended.is_(False), visible_to(viewer))
        .group_by(incidents.c.unit, incidents.c.severity)
    )
    return [OpenCount(*values(row)) for row in connection.execute(statement)]
