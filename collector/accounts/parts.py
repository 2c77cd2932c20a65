"""Puts together everything about people's accounts."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.access import Access
from collector.accounts.accounts import Accounts, Tools
from collector.accounts.admin import AccountAdmin
from collector.accounts.attempts import Attempts
from collector.accounts.hashing import Hasher
from collector.accounts.own_account import OwnAccount
from collector.accounts.second_factor import SecondFactor
from collector.device_marks import DeviceMarks
from collector.storage.log_ins import recent_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.settings import Settings
    from collector.storage.database import Database
    from incidents.people import Standing

SECRET_BYTES = 32


def access_parts(
    db: Database,
    settings: Settings,
    *,
    token: str,
    key: bytes,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    standing: Callable[[str], Standing],
    office_names: Callable[[], tuple[str, ...]],
) -> dict[str, Any]:
    """Return what lets people in: links, sessions, the token, and everything about passwords.

    Args:
        token: The command line's.
        standing: What a name is here.
    """

    def new_secret() -> str:
        return base64.urlsafe_b64encode(random_bytes(SECRET_BYTES)).decode().rstrip("=")

    access = Access(
        db,
        cli_token=token,
        now=now,
        new_secret=new_secret,
        session_lifetime=timedelta(hours=settings.session_hours),
        session_idle=timedelta(minutes=settings.session_idle_minutes),
        standing=standing,
    )
    accounts = account_parts(
        db,
        access,
        Hasher(),
        key=key,
        now=now,
        random_bytes=random_bytes,
        office_names=office_names,
    )
    return {"access": access, **accounts}


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
