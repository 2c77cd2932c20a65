"""The tables. Alembic's migrations create them; a test holds the two against each other."""

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

from collector.storage import area_tables
from collector.storage.account_tables import (
    accounts,
    log_ins,
    login_links,
    recovery_codes,
    sessions,
)
from collector.storage.columns import BigKey, Instant, SortKey, metadata
from collector.storage.desk_tables import (
    attachments,
    checkpoints,
    decisions,
    entries,
    entry_texts,
    evidence,
    incident_units,
    incidents,
    leaves,
    merged_causes,
    outbox,
    tasks,
    unsealed,
)
from collector.storage.device_events import device_events
from collector.storage.duty_tables import duties_done, duties_told
from collector.storage.oncall_tables import (
    attempts,
    channel_tests,
    handover_notes,
    handover_signatures,
    handovers,
    oncall_cancelled,
    oncall_feeds,
    oncall_overrides,
    oncall_told,
    oncall_versions,
)
from collector.storage.outside_tables import outside_alerts, sent_alerts
from collector.storage.phone_tables import phone_messages, relays
from collector.storage.procedure_tables import (
    deadlines,
    kept_policies,
    legal_evidence,
    legal_moves,
    legal_needs,
)
from collector.storage.record_tables import record_contents, record_entries, record_texts

__all__ = [
    "BigKey",
    "Instant",
    "SortKey",
    "accounts",
    "agents",
    "alerts",
    "area_tables",
    "attachments",
    "attempts",
    "attendance",
    "channel_tests",
    "checkpoints",
    "deadlines",
    "decisions",
    "device_events",
    "duties_done",
    "duties_told",
    "enrolment_tokens",
    "entries",
    "entry_texts",
    "evidence",
    "expected_hosts",
    "expected_hours",
    "facts",
    "handover_notes",
    "handover_signatures",
    "handovers",
    "idempotency",
    "identity_log",
    "incident_units",
    "incidents",
    "kept_policies",
    "leaves",
    "legal_evidence",
    "legal_moves",
    "legal_needs",
    "log_ins",
    "login_links",
    "merged_causes",
    "metadata",
    "missing_lists",
    "mute_reports",
    "mutes",
    "oncall_cancelled",
    "oncall_feeds",
    "oncall_overrides",
    "oncall_told",
    "oncall_versions",
    "outbox",
    "outside_alerts",
    "phone_messages",
    "record_contents",
    "record_entries",
    "record_texts",
    "recovery_codes",
    "relays",
    "sent_alerts",
    "sessions",
    "tasks",
    "units",
    "unknown_agents",
    "unsealed",
    "watchers",
]

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
    Column("marks_key", Text, nullable=False, server_default=""),
)

# The hosts that hosts.csv lists: who must report, written down before it does.
expected_hosts = Table(
    "expected_hosts",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("presence", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("sort_key", SortKey, nullable=False, index=True),
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

# Enrolment tokens by SHA-256; each lets hosts of one unit and kind in, `host` only that one.
enrolment_tokens = Table(
    "enrolment_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("presence", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
# Keys that knock and are not enrolled: a few hundred at most, and nothing in them is trusted.
unknown_agents = Table(
    "unknown_agents",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("knocks", BigInteger, nullable=False),
)
# What happened to keys and tokens, and who did it.
identity_log = Table(
    "identity_log",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("agent", Text, nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
# Second machines that watch this collector, by SHA-256 of their token.
watchers = Table(
    "watchers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
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
    Column("source", Text, nullable=False, server_default=""),  # who outside said it
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
# Of the half hours in which hosts of a unit were expected, how many they were heard in: in
# half hours of one host, a day at a time. It outlives attendance.
coverage = Table(
    "coverage",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # ISO, where the province is
    Column("expected", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Index("coverage_by_day", "day"),
)

# Silences and maintenance windows; `weekly` as hours are written, empty: from start to end.
# `matchers` is JSON [[label, operator, value], …]; with a `source` it concerns its alerts alone.
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
    Column("matchers", Text, nullable=False, server_default="[]"),
    Column("source", Text, nullable=False, server_default=""),
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
