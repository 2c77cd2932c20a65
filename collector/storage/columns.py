"""What all tables share: their registry, and the types that both databases agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text, TypeDecorator

from incidents.actor import reader_key
from incidents.timeline import instant, microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any


class Instant(TypeDecorator["datetime"]):
    """An instant: integer microseconds UTC in the table, an aware `datetime` outside."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Refuse a naive datetime: it would be read in the server's zone."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        return None if value is None else instant(value)


# Sort keys are ASCII in the right byte order: PostgreSQL must not apply a language to them.
SortKey = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite gives rowids only to INTEGER keys; PostgreSQL wants 64 bits.
BigKey = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()


def readers_text(tags: Iterable[str]) -> str:
    """Return readers as a column keeps them: one a line, with a line break around each."""
    return "\n" + "".join(f"{reader_key(tag)}\n" for tag in sorted(tags))
