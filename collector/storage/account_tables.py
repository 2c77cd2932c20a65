"""The tables of people who log in: accounts, sessions, one-time links, and who logged in when."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, text

from collector.storage.columns import BigKey, Instant, metadata

# Who has a password here, by the name of people.yaml; what they may do stands there.
accounts = Table(
    "accounts",
    metadata,
    Column("name_key", Text, primary_key=True),  # composed, without regard to case
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # Argon2id with its salt and parameters
    Column("must_change", Boolean, nullable=False),
    Column("password_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", Instant),
    # Sealed with a key that is no part of the database; the second is not confirmed yet.
    Column("totp_sealed", Text),
    Column("totp_pending", Text),
    Column("totp_step", Integer, nullable=False, server_default="0"),  # the last one used
)
# Codes for who lost the device that makes the others, by SHA-256; each works once.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("name_key", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
)
# Who may look and act, by SHA-256 of the secret.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("must_change", Boolean, nullable=False),  # the password, before anything else
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)
login_links = Table(
    "login_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
# Log-ins that worked, one each; those that did not, counted for each ten minutes. The name of
# nobody we know stays empty: a password is easily typed into the wrong field.
log_ins = Table(
    "log_ins",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("last_at", Instant, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("way", Text, nullable=False),  # password | link
    Column("result", Text, nullable=False),  # in | wrong | slowed | disabled
    Column("count", Integer, nullable=False, server_default=text("1")),
)
Index("log_ins_by_name", log_ins.c.name_key, log_ins.c.at)
