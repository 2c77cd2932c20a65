"""Tables whose rows the database itself refuses to change or remove; for migrations.

Migrations that have run elsewhere call this: what it makes of the same arguments never changes.
"""

from __future__ import annotations

from alembic import op

APPEND_ONLY = ("UPDATE", "DELETE")


def refuse_changes(
    table: str, changes: tuple[str, ...] = APPEND_ONLY, why: str = "is append-only"
) -> None:
    """Make triggers that refuse changes of a table and, where there is one, TRUNCATE."""
    message = f"{table} {why}"
    if op.get_bind().dialect.name == "sqlite":
        for change in changes:
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse BEFORE {' OR '.join((*changes, 'TRUNCATE'))} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def guard(table: str, name: str, condition: str, message: str) -> None:
    """Let the database itself refuse a new row that the condition holds for."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF ({condition}) THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
