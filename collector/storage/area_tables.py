"""The tables that stand beside what reads and writes them; the schema knows them by this list."""

from collector.storage import (
    carriers,
    certificates,
    day_tables,
    forward_tables,
    report_tables,
    session_check_tables,
    session_tables,
    source_tables,
)

__all__ = [
    "carriers",
    "certificates",
    "day_tables",
    "forward_tables",
    "report_tables",
    "session_check_tables",
    "session_tables",
    "source_tables",
]
