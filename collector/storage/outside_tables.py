"""Alerts that outside sources said and may say again, and what Alertmanagers were told by us."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table, Text

from collector.storage.columns import Instant, metadata

# One row per source and set of labels, by the fingerprint that `alerts` knows it by; kept a while
# after its end, so that an end that is said again is no other. `labels` and `annotations` are JSON
# [[name, value], …]; `lease`: nobody gave the end.
outside_alerts = Table(
    "outside_alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("annotations", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("lease", Boolean, nullable=False),
    Column("generator_url", Text, nullable=False),
)

# What Alertmanagers were told, by Alertmanager's own fingerprint of the labels; `ends_at` is empty
# while it fires. An end is told for a while, also after a restart.
sent_alerts = Table(
    "sent_alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("labels", Text, nullable=False),
    Column("annotations", Text, nullable=False),
    Column("generator_url", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
)
