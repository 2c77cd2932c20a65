"""The tables of reports: every version, and everything that was done to each."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from collector.storage.columns import BigKey, Instant, metadata

reports = Table(
    "reports",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),  # incident | day | month | session | handover
    Column("subject", Text, nullable=False),  # a code, a day, a month, a number
    Column("incident", BigInteger, ForeignKey("incidents.id"), index=True),
    Column("unit", Text, nullable=False),  # empty: of the whole province
    # Who sees it beside those who see its unit, as `readers` of incidents are kept.
    Column("people", Text),
    Column("layout", Text, nullable=False),  # party | state
    Column("audience", Text, nullable=False),  # inside | outside
    Column("family", BigInteger, nullable=False),  # the number of the first version
    Column("version", Integer, nullable=False),
    Column("changes", Text, nullable=False),  # what this version changes
    Column("state", Text, nullable=False),
    Column("facts", Text, nullable=False),  # canonical JSON
    Column("facts_at", Instant, nullable=False),
    # The composed document as JSON and its SHA-256, from when it was put up for signature.
    Column("document", Text, nullable=False, server_default=""),
    Column("digest", Text, nullable=False, server_default=""),
    Column("number", Text, nullable=False, server_default=""),
    Column("numbered_on", Text, nullable=False, server_default=""),  # 2026-11-26
    Column("later_until", Instant),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("one_version", "family", "version", unique=True),
    Index("reports_by_state", "state", "id"),
    Index("reports_by_subject", "about", "subject"),
)
# What was done; triggers refuse UPDATE and DELETE.
report_deeds = Table(
    "report_deeds",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("report", BigInteger, ForeignKey("reports.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("data", Text, nullable=False),  # canonical JSON
    Index("report_deeds_by_report", "report", "id"),
)
# What somebody wrote at that: words that must not be in a file go from here.
report_words = Table(
    "report_words",
    metadata,
    Column("deed", BigInteger, ForeignKey("report_deeds.id"), primary_key=True),
    Column("text", Text, nullable=False),
)
