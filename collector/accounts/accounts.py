"""Logging in with a password and, where it is on, a code.

Nothing told to a stranger says whether a name exists: the words are the same and so is the time,
since an unknown name has a hash checked as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from collector.accounts.hashing import TooBusyError
from collector.storage import account_store
from collector.storage.log_ins import note_log_in
from incidents.actor import reader_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.access import Access, Session
    from collector.accounts.attempts import Attempts
    from collector.accounts.hashing import Hasher
    from collector.accounts.second_factor import SecondFactor
    from collector.device_marks import DeviceMarks
    from collector.storage.access_store import Origin
    from collector.storage.account_store import Account
    from collector.storage.database import Database
    from collector.storage.log_ins import Result


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody who wants to log in gave; `device` is the mark their browser kept."""

    name: str
    password: str
    code: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """Why somebody is not let in: a wrong answer, too many of them, or too much to do.

    Attributes:
        wait_seconds: After which time an attempt is looked at again.
    """

    why: Literal["wrong", "slowed", "busy"]
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Entered:
    """A session, and the mark by which this device is known from now on."""

    session: Session
    device: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What passwords and codes are made and checked with."""

    attempts: Attempts
    hasher: Hasher
    second: SecondFactor
    devices: DeviceMarks


class Accounts:
    """Lets people in who know their password; every attempt is recorded and slowed."""

    def __init__(
        self, db: Database, access: Access, tools: Tools, *, now: Callable[[], datetime]
    ) -> None:
        self.db, self.access, self.tools, self.now = db, access, tools, now

    async def log_in(self, claim: Claim, origin: Origin, replacing: str = "") -> Entered | Turned:
        """Let somebody in; `replacing` is the secret of the session that the browser had."""
        key, now = reader_key(claim.name.strip()), self.now()
        device = self.tools.devices.nonce_of(claim.device, key)
        account = await self.db.read(lambda c: account_store.find_account(c, key))
        if wait := self.tools.attempts.begin(key, origin.address, device, now):
            name = "" if account is None else account.name
            await self.db.write(lambda c: note_log_in(c, name, origin, "password", "slowed", now))
            return Turned("slowed", wait)
        stored = None if account is None else account.password_hash
        try:
            is_right = await self.tools.hasher.is_right(stored, claim.password)
            newer = (
                await self.tools.hasher.renewed(stored, claim.password)
                if is_right and stored is not None
                else None
            )
        except TooBusyError:
            self.tools.attempts.withdrawn(key, origin.address, device)
            return Turned("busy", 1.0)

        def enter(connection: Connection) -> Session | None:
            found = account_store.find_account(connection, key)
            if found is not None and found.password_hash != stored:
                found = None  # changed while it was checked
            result = self._judge(connection, found, claim.code, now, is_right=is_right)
            name = "" if account is None else account.name
            note_log_in(connection, name, origin, "password", result, now)
            if found is None or result != "in":
                return None
            if newer is not None:
                account_store.change_account(connection, key, password_hash=newer)
            return self.access.open_session(
                connection, found.name, origin, replacing=replacing, must_change=found.must_change
            )

        session = await self.db.write(enter)
        if session is None:
            return Turned("wrong")
        self.tools.attempts.succeeded(key, origin.address, device)
        return Entered(session, self.tools.devices.mark(key, device))

    def _judge(
        self,
        connection: Connection,
        account: Account | None,
        code: str,
        now: datetime,
        *,
        is_right: bool,
    ) -> Result:
        if account is None or not is_right:
            return "wrong"
        if account.disabled_at is not None or self.access.standing(account.name) == "outside":
            return "disabled"
        return "in" if self.tools.second.accepts(connection, account, code, now) else "wrong"
