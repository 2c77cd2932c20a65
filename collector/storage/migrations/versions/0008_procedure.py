"""Rulesets by their content, the moves they allow, deadlines as rows, and guards of the stages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALLOWED = (
    "SELECT 1 FROM legal_moves m WHERE m.ruleset = OLD.ruleset_digest AND m.before = OLD.stage "
    "AND m.after = NEW.stage AND (m.severity = '' OR m.severity = OLD.severity) "
    "AND (NOT m.recovered OR OLD.recovered_at IS NOT NULL)"
)
STARTS = (
    "SELECT 1 FROM legal_moves m WHERE m.ruleset = NEW.ruleset_digest AND m.before = '' "
    "AND m.after = NEW.stage"
)
# Name, event, the condition under which the database refuses, and what it says. Incidents from
# before this version have no digest and are guarded by the program alone.
GUARDS = (
    (
        "incidents_start",
        "INSERT",
        f"NOT EXISTS ({STARTS})",
        "an incident starts where its ruleset says",
    ),
    (
        "incidents_move",
        "UPDATE OF stage",
        f"NEW.stage <> OLD.stage AND OLD.ruleset_digest IS NOT NULL AND NOT EXISTS ({ALLOWED})",
        "the ruleset of the incident does not allow this change of stage",
    ),
    (
        "incidents_ruleset",
        "UPDATE OF ruleset_digest",
        "OLD.ruleset_digest IS NOT NULL AND COALESCE(NEW.ruleset_digest, '') <> OLD.ruleset_digest",
        "an incident keeps its ruleset",
    ),
)


def upgrade() -> None:
    """Create the tables, the columns and the guards."""
    op.create_table(
        "kept_policies",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "legal_moves",
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ruleset", "before", "after", "severity"),
    )
    _create_deadlines()
    op.add_column("incidents", sa.Column("ruleset_digest", sa.Text(), nullable=True))
    op.add_column(
        "outbox", sa.Column("duties", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    # The desk looks at every open incident once: it has deadlines now.
    op.execute(
        "UPDATE incidents SET next_turn_at = detected_at WHERE NOT ended AND next_turn_at IS NULL"
    )
    refuse_changes("kept_policies")
    refuse_changes("legal_moves")
    for name, event, condition, message in GUARDS:
        _guard(name, event, condition, message)


def _create_deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("run", "name_vi", "name_en", "severity", "who", "mark")
        ),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("on_list", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("soon_at", sa.BigInteger()),
        sa.Column("target_at", sa.BigInteger()),
        sa.Column("paused_since", sa.BigInteger()),
        sa.Column("extended_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("met_at", sa.BigInteger()),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("stopped_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("missed_before", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("incident", "code"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
    )
    running = sa.text("met_at IS NULL AND stopped_at IS NULL")
    op.create_index(
        "deadlines_that_run",
        "deadlines",
        ["due_at"],
        sqlite_where=running,
        postgresql_where=running,
    )


def _guard(name: str, event: str, condition: str, message: str) -> None:
    """Let the database itself refuse a row of `incidents` that the condition holds for."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON incidents WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON incidents FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
