"""The tables of rulesets: what was in force, which moves it allows, and the deadlines it sets."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from collector.storage.columns import Instant, metadata

# Rulesets and paging policies by SHA-256 of their content, kept when they first came into force.
# Triggers refuse UPDATE and DELETE, here and on `legal_moves`.
kept_policies = Table(
    "kept_policies",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # ruleset | paging | oncall
    Column("name", Text, nullable=False),
    Column("valid_from", Text, nullable=False),  # ISO; empty for a paging policy
    Column("valid_to", Text, nullable=False),  # ISO; empty: no end
    Column("content", Text, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
# The changes of stage that a ruleset allows; `before` empty: where an incident may start. Triggers
# on `incidents` refuse every other one. `severity` empty: of any.
legal_moves = Table(
    "legal_moves",
    metadata,
    Column("ruleset", Text, primary_key=True),
    Column("before", Text, primary_key=True),
    Column("after", Text, primary_key=True),
    Column("severity", Text, primary_key=True),
    Column("recovered", Boolean, nullable=False),  # only of a recovered incident
)
# The conditions of those changes, as far as tables can tell; triggers on `entries` ask for them.
legal_needs = Table(
    "legal_needs",
    metadata,
    *(
        Column(name, Text, primary_key=True)
        for name in ("ruleset", "before", "after", "severity", "need")
    ),
)
# What evidence is required at the end: one piece of any kind. `nature` and `class` empty: of any.
legal_evidence = Table(
    "legal_evidence",
    metadata,
    *(
        Column(name, Text, primary_key=True)
        for name in ("ruleset", "required", "kind", "severity", "nature", "class")
    ),
)
# One row per incident and deadline: the projection of `incidents.deadlines`, for queries. Where a
# deadline stands follows from these instants and the present.
deadlines = Table(
    "deadlines",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("mark", Text, nullable=False),  # rule | proposed
    Column("confirmed", Boolean, nullable=False),
    Column("legal", Boolean, nullable=False),
    Column("basis", Text, nullable=False),
    Column("clock", Text, nullable=False),
    Column("on_list", Text, nullable=False),  # daily | monthly, else empty
    Column("start_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("soon_at", Instant),
    Column("target_at", Instant),
    Column("paused_since", Instant),
    Column("extended_by", Text, nullable=False, server_default=""),
    Column("met_at", Instant),
    Column("stopped_at", Instant),
    Column("stopped_by", Text, nullable=False, server_default=""),
    Column("missed_before", Integer, nullable=False, server_default="0"),
)
Index(
    "deadlines_that_run",
    deadlines.c.due_at,
    sqlite_where=text("met_at IS NULL AND stopped_at IS NULL"),
    postgresql_where=text("met_at IS NULL AND stopped_at IS NULL"),
)
