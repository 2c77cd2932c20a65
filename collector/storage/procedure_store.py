"""Rulesets and policies by their digest, the moves they allow, and deadlines as rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from collector.storage.procedure_tables import (
    deadlines,
    kept_policies,
    legal_evidence,
    legal_moves,
    legal_needs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from incidents.deadline_rows import DeadlineRow
    from incidents.oncall_file import Oncall
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure

RULESET, PAGING, ONCALL = "ruleset", "paging", "oncall"


def keep_ruleset(connection: Connection, procedure: Procedure, at: datetime) -> None:
    """Keep a ruleset, the moves it allows and what they need; nothing if it is known."""
    if content(connection, procedure.digest) is not None:
        return
    file = procedure.file
    row = {
        "digest": procedure.digest,
        "kind": RULESET,
        "name": procedure.id,
        "valid_from": file.valid_from.isoformat(),
        "valid_to": file.valid_to.isoformat() if file.valid_to else "",
        "content": procedure.content,
        "kept_at": at,
    }
    moves = [
        {
            "ruleset": procedure.digest,
            "before": move.before,
            "after": move.after,
            "severity": move.severity,
            "recovered": move.recovered,
        }
        for move in procedure.legal_moves()
    ]
    _insert_new(connection, kept_policies, [row])
    _insert_new(connection, legal_moves, moves)
    needs = [{"ruleset": procedure.digest, **asdict(need)} for need in procedure.legal_needs()]
    if needs:
        _insert_new(connection, legal_needs, needs)
    evidence = [
        {
            "ruleset": procedure.digest,
            "required": one.required,
            "kind": one.kind,
            "severity": one.severity,
            "nature": one.nature,
            "class": one.class_code,
        }
        for one in procedure.legal_evidence()
    ]
    if evidence:
        _insert_new(connection, legal_evidence, evidence)


def keep_policy(connection: Connection, policy: PagingPolicy, at: datetime) -> None:
    """Keep a paging policy; nothing if it is known."""
    if content(connection, policy.digest) is not None:
        return
    row = {
        "digest": policy.digest,
        "kind": PAGING,
        "name": "channels",
        "valid_from": "",
        "valid_to": "",
        "content": policy.content,
        "kept_at": at,
    }
    _insert_new(connection, kept_policies, [row])


def keep_oncall(connection: Connection, oncall: Oncall, at: datetime) -> None:
    """Keep schedules and levels; nothing if they are known."""
    row = {
        "digest": oncall.digest,
        "kind": ONCALL,
        "name": "oncall",
        "valid_from": "",
        "valid_to": "",
        "content": oncall.content,
        "kept_at": at,
    }
    _insert_new(connection, kept_policies, [row])


def _insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows that others may be inserting as well; whoever is first wins."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def content(connection: Connection, digest: str) -> str | None:
    """Return the content that is kept under a digest."""
    query = select(kept_policies.c.content).where(kept_policies.c.digest == digest)
    return connection.scalar(query)


def last_in_force(connection: Connection, day: date) -> str | None:
    """Return the content of the ruleset that was last taken over and was valid on a day."""
    query = (
        select(kept_policies.c.content)
        .where(kept_policies.c.kind == RULESET, kept_policies.c.valid_from <= day.isoformat())
        .order_by(kept_policies.c.kept_at.desc(), kept_policies.c.valid_from.desc())
        .limit(1)
    )
    return connection.scalar(query)


def kept_rulesets(connection: Connection) -> Sequence[Any]:
    """Return digest, id, validity and instant of every ruleset that was ever in force here."""
    wanted = (c for c in kept_policies.c if c.name != "content")
    query = select(*wanted).where(kept_policies.c.kind == RULESET)
    return connection.execute(query.order_by(kept_policies.c.kept_at.desc())).all()


def find_content(connection: Connection, reference: str) -> str | None:
    """Return the content of a ruleset by its id, or by at least twelve characters of its digest."""
    is_it = kept_policies.c.name == reference
    if len(reference) >= 12:
        is_it |= kept_policies.c.digest.startswith(reference, autoescape=True)
    query = select(kept_policies.c.content).where(kept_policies.c.kind == RULESET, is_it)
    return connection.scalar(query.order_by(kept_policies.c.kept_at.desc()).limit(1))


def write_deadlines(connection: Connection, incident: int, rows: Iterable[DeadlineRow]) -> None:
    """Make the rows of an incident's deadlines those; what has not changed is left alone."""
    wanted = {row.code: _values(incident, row) for row in rows}
    query = select(deadlines).where(deadlines.c.incident == incident)
    stored = {row.code: dict(row._mapping) for row in connection.execute(query)}
    gone = [code for code in stored if wanted.get(code) != stored[code]]
    new = [values for code, values in wanted.items() if stored.get(code) != values]
    if gone:
        change = delete(deadlines).where(deadlines.c.incident == incident)
        connection.execute(change.where(deadlines.c.code.in_(gone)))
    if new:
        connection.execute(insert(deadlines), new)


def _values(incident: int, row: DeadlineRow) -> dict[str, Any]:
    return {
        "incident": incident,
        "code": row.code,
        "run": row.run,
        "name_vi": row.vi,
        "name_en": row.en,
        "severity": row.severity,
        "who": row.who,
        "mark": row.mark,
        "confirmed": row.deadline.confirmed,
        "legal": row.is_legal,
        "basis": row.deadline.basis,
        "clock": row.clock,
        "on_list": row.on_list,
        "start_at": row.start_at,
        "due_at": row.due_at,
        "soon_at": row.soon_at,
        "target_at": row.target_at,
        "paused_since": row.paused_since,
        "extended_by": "" if row.extension is None else row.extension.approver,
        "met_at": row.met_at,
        "stopped_at": row.stopped_at,
        "stopped_by": row.stopped_by,
        "missed_before": row.missed_before,
    }
