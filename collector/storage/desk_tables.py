"""The tables of the desk: incidents, their timelines, the tree over them, messages, decisions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from collector.storage.columns import BigKey, Instant, metadata

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
    Column("marks_key", Text, nullable=False, server_default=""),
    # Who alone may see it, one `role:CODE` or `person:NAME` a line; empty for everybody.
    Column("readers", Text),
    Column("is_drill", Boolean, nullable=False, server_default=text("false")),
    Column("ruleset_digest", Text),  # empty in incidents from before digests
    Column("reopen_until", Instant),  # empty while it is open, or where nothing bounds it
)
Index(
    "one_open_incident_per_cause",
    incidents.c.dedup_key,
    unique=True,
    sqlite_where=incidents.c.dedup_key.is_not(None),
    postgresql_where=incidents.c.dedup_key.is_not(None),
)

# The units that an incident concerns beside its first one.
incident_units = Table(
    "incident_units",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("unit", Text, primary_key=True, index=True),
)
# Causes of incidents that went into another one: their alerts go on there while it is open.
merged_causes = Table(
    "merged_causes",
    metadata,
    Column("dedup_key", Text, primary_key=True),
    Column("incident", BigInteger, ForeignKey("incidents.id"), nullable=False, index=True),
)
# What somebody has to do on an incident; the words are those of the entry `seq`.
tasks = Table(
    "tasks",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # task | reason of an emergency isolation
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("done_at", Instant),
    Column("done_by", Text, nullable=False, server_default=""),
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

# Evidence by the entry that took it in; its bytes lie in files named by their SHA-256. One whose
# content is to go is `removed`: the file follows when no other entry holds the same bytes.
evidence = Table(
    "evidence",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
)
# What the service itself attaches to an incident, and when: samples and the policy in force.
attachments = Table(
    "attachments",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("cause", Integer, primary_key=True, autoincrement=False),  # the entry that asks for it
    Column("after", Boolean, primary_key=True, autoincrement=False),  # of the hour after it
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("attachments_by_due", "done_at", "due_at"),
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
    # pending | sending | sent | failed | cancelled | merged (into a digest)
    Column("status", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("repeated", Boolean, nullable=False, server_default=text("false")),
    Column("error", Text, nullable=False, server_default=""),
    Column("duties", Text, nullable=False, server_default=""),  # codes of the deadlines it names
    Column("reach", Text, nullable=False, server_default="inside"),  # where its words may be read
    Column("receipt", Text, nullable=False, server_default=""),  # what the receiver answered
    Column("held", Text, nullable=False, server_default=""),  # why it waits: quiet_hours | storm
    Column("link_used_at", Instant),
    Column("claimed_at", Instant),
    Index("outbox_by_due", "status", "channel", "due_at"),
    Index("outbox_by_person", "channel", "recipient", "sent_at"),
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
    Column("level", Integer, nullable=False, server_default="0"),  # of the escalation
    Column("detail", Text, nullable=False, server_default=""),  # schedule, role, silence it names
)
