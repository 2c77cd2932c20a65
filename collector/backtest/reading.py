"""What the tables of a run say at its end, as one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from collector.backtest.outcome import AlertLine, IncidentLine, Outcome, PageLine
from collector.storage.desk_store import stored_timeline
from collector.storage.schema import alerts, decisions, incidents, outbox
from incidents import timeline

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row

    from collector.backtest.noted import Notes

# Messages of these kinds are about an incident; others (a window that ends) are not counted.
OF_INCIDENTS = ("page", "notice", "digest")


def outcome_of(
    connection: Connection, revision: str, notes: Notes | None, since: datetime
) -> Outcome:
    """Return what a run came to; of a running collector, too: it has the same tables.

    Args:
        notes: What was noted beside the tables; None: the tables are all there is.
        since: Decisions not to tell are counted from here on.
    """
    codes = {row.id: row.code for row in connection.execute(select(incidents))}
    openings = {number: _opening(connection, number) for number in codes}
    keys = {codes[number]: opening.get("dedup_key") or "" for number, opening in openings.items()}
    rows = connection.execute(select(alerts).order_by(alerts.c.started_at, alerts.c.id)).all()
    return Outcome(
        revision,
        tuple(_alert(row, codes, notes) for row in rows),
        tuple(
            _incident(row, openings[row.id])
            for row in connection.execute(select(incidents).order_by(incidents.c.id))
        ),
        _pages(connection, codes, keys),
        _silent(connection, since),
        _withheld(connection),
    )


def _opening(connection: Connection, incident: int) -> Any:
    return timeline.read(stored_timeline(connection, incident)[0]).data


def _alert(row: Row[Any], codes: dict[int, str], notes: Notes | None) -> AlertLine:
    which = (row.fingerprint, row.started_at)
    kept = list(notes.suppressions.get(which, ())) if notes is not None else []
    whys = [why.why for why in kept] or ([row.suppressed] if row.suppressed else [])
    by = [why.by for why in kept] or ([row.suppressed_by] if row.suppressed_by else [])
    return AlertLine(
        fingerprint=row.fingerprint,
        rule=row.rule,
        agent=row.agent,
        host=row.host,
        unit=row.unit,
        severity=row.severity,
        outcome=row.outcome,
        started_at=row.started_at,
        resolved_at=row.resolved_at,
        first_sign_at=None if notes is None else notes.first_signs.get(which),
        suppressed=tuple(dict.fromkeys(whys)),
        suppressed_by=tuple(dict.fromkeys(one for one in by if one)),
        incident="" if row.incident is None else codes.get(row.incident, ""),
        summary_vi=row.summary_vi,
        summary_en=row.summary_en,
    )


def _incident(row: Row[Any], opening: Any) -> IncidentLine:
    return IncidentLine(
        code=row.code,
        key=opening.get("dedup_key") or "",
        rule=opening.get("rule", ""),
        unit=row.unit,
        host=row.host,
        class_code=row.class_code,
        severity=row.severity,
        opened_at=row.detected_at,
        recovered_at=row.recovered_at,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.closed_at,
        title_vi=row.title,
        title_en=row.title_en,
        is_restricted=row.readers is not None,
    )


def _pages(
    connection: Connection, codes: dict[int, str], keys: dict[str, str]
) -> tuple[PageLine, ...]:
    query = (
        select(outbox)
        .where(outbox.c.status == "sent", outbox.c.kind.in_(OF_INCIDENTS))
        .order_by(outbox.c.sent_at, outbox.c.id)
    )
    found = []
    for row in connection.execute(query):
        code = "" if row.incident is None else codes.get(row.incident, "")
        found.append(
            PageLine(
                row.sent_at,
                row.recipient,
                row.channel,
                row.kind,
                row.reason,
                row.severity,
                code,
                keys.get(code, ""),
            )
        )
    return tuple(found)


def _silent(connection: Connection, since: datetime) -> dict[str, int]:
    query = (
        select(decisions.c.reason, func.count())
        .where(decisions.c.notify.is_(False), decisions.c.at >= since)
        .group_by(decisions.c.reason)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _withheld(connection: Connection) -> dict[str, int]:
    query = (
        select(outbox.c.status, func.count())
        .where(outbox.c.status != "sent", outbox.c.kind.in_(OF_INCIDENTS))
        .group_by(outbox.c.status)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
