"""What an administrator does with the accounts of others; each change goes on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.accounts.own_account import forget_second_factor
from collector.accounts.password_rules import weakness
from collector.storage import account_store
from collector.storage.access_store import end_sessions
from incidents.actor import reader_key
from incidents.conditions import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from collector.accounts.accounts import Accounts
    from collector.storage.account_store import Account


class AccountAdmin:
    """Adds accounts, gives new passwords, disables; `by` is always `person:NAME`.

    Args:
        office_names: Names of the office, no word of which is worth anything in a password.
    """

    def __init__(
        self, accounts: Accounts, office_names: Callable[[], tuple[str, ...]] = lambda: ()
    ) -> None:
        self._accounts, self._office_names = accounts, office_names

    async def listed(self) -> list[Account]:
        """Return every account by name."""
        return await self._accounts.db.read(account_store.list_accounts)

    async def add(self, name: str, password: str, *, by: str) -> None:
        """Add somebody, who has to choose another password at the first log-in.

        Raises:
            Refused: The name may not log in or has an account, or the password is weak.
        """
        name = " ".join(name.split())
        if self._accounts.access.standing(name) != "inside":
            raise Refused(
                f"{name!r} không có vai trò của cơ quan mình trong people.yaml; ghi vào đó trước.",
                f"{name!r} holds no role of ours in people.yaml; write it there first.",
                ["people.yaml"],
            )
        hashed, now = await self._hashed(name, password), self._accounts.now()

        def write(connection: Connection) -> None:
            if not account_store.add_account(connection, name, hashed, by=by, now=now):
                raise Refused(
                    f"{name!r} đã có tài khoản.", f"{name!r} has an account already.", ["name"]
                )
            account_store.note(connection, now, by, name, "added")

        await self._accounts.db.write(write)

    async def set_password(self, name: str, password: str, *, by: str) -> bool:
        """Give somebody a password to be changed at the next log-in; their sessions end.

        Raises:
            Refused: The password is weak.
        """
        hashed, now = await self._hashed(name, password), self._accounts.now()
        values = {"password_hash": hashed, "must_change": True, "password_at": now}
        return await self._change(
            name, by, "password_given", lambda c: account_store.change_account(c, name, **values)
        )

    async def reset_second_factor(self, name: str, *, by: str) -> bool:
        """Ask somebody who lost their device for no codes; their sessions end."""
        return await self._change(name, by, "totp_reset", lambda c: forget_second_factor(c, name))

    async def disable(self, name: str, *, by: str) -> bool:
        """Let somebody in no more, neither with a password nor with a link; their sessions end."""
        now = self._accounts.now()
        return await self._change(
            name, by, "disabled", lambda c: account_store.change_account(c, name, disabled_at=now)
        )

    async def enable(self, name: str, *, by: str) -> bool:
        """Let somebody in again."""
        return await self._change(
            name, by, "enabled", lambda c: account_store.change_account(c, name, disabled_at=None)
        )

    async def end_sessions(self, name: str, session: str = "", *, by: str) -> int:
        """End one session of somebody, or all of them; return how many there were."""
        now, key = self._accounts.now(), reader_key(name)

        def write(connection: Connection) -> int:
            ended = end_sessions(connection, key, session)
            if ended:
                account_store.note(connection, now, by, name, "sessions_ended")
            return ended

        return await self._accounts.db.write(write)

    async def _hashed(self, name: str, password: str) -> str:
        if weak := weakness(password, (name, *self._office_names())):
            raise Refused(*weak, ["password"])
        return await self._accounts.tools.hasher.hash(password)

    async def _change(
        self, name: str, by: str, what: str, change: Callable[[Connection], object]
    ) -> bool:
        """Do something to an account and end its sessions; false when there is none."""
        now = self._accounts.now()

        def write(connection: Connection) -> bool:
            account = account_store.find_account(connection, name)
            if account is None:
                return False
            change(connection)
            end_sessions(connection, reader_key(name))
            account_store.note(connection, now, by, account.name, what)
            return True

        return await self._accounts.db.write(write)
