"""Rows of reports, written; what reads for a person is in `queries.reports`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, insert, select, update

from collector.storage.columns import readers_text
from collector.storage.report_tables import report_deeds, report_words, reports
from incidents.reports.life import Deed, Done, Report, State
from incidents.timeline import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row


def add(connection: Connection, new: Report) -> int:
    """Keep a new version; a first one (`family` 0) is the beginning of its own family."""
    done = connection.execute(insert(reports).values(_row(new)))
    (number,) = done.inserted_primary_key or (0,)
    if new.family == 0:
        mine = reports.c.id == number
        connection.execute(update(reports).where(mine).values(family=number))
    return int(number)


def change(connection: Connection, number: int, /, **values: Any) -> None:
    """Write some columns of a report."""
    if "facts" in values:
        values["facts"] = canonical_json(values["facts"])
    if isinstance(values.get("numbered_on"), date):
        values["numbered_on"] = values["numbered_on"].isoformat()
    connection.execute(update(reports).where(reports.c.id == number).values(**values))


def note(
    connection: Connection,
    number: int,
    deed: Deed,
    actor: str,
    at: datetime,
    text: str = "",
    data: Mapping[str, Any] | None = None,
) -> int:
    """Keep what was done to a report; nothing of it goes away. Return its number."""
    row = {
        "report": number, "at": at, "actor": actor, "deed": deed.value,
        "data": canonical_json(data or {}),
    }  # fmt: skip
    done = connection.execute(insert(report_deeds).values(row))
    (made,) = done.inserted_primary_key or (0,)
    if text:
        connection.execute(insert(report_words).values(deed=made, text=text))
    return int(made)


def find(connection: Connection, number: int, *, lock: bool = False) -> Report | None:
    """Return a report with everything that was done to it; `lock` holds other writers off."""
    query = select(reports).where(reports.c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else with_deeds(connection, row)


def newest_version(connection: Connection, family: int) -> int:
    """Return the last version of a family."""
    query = select(func.max(reports.c.version)).where(reports.c.family == family)
    return connection.scalar(query) or 0


def of_subject(connection: Connection, kind: str, subject: str) -> list[Report]:
    """Return the reports of a kind about something, the oldest first, with what was done to them.

    For gatherers and for what makes itself at its hour, not for a person.
    """
    query = select(reports).where(reports.c.kind == kind, reports.c.subject == subject)
    rows = connection.execute(query.order_by(reports.c.id)).all()
    return [with_deeds(connection, row) for row in rows]


def of_incident(connection: Connection, kind: str, incident: int) -> list[Report]:
    """Return the reports of a kind about an incident, the oldest first; for gatherers."""
    query = select(reports).where(reports.c.kind == kind, reports.c.incident == incident)
    return [report_of(row) for row in connection.execute(query.order_by(reports.c.id))]


def about_incident(connection: Connection, incident: int) -> list[Report]:
    """Return all versions of all reports about an incident, for its export."""
    return _all(connection, reports.c.incident == incident)


def of_family(connection: Connection, family: int) -> list[Report]:
    """Return all versions of a report, for its export."""
    return _all(connection, reports.c.family == family)


def _all(connection: Connection, wanted: ColumnElement[bool]) -> list[Report]:
    query = select(reports).where(wanted).order_by(reports.c.family, reports.c.version)
    return [with_deeds(connection, row) for row in connection.execute(query).all()]


def with_deeds(connection: Connection, row: Row[Any]) -> Report:
    """Return a row as a report, with what was done to it."""
    query = (
        select(report_deeds, func.coalesce(report_words.c.text, "").label("text"))
        .outerjoin(report_words, report_words.c.deed == report_deeds.c.id)
        .where(report_deeds.c.report == row.id)
        .order_by(report_deeds.c.id)
    )
    return report_of(row, tuple(_done(one) for one in connection.execute(query)))


def report_of(row: Row[Any], done: tuple[Done, ...] = ()) -> Report:
    """Return a row as a report."""
    return Report(
        id=row.id, kind=row.kind, about=row.about, subject=row.subject, incident=row.incident,
        unit=row.unit, layout=row.layout, audience=row.audience, version=row.version,
        family=row.family, changes=row.changes, state=State(row.state),
        facts=cast("Mapping[str, Any]", json.loads(row.facts)), facts_at=row.facts_at,
        made_by=row.made_by, made_at=row.made_at, document=row.document, digest=row.digest,
        number=row.number,
        numbered_on=date.fromisoformat(row.numbered_on) if row.numbered_on else None,
        later_until=row.later_until, people=tuple(filter(None, (row.people or "").splitlines())),
        done=done,
    )  # fmt: skip


def _done(row: Row[Any]) -> Done:
    return Done(row.id, row.at, row.actor, Deed(row.deed), row.text, json.loads(row.data))


def _row(new: Report) -> dict[str, Any]:
    return {
        "kind": new.kind, "about": new.about, "subject": new.subject, "incident": new.incident,
        "unit": new.unit, "people": readers_text(new.people) if new.people else None,
        "layout": new.layout, "audience": new.audience, "family": new.family,
        "version": new.version, "changes": new.changes, "state": new.state.value,
        "facts": canonical_json(new.facts), "facts_at": new.facts_at,
        "made_by": new.made_by, "made_at": new.made_at,
    }  # fmt: skip
