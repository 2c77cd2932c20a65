"""What a person does with their own account: password, second factor, sessions.

Whatever changes who can log in asks for the password again, slowed like a log-in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.accounts import totp
from collector.accounts.accounts import Turned
from collector.accounts.hashing import TooBusyError
from collector.accounts.password_rules import weakness
from collector.storage import account_store
from collector.storage.access_store import end_sessions
from incidents.actor import reader_key
from incidents.conditions import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from collector.access import Identity, Session
    from collector.accounts.accounts import Accounts
    from collector.storage.access_store import Origin
    from collector.storage.account_store import Account


class OwnAccount:
    """Changes that a person with a session makes for themselves.

    Args:
        office_names: Names of the office, no word of which is worth anything in a password.
    """

    def __init__(
        self, accounts: Accounts, office_names: Callable[[], tuple[str, ...]] = lambda: ()
    ) -> None:
        self._accounts, self._office_names = accounts, office_names

    async def change_password(
        self, who: Identity, current: str, new: str, origin: Origin
    ) -> Session | Turned:
        """Change the password; every session ends, and the browser in use gets a new one.

        Raises:
            Refused: The new one is weak or the old one, or there is no account.
        """
        account = await self._account(who)
        if weak := weakness(new, (account.name, *self._office_names())):
            raise Refused(*weak, ["new_password"])
        if turned := await self._check(who, account, current, origin):
            return turned
        if new == current:
            raise Refused(
                "Mật khẩu mới trùng mật khẩu cũ.", "That is the old password.", ["new_password"]
            )
        hashed, now = await self._accounts.tools.hasher.hash(new), self._accounts.now()

        def change(connection: Connection) -> Session:
            account_store.change_account(
                connection,
                account.name,
                password_hash=hashed,
                must_change=False,
                password_at=now,
            )
            account_store.note(connection, now, who.actor, account.name, "password")
            end_sessions(connection, reader_key(who.user))
            return self._accounts.access.open_session(connection, account.name, origin)

        return await self._accounts.db.write(change)

    async def begin_second_factor(
        self, who: Identity, password: str, origin: Origin
    ) -> bytes | Turned:
        """Return a secret to show once; codes are asked for when one of its codes was given.

        Raises:
            Refused: It is on already, or there is no account.
        """
        account = await self._account(who)
        if account.totp_sealed is not None:
            raise Refused(
                "Mã một lần đã bật; muốn đổi thiết bị thì tắt trước.",
                "Codes are on; turn them off first to change the device.",
                ["totp"],
            )
        if turned := await self._check(who, account, password, origin):
            return turned
        second = self._accounts.tools.second
        secret = second.new_secret()
        pending = second.sealed(secret)
        await self._accounts.db.write(
            lambda c: account_store.change_account(c, account.name, totp_pending=pending)
        )
        return secret

    async def confirm_second_factor(self, who: Identity, code: str) -> list[str]:
        """Ask for codes from now on; return the recovery codes, which are shown this once.

        Raises:
            Refused: Nothing was begun, or the code is not of the new secret.
        """
        now, second = self._accounts.now(), self._accounts.tools.second
        codes = second.new_recovery_codes()

        def confirm(connection: Connection) -> list[str]:
            account = account_store.find_account(connection, who.user)
            pending = account and account.totp_pending
            step = second.step_of(pending, code, now, after=0) if pending else None
            if account is None or step is None:
                raise Refused(
                    "Mã không đúng: kiểm tra giờ trên điện thoại, rồi làm lại từ đầu.",
                    "That is not the code: check the phone's clock, and begin again.",
                    ["code"],
                )
            account_store.change_account(
                connection, who.user, totp_sealed=pending, totp_pending=None, totp_step=step
            )
            digests = [totp.recovery_digest(one) for one in codes]
            account_store.set_recovery_codes(connection, who.user, digests)
            account_store.note(connection, now, who.actor, account.name, "totp_on")
            return codes

        return await self._accounts.db.write(confirm)

    async def drop_second_factor(
        self, who: Identity, password: str, code: str, origin: Origin
    ) -> Turned | None:
        """Ask for no codes any more; needs the password and a code, one of recovery as well.

        Raises:
            Refused: There is no account.
        """
        account, now = await self._account(who), self._accounts.now()
        if turned := await self._check(who, account, password, origin, code=code):
            return turned

        def drop(connection: Connection) -> None:
            forget_second_factor(connection, account.name)
            account_store.note(connection, now, who.actor, account.name, "totp_off")

        return await self._accounts.db.write(drop)

    async def end_session(self, who: Identity, session: str) -> int:
        """End one of one's own sessions, wherever it is; return how many that were."""
        key = reader_key(who.user)
        if not session:
            return 0
        return await self._accounts.db.write(lambda c: end_sessions(c, key, session))

    async def _account(self, who: Identity) -> Account:
        found = await self._accounts.db.read(lambda c: account_store.find_account(c, who.user))
        if found is None or who.kind != "session":
            raise Refused(
                f"{who.user} chưa có mật khẩu: quản trị viên chạy `wanwatch user add`.",
                f"{who.user} has no password: an administrator runs `wanwatch user add`.",
                ["account"],
            )
        return found

    async def _check(
        self,
        who: Identity,
        account: Account,
        password: str,
        origin: Origin,
        *,
        code: str | None = None,
    ) -> Turned | None:
        """Return why this is not the person, or None; attempts of a session count apart."""
        tools, key, now = self._accounts.tools, reader_key(who.user), self._accounts.now()
        if wait := tools.attempts.begin(key, origin.address, who.session, now):
            return Turned("slowed", wait)
        try:
            right = await tools.hasher.is_right(account.password_hash, password)
        except TooBusyError:
            tools.attempts.withdrawn(key, origin.address, who.session)
            return Turned("busy", 1.0)
        if right and code is not None:
            right = await self._accounts.db.write(
                lambda c: tools.second.accepts(c, account, code, now)
            )
        if not right:
            return Turned("wrong")
        tools.attempts.succeeded(key, origin.address, who.session)
        return None


def forget_second_factor(connection: Connection, name: str) -> None:
    """Ask this person for no codes any more; the last step stays used."""
    account_store.change_account(connection, name, totp_sealed=None, totp_pending=None)
    account_store.set_recovery_codes(connection, name, ())
