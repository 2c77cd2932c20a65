"""Puts together everything about people's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.account_admin import AccountAdmin
from collector.accounts import Accounts, Tools
from collector.attempts import Attempts
from collector.device_marks import DeviceMarks
from collector.own_account import OwnAccount
from collector.second_factor import SecondFactor
from collector.storage.log_ins import recent_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.access import Access
    from collector.hashing import Hasher
    from collector.storage.database import Database


def account_parts(
    db: Database,
    access: Access,
    hasher: Hasher,
    *,
    key: bytes,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    office_names: Callable[[], tuple[str, ...]] = lambda: (),
) -> dict[str, Any]:
    """Return the parts by the names that the web application knows them under.

    Args:
        key: 32 bytes that seal second factors and sign the marks of devices.
        office_names: Names of the office, no word of which is worth anything in a password.
    """
    started_at = now()
    tools = Tools(
        Attempts(db.read_now(lambda c: recent_failures(c, started_at))),
        hasher,
        SecondFactor(key, random_bytes),
        DeviceMarks(key, random_bytes),
    )
    accounts = Accounts(db, access, tools, now=now)
    return {
        "accounts": accounts,
        "own_account": OwnAccount(accounts, office_names),
        "account_admin": AccountAdmin(accounts, office_names),
    }
