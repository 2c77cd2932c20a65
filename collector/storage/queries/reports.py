"""Reports as pages and API show them: to whoever sees what they are about, or is named in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the API reads the types when it starts
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, false, or_, select

from collector.storage.columns import readers_text
from collector.storage.desk_tables import incidents
from collector.storage.queries.paging import Order, Page, fetch_page, like_pattern, values
from collector.storage.queries.visibility import in_scope, visible_to
from collector.storage.report_tables import reports
from collector.storage.reports import with_deeds
from incidents.reports.life import WAITING, State

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from collector.storage.queries.visibility import Viewer
    from incidents.reports.life import Report

MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the listing; the field names are the API's."""

    id: int
    kind: str
    about: str
    subject: str
    unit: str
    layout: str
    audience: str
    family: int
    version: int
    changes: str
    state: str
    number: str
    numbered_on: str
    later_until: datetime | None
    made_by: str
    made_at: datetime


_COLUMNS = tuple(reports.c[name] for name in ReportRow.__slots__)


def concerns(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that somebody sees a report.

    One about an incident is seen with the incident; any other by who sees its unit, one of the
    whole province by who sees all units, and either by who is named in it.
    """
    seen = select(incidents.c.id).where(visible_to(viewer))
    of_unit = and_(reports.c.unit != "", in_scope(viewer, reports.c.unit))
    everywhere = reports.c.unit == "" if viewer.units is None else false()
    named = (
        reports.c.people.like(like_pattern(readers_text([tag])), escape="\\")
        for tag in sorted(viewer.tags)
        if tag.startswith("person:")
    )
    about_none = and_(reports.c.incident.is_(None), or_(everywhere, of_unit, *named))
    return or_(reports.c.incident.in_(seen), about_none)


def would_see(connection: Connection, new: Report, viewer: Viewer) -> bool:
    """Say whether somebody would see a report that is not kept yet."""
    if new.incident is not None:
        seen = select(incidents.c.id).where(incidents.c.id == new.incident, visible_to(viewer))
        return connection.scalar(seen) is not None
    if not viewer.tags.isdisjoint(new.people):
        return True
    return viewer.units is None or viewer.sees(new.unit)


def list_reports(
    connection: Connection,
    viewer: Viewer,
    *,
    state: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    limit: int,
    after: int | None = None,
) -> Page[ReportRow]:
    """Return reports, the newest first."""
    visible = concerns(viewer)
    wanted = [visible]
    for column, value in (("state", state), ("kind", kind), ("subject", subject)):
        if value:
            wanted.append(reports.c[column] == value)
    return fetch_page(
        connection,
        select(*_COLUMNS).where(*wanted),
        Order((-reports.c.id,), reports.c.id, among=visible),
        lambda row: ReportRow(*values(row)),
        lambda row: str(row.id),
        limit=limit,
        after=after,
    )


def find_report(connection: Connection, number: int, viewer: Viewer) -> Report | None:
    """Return a report with what was done to it; None as well for who may not see it."""
    query = select(reports).where(reports.c.id == number, concerns(viewer))
    row: Any = connection.execute(query).first()
    return None if row is None else with_deeds(connection, row)


def first_of(connection: Connection, kind: str, subject: str, viewer: Viewer) -> Report | None:
    """Return the first report of a kind about something; None as well for who may not see it."""
    query = (
        select(reports)
        .where(reports.c.kind == kind, reports.c.subject == subject, concerns(viewer))
        .order_by(reports.c.id)
    )
    row = connection.execute(query).first()
    return None if row is None else with_deeds(connection, row)


def versions_of(connection: Connection, family: int, viewer: Viewer) -> list[ReportRow]:
    """Return every version of a report, the first one first."""
    query = select(*_COLUMNS).where(reports.c.family == family, concerns(viewer))
    return [
        ReportRow(*values(row)) for row in connection.execute(query.order_by(reports.c.version))
    ]


def waiting(connection: Connection, viewer: Viewer, now: datetime) -> list[Report]:
    """Return what waits for a signature now, the longest waiting first; with what was done."""
    come = or_(reports.c.state == State.WAITING.value, reports.c.later_until <= now)
    query = (
        select(reports)
        .where(concerns(viewer), reports.c.state.in_([one.value for one in WAITING]), come)
        .order_by(reports.c.id)
        .limit(MOST_WAITING)
    )
    return [with_deeds(connection, row) for row in connection.execute(query).all()]


def of_incident(connection: Connection, incident: int, viewer: Viewer) -> list[ReportRow]:
    """Return the reports about an incident, the newest first."""
    query = select(*_COLUMNS).where(reports.c.incident == incident, concerns(viewer))
    return [ReportRow(*values(row)) for row in connection.execute(query.order_by(-reports.c.id))]
