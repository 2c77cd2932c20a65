"""Enrolment tokens as lists show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import enrolment_tokens, units

MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token as lists show it; the field names are the API's."""

    id: str
    unit: str
    unit_name: str | None
    kind: str
    host: str
    presence: str
    interval_seconds: int
    uses: int
    used: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None


def list_tokens(
    connection: Connection, viewer: Viewer, *, now: datetime, everything: bool
) -> list[TokenRow]:
    """Return the tokens that can still be used, or all there are, the newest first."""
    table = enrolment_tokens.c
    columns = [
        units.c.name.label("unit_name") if name == "unit_name" else table[name]
        for name in TokenRow.__slots__
    ]
    statement = select(*columns).outerjoin_from(enrolment_tokens, units, units.c.code == table.unit)
    statement = statement.where(in_scope(viewer, table.unit))
    if not everything:
        statement = statement.where(
            table.revoked_at.is_(None), table.expires_at > now, table.used < table.uses
        )
    rows = connection.execute(statement.order_by(table.created_at.desc()).limit(MAX_LISTED))
    return [TokenRow(*row) for row in rows]


def unit_of(connection: Connection, token: str, viewer: Viewer) -> str | None:
    """Return the unit that a token lets machines into; None as well where it is not seen."""
    table = enrolment_tokens.c
    query = select(table.unit).where(table.id == token, in_scope(viewer, table.unit))
    return connection.scalar(query)
