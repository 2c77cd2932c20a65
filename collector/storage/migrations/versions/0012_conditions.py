"""The conditions of a change of stage, asked for by the database itself as well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import guard, refuse_changes

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = "('acknowledged', 'moved', 'closed', 'reopened')"
HANDLED = "('acknowledged', 'moved', 'closed', 'reopened', 'evidence_preserved', 'contained')"
# `{to}` and its like read a name of the entry's data. While an entry is written, the row of its
# incident still says where it stood before.
NEEDED = """
SELECT 1 FROM incidents i
JOIN legal_needs n ON n.ruleset = i.ruleset_digest AND n.before = i.stage AND n.after = {to}
    AND (n.severity = '' OR n.severity = i.severity)
WHERE i.id = NEW.incident AND (
    (n.need = 'root_cause' AND COALESCE({root_cause}, '') = '')
    OR (n.need = 'disposition' AND COALESCE({disposition}, '') = '')
    OR (n.need = 'parent' AND NOT EXISTS (
        SELECT 1 FROM incidents p WHERE p.code = {parent} AND p.id <> i.id))
    OR (n.need = 'other_person' AND EXISTS (
        SELECT 1 FROM entries e
        WHERE e.incident = NEW.incident AND e.actor = NEW.actor AND e.kind IN {handled}))
    OR (n.need = 'reports_sent' AND EXISTS (
        SELECT 1 FROM deadlines d
        WHERE d.incident = NEW.incident AND d.legal AND d.met_at IS NULL
            AND d.stopped_at IS NULL AND d.due_at <= NEW.at))
)
"""
REASON = """
SELECT 1 FROM entries e
JOIN incidents i ON i.id = e.incident
JOIN legal_needs n ON n.ruleset = i.ruleset_digest AND n.before = i.stage AND n.after = {to}
    AND (n.severity = '' OR n.severity = i.severity)
WHERE e.incident = NEW.incident AND e.seq = NEW.seq AND e.kind IN {kinds}
    AND n.need = 'reason' AND COALESCE({reason}, '') = ''
"""


def upgrade() -> None:
    """Create the table of needs and the triggers."""
    op.create_table(
        "legal_needs",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("ruleset", "before", "after", "severity", "need")
        ),
        sa.PrimaryKeyConstraint("ruleset", "before", "after", "severity", "need"),
    )
    refuse_changes("legal_needs")
    is_sqlite = op.get_bind().dialect.name == "sqlite"

    def read(name: str, of: str = "NEW.canonical", path: str = "data.") -> str:
        if is_sqlite:
            return f"json_extract({of}, '$.{path}{name}')"
        steps = "".join(f"->'{step}'" for step in path.split(".") if step)
        return f"(({of})::json{steps}->>'{name}')"

    names = {name: read(name) for name in ("to", "root_cause", "disposition", "parent")}
    needed = NEEDED.format(**names, handled=HANDLED)
    reason = REASON.format(
        to=read("to", "e.canonical"), kinds=KINDS, reason=read("reason", "NEW.text", "")
    )
    of_people = f"NEW.kind IN {KINDS}"
    guard(
        "entries", "entries_person", f"{of_people} AND NEW.actor NOT LIKE 'person:_%'",
        "only a person acknowledges, moves and closes",
    )  # fmt: skip
    guard(
        "entries", "entries_conditions",
        f"CASE WHEN {of_people} THEN EXISTS ({needed}) ELSE {0 if is_sqlite else 'FALSE'} END",
        "a condition of this change of stage is not met",
    )  # fmt: skip
    guard(
        "entry_texts", "texts_reason", f"EXISTS ({reason})", "this change of stage needs a reason"
    )
