"""Words are removed or stay as they are: the database refuses to change them."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEVER_CHANGED = ("entry_texts", "record_texts", "record_contents")


def upgrade() -> None:
    """Add the triggers, and find entries of the record by kind and instant."""
    op.drop_index("ix_record_entries_kind", "record_entries")
    op.create_index("record_entries_by_kind", "record_entries", ["kind", "at"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in NEVER_CHANGED:
        message = f"{table} is never changed"
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuse BEFORE UPDATE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
