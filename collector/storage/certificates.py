"""What was told of certificates: each list of each certificate once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, Table, Text, insert, select

from collector.storage.columns import Instant, metadata

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.certificates import News

certificates_told = Table(
    "certificates_told",
    metadata,
    Column("certificate", Text, primary_key=True),  # unit, serial and last day
    Column("step", Integer, primary_key=True),  # 60, 30, 14, 7 days, or 0: it is over
    Column("at", Instant, nullable=False),
)


def load_told(connection: Connection) -> set[tuple[str, int]]:
    """Return what was told."""
    table = certificates_told.c
    rows = connection.execute(select(table.certificate, table.step))
    return {(row.certificate, row.step) for row in rows}


def note_told(connection: Connection, item: News, now: datetime) -> None:
    """Note that something was told."""
    values = {"certificate": item.certificate.told_as, "step": item.step, "at": now}
    connection.execute(insert(certificates_told).values(values))
