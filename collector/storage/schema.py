"""The tables but those of `identity_tables`. Migrations create all; a test holds both together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from collector.storage import identity_tables  # noqa: F401 - listed with the tables below
from collector.storage.columns import BigKey, Instant, SortKey
from collector.storage.columns import metadata as metadata

# Organisations by identifier code (text: codes begin with zeros). Loaded from units.csv.
units = Table(
    "units",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("region", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("hours", Text, nullable=False),
    Column("valid_from", Text),
    Column("valid_to", Text),
    Column("predecessor", Text),
    Column("old_names", Text, nullable=False),
    Column("sort_key", SortKey, nullable=False, index=True),
    Column("search_key", Text, nullable=False),
)

# One row per enrolled key. `approved_at` is empty while nobody has let it in, `quarantined_at` is
# set while two machines use it, `previous_key` is good for a day after `key_changed_at`. `ranges`
# is JSON [[low, high], …] of received seq at or above `oldest`.
agents = Table(
    "agents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit", Text, ForeignKey("units.code"), nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("presence", Text, nullable=False, server_default="always"),
    Column("public_key", LargeBinary, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("interval_seconds", Integer, nullable=False, server_default="10"),
    Column("last_report_at", Instant),
    Column("boot", Text, nullable=False, server_default=""),
    Column("ranges", Text, nullable=False, server_default="[]"),
    Column("oldest", BigInteger, nullable=False, server_default="0"),
    Column("lost_reports", BigInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default=""),
    Column("previous_state", Text, nullable=False, server_default=""),
    Column("token", Text),  # the enrolment token that let it in
    Column("approved_at", Instant),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("doubt", Text, nullable=False, server_default=""),  # why a person must approve it
    Column("quarantined_at", Instant),
    Column("previous_key", LargeBinary),
    Column("key_changed_at", Instant),
    Column("farewell", Text, nullable=False, server_default=""),  # why it said goodbye last
    Column("sort_key", SortKey, nullable=False, index=True),
    Column("search_key", Text, nullable=False),
)

# Machine facts. At most one unresolved row per fingerprint. `suppressed`: why it is not told, by
# `suppressed_by`; `root_alert`: the alert that is told in its place.
alerts = Table(
    "alerts",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("fingerprint", Text, nullable=False),
    Column("rule", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("unit", Text, nullable=False, index=True),
    Column("labels", Text, nullable=False),
    Column("severity", Text, nullable=False),  # warning | critical
    Column("outcome", Text, nullable=False),  # incident | worklist | record
    Column("value", Text, nullable=False),
    Column("summary_vi", Text, nullable=False),
    Column("summary_en", Text, nullable=False),
    Column("runbook", Text, nullable=False, server_default=""),
    Column("revision", Text, nullable=False),  # of the configuration that judged it
    Column("started_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("incident", BigInteger, index=True),
    Column("flapping", Boolean, nullable=False, server_default=text("false")),
    Column("suppressed", Text, nullable=False, server_default=""),
    Column("suppressed_by", Text, nullable=False, server_default=""),
    Column("root_alert", BigInteger, index=True),
)
Index(
    "one_open_alert_per_fingerprint",
    alerts.c.fingerprint,
    unique=True,
    sqlite_where=alerts.c.resolved_at.is_(None),
    postgresql_where=alerts.c.resolved_at.is_(None),
)
Index("alerts_by_resolution", alerts.c.resolved_at)

# How many hosts of a unit and kind were heard, for each half hour of a day: [least, most] or null.
attendance = Table(
    "attendance",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # ISO, where the province is
    Column("hosts", Integer, nullable=False),
    Column("slots", Text, nullable=False),
    Index("attendance_by_day", "day"),
)

# Silences and maintenance windows; `weekly` as hours are written, empty: from start to end.
mutes = Table(
    "mutes",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # silence | maintenance
    Column("agent", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("weekly", Text, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("reminded_at", Instant),
    Column("end_noted_at", Instant),
)
# What was still broken when a window ended; `items` is JSON.
mute_reports = Table(
    "mute_reports",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("mute", BigInteger, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("items", Text, nullable=False),
)

# Hours that people approved, or declined, of a unit (`kind` empty) or a kind of host in it.
expected_hours = Table(
    "expected_hours",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("hours", Text, nullable=False),  # as written; empty: around the clock
    Column("approved", Boolean, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
)
# Who was missing an hour after the start of a unit's hours; `items` is JSON.
missing_lists = Table(
    "missing_lists",
    metadata,
    Column("day", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("items", Text, nullable=False),
)

# The projection of an incident's entries, for queries. `dedup_key` is empty once it is ended.
incidents = Table(
    "incidents",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False, unique=True),
    Column("dedup_key", Text),
    Column("ruleset", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("unit", Text, nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("nature", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("stage", Text, nullable=False, index=True),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    Column("detected_at", Instant, nullable=False, index=True),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledge_due_at", Instant),
    Column("recovered_at", Instant),
    Column("closed_at", Instant),
    Column("last_seq", Integer, nullable=False),
    Column("last_hash", Text, nullable=False),
    Column("next_turn_at", Instant, index=True),  # when the desk must look at it again
    Column("pages_sent", Integer, nullable=False, server_default="0"),
    Column("search_key", Text, nullable=False),
)
Index(
    "one_open_incident_per_cause",
    incidents.c.dedup_key,
    unique=True,
    sqlite_where=incidents.c.dedup_key.is_not(None),
    postgresql_where=incidents.c.dedup_key.is_not(None),
)

# The timeline: append-only, gapless, chained. Triggers refuse UPDATE and DELETE here, on `leaves`
# and on `checkpoints`.
entries = Table(
    "entries",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("canonical", Text, nullable=False),  # the exact bytes that `hash` covers
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
)
# The words of an entry, apart from the chain so that sealing can remove them.
entry_texts = Table(
    "entry_texts",
    metadata,
    Column("incident", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False),
)
# Each entry's place in the one Merkle tree, given by the sealer.
leaves = Table(
    "leaves",
    metadata,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Index("one_place_per_entry", "incident", "seq", unique=True),
)
# Entries that wait for the sealer; written with the entry, so that nothing has to be searched.
unsealed = Table(
    "unsealed",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
)
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("frontier", Text, nullable=False),  # the tree's full subtrees, hexadecimal
    Column("note", Text, nullable=False),  # C2SP checkpoint, signed
)

# Notifications, written in the transaction of the change that caused them.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("incident", BigInteger, index=True),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False),  # page | notice
    Column("reason", Text, nullable=False),
    Column("severity", Text, nullable=False),  # S1 … S4: the worst goes first
    Column("message_id", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False),  # pending | sending | sent | failed | cancelled
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("repeated", Boolean, nullable=False, server_default=text("false")),
    Column("error", Text, nullable=False, server_default=""),
    Index("outbox_by_due", "status", "channel", "due_at"),
)
# Every decision to notify or not: the answer to "why was I (not) paged?".
decisions = Table(
    "decisions",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("incident", BigInteger, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("notify", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outbox", BigInteger),
)

# Who may look and act: sessions and one-time links, by SHA-256 of their secret.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
login_links = Table(
    "login_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
# Answers to POSTs that carried an Idempotency-Key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
)
# Single values: judged journal position, counters.
facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
