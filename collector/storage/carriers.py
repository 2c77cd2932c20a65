"""Reports to carriers as rows beside the timelines, for the figures of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text, delete, insert

from collector.storage.columns import Instant, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from incidents.work import Work

# `promised_at` is the first promise, which a carrier is held to.
carrier_reports = Table(
    "carrier_reports",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("circuit", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("told_at", Instant, nullable=False, index=True),
    Column("promised_at", Instant),
    Column("last_promised_at", Instant),
    Column("restored_at", Instant),
)


def write(connection: Connection, incident: int, work: Work) -> None:
    """Write the reports of an incident; they only grow."""
    rows = [
        {
            "incident": incident,
            "number": one.number,
            "carrier": one.carrier,
            "circuit": one.circuit,
            "ticket": one.ticket,
            "told_at": one.told_at,
            "promised_at": one.first_promise,
            "last_promised_at": one.last_promise,
            "restored_at": one.restored_at,
        }
        for one in work.carrier
    ]
    if rows:
        connection.execute(delete(carrier_reports).where(carrier_reports.c.incident == incident))
        connection.execute(insert(carrier_reports), rows)
