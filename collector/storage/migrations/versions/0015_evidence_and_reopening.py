"""The database asks for required evidence at the end, and for the time within which one reopens."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import guard, refuse_changes
from collector.storage.columns import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = "('acknowledged', 'moved', 'closed', 'reopened')"
IN_THE_FILE = "('evidence', 'evidence_waived')"
# Something that is required of this incident, and none of the kinds that would do is in its file.
MISSING = """
SELECT 1 FROM incidents i
JOIN legal_needs n ON n.ruleset = i.ruleset_digest AND n.before = i.stage AND n.after = {to}
    AND (n.severity = '' OR n.severity = i.severity) AND n.need = 'evidence'
JOIN legal_evidence r ON r.ruleset = i.ruleset_digest AND r.severity = i.severity
    AND r.nature IN ('', i.nature) AND r.class IN ('', i.class_code)
WHERE i.id = NEW.incident AND NOT EXISTS (
    SELECT 1 FROM legal_evidence k
    JOIN entries e ON e.incident = NEW.incident AND e.kind IN {kinds} AND k.kind = {kind}
    WHERE k.ruleset = r.ruleset AND k.required = r.required)
"""
TOO_LATE = "SELECT 1 FROM incidents i WHERE i.id = NEW.incident AND NEW.at > i.reopen_until"


def upgrade() -> None:
    """Create the table, the column and the triggers."""
    op.add_column("incidents", sa.Column("reopen_until", Instant))
    op.create_table(
        "legal_evidence",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("ruleset", "required", "kind", "severity", "nature", "class")
        ),
        sa.PrimaryKeyConstraint("ruleset", "required", "kind", "severity", "nature", "class"),
    )
    _fill(op.get_bind())
    refuse_changes("legal_evidence")
    if op.get_bind().dialect.name == "sqlite":
        no, to, kind = "0", "json_extract({}, '$.data.to')", "json_extract({}, '$.data.kind')"
    else:
        no, to, kind = "FALSE", "(({})::json->'data'->>'to')", "(({})::json->'data'->>'kind')"
    missing = MISSING.format(
        to=to.format("NEW.canonical"), kinds=IN_THE_FILE, kind=kind.format("e.canonical")
    )
    guard(
        "entries", "entries_evidence",
        f"CASE WHEN NEW.kind IN {KINDS} THEN EXISTS ({missing}) ELSE {no} END",
        "required evidence is missing",
    )  # fmt: skip
    guard(
        "entries", "entries_reopening",
        f"CASE WHEN NEW.kind = 'reopened' THEN EXISTS ({TOO_LATE}) ELSE {no} END",
        "the time within which it may be reopened is over",
    )  # fmt: skip


def _fill(connection: sa.Connection) -> None:
    """Say of every ruleset that was ever in force what evidence it requires."""
    kept = sa.text("SELECT digest, content FROM kept_policies WHERE kind = 'ruleset'")
    rows: list[dict[str, Any]] = []
    for digest, content in connection.execute(kept).all():
        ruleset = json.loads(content)
        for required in ruleset.get("evidence", {}).get("required", []):
            groups = required.get("groups") or []
            classes = [one["code"] for one in ruleset["classes"] if one["group"] in groups]
            of = (required["kinds"], required["severities"], required.get("natures") or [""])
            rows += [
                {"ruleset": digest, "required": required["code"], "kind": kind,
                 "severity": severity, "nature": nature, "class": code}
                for kind, severity, nature in product(*of)
                for code in (classes if groups else [""])
            ]  # fmt: skip
    if rows:
        names = ("ruleset", "required", "kind", "severity", "nature", "class")
        table = sa.table("legal_evidence", *(sa.column(name) for name in names))
        connection.execute(sa.insert(table), rows)
