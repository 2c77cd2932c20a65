"""Rows of accounts: names, hashes, sealed secrets; nothing here opens anything by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from collector.storage import record
from collector.storage.account_tables import accounts, recovery_codes
from incidents.actor import reader_key
from incidents.config_record import RecordKind
from incidents.vietnamese import person_sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a password.

    Attributes:
        name: As in people.yaml.
        must_change: The password, before anything else: somebody else chose it.
        totp_step: The last step whose code was used.
    """

    name: str
    password_hash: str
    must_change: bool
    password_at: datetime
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    totp_sealed: str | None
    totp_pending: str | None
    totp_step: int


def find_account(connection: Connection, name: str) -> Account | None:
    """Return an account by its name, however its letters are composed."""
    row = connection.execute(select(accounts).where(accounts.c.name_key == reader_key(name)))
    found = row.first()
    return None if found is None else _account(found)


def is_disabled(connection: Connection, name: str) -> bool:
    """Say whether somebody's account was disabled; who has none is not."""
    account = find_account(connection, name)
    return account is not None and account.disabled_at is not None


def list_accounts(connection: Connection) -> list[Account]:
    """Return every account by given name."""
    found = [_account(row) for row in connection.execute(select(accounts))]
    return sorted(found, key=lambda account: person_sort_key(account.name))


def add_account(
    connection: Connection, name: str, password_hash: str, *, by: str, now: datetime
) -> bool:
    """Add an account whose password must be changed; false when there is one of this name."""
    if find_account(connection, name) is not None:
        return False
    row = {
        "name_key": reader_key(name),
        "name": name,
        "password_hash": password_hash,
        "must_change": True,
        "password_at": now,
        "created_at": now,
        "created_by": by,
    }
    connection.execute(insert(accounts).values(row))
    return True


def change_account(connection: Connection, name: str, **values: Any) -> bool:
    """Change columns of an account; false when there is none."""
    changed = update(accounts).where(accounts.c.name_key == reader_key(name)).values(values)
    return connection.execute(changed).rowcount == 1


def use_step(connection: Connection, name: str, step: int) -> bool:
    """Use a step's code up; false when it, or a later one, was used before."""
    used = (
        update(accounts)
        .where(accounts.c.name_key == reader_key(name), accounts.c.totp_step < step)
        .values(totp_step=step)
    )
    return connection.execute(used).rowcount == 1


def set_recovery_codes(connection: Connection, name: str, digests: Iterable[str]) -> None:
    """Replace somebody's recovery codes; no digests: there are none any more."""
    key = reader_key(name)
    connection.execute(delete(recovery_codes).where(recovery_codes.c.name_key == key))
    for digest in digests:
        connection.execute(insert(recovery_codes).values(name_key=key, digest=digest))


def use_recovery_code(connection: Connection, name: str, digest: str) -> bool:
    """Use a recovery code up; false when it is not one of theirs."""
    used = delete(recovery_codes).where(
        recovery_codes.c.name_key == reader_key(name), recovery_codes.c.digest == digest
    )
    return connection.execute(used).rowcount == 1


def recovery_codes_left(connection: Connection, name: str) -> int:
    """Return how many recovery codes somebody has left."""
    query = select(func.count()).where(recovery_codes.c.name_key == reader_key(name))
    return connection.scalar(query) or 0


def note(connection: Connection, now: datetime, by: str, name: str, change: str) -> None:
    """Write into the configuration record what was done to an account, and by whom."""
    data = {"account": name, "change": change}
    record.append(connection, now, RecordKind.ACCOUNT, by, data=data)


def _account(row: object) -> Account:
    return Account(**{name: getattr(row, name) for name in Account.__slots__})
