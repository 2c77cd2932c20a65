"""Alembic's environment: `collector.storage.upgrade` hands over the connection; no ini file."""

from __future__ import annotations

from alembic import context

from collector.storage.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
