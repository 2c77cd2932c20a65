"""What the reports about an incident are made of: its timeline, by its own ruleset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.gathering.gatherer import Gathered, Gatherer
from collector.storage import reports
from collector.storage.desk_store import DeskStore
from collector.storage.desk_tables import incidents
from collector.storage.schema import units
from incidents import deadlines
from incidents.incident import fold
from incidents.reports.composing import issued
from incidents.reports.incident_facts import About, Before, facts_of
from incidents.reports.life import FIXED

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.gathering.gatherer import Sources
    from incidents.reports.life import Report


def gather(
    sources: Sources, connection: Connection, _kind: str, subject: str, now: datetime
) -> Gathered | None:
    """Return the facts of an incident by its code."""
    query = select(incidents.c.id, incidents.c.code, incidents.c.unit)
    row = connection.execute(query.where(incidents.c.code == subject)).first()
    if row is None:
        return None
    tx = DeskStore(connection)
    entries = tx.timeline(row.id, lock=False)
    state = fold(entries)
    procedure = sources.desk.procedure_of(tx, state)
    names = select(units.c.code, units.c.name).where(units.c.code.in_(state.units))
    about = About(
        incident=state,
        entries=entries,
        procedure=procedure,
        rows=deadlines.rows(state, procedure),
        unit_names={unit.code: unit.name for unit in connection.execute(names)},
        initial=next(iter(_before(connection, "initial", row.id)[-1:]), None),
        progress=_before(connection, "progress", row.id),
        is_drill=tx.is_drill(row.id),
    )
    return Gathered(facts_of(about, now), row.code, incident=row.id, unit=row.unit)


def _before(connection: Connection, kind: str, incident: int) -> tuple[Before, ...]:
    """Return the reports of a kind that have left already, the last version of each."""
    newest: dict[int, Report] = {}
    for report in reports.of_incident(connection, kind, incident):
        if report.state in FIXED:
            newest[report.family] = report
    found = []
    for report in newest.values():
        on = report.numbered_on
        number = issued(report).numbered if report.number else "Chưa có số"
        day = f", ngày {on:%d/%m/%Y}" if on else ""
        found.append(Before(number + day, report.facts_at))
    return tuple(found)


GATHERER = Gatherer(("initial", "progress", "final"), gather)
