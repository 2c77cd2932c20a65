"""Words are removed or stay as they are: the database refuses to change them."""

from __future__ import annotations

from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEVER_CHANGED = ("entry_texts", "record_texts", "record_contents")


def upgrade() -> None:
    """Add the triggers, and find entries of the record by kind and instant."""
    op.drop_index("ix_record_entries_kind", "record_entries")
    op.create_index("record_entries_by_kind", "record_entries", ["kind", "at"])
    for table in NEVER_CHANGED:
        refuse_changes(table, ("UPDATE",), "is never changed")
