"""Boards that only show: a secret opens the board of one session, and nothing else.

No log-in ends it before the session does: a wall display must not go dark in its middle.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.access import SAFE_METHODS, Identity, digest_of
from collector.storage import session_boards
from collector.storage.account_store import find_account
from incidents.state import PERSON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from collector.storage.database import Database
    from incidents.people import Standing

COOKIE = "wanwatch-board"
# The board and what feeds it.
_PATH = re.compile(r"/sessions/(?P<number>\d{1,15})/live(?:/events)?")


class BoardAccess:
    """Says who made the secret that somebody shows for a board.

    Args:
        standing: What a name is here: what an outsider made opens nothing.
    """

    def __init__(self, db: Database, standing: Callable[[str], Standing]) -> None:
        self._db, self._standing = db, standing

    async def identity(self, method: str, path: str, cookies: Mapping[str, str]) -> Identity | None:
        """Return as whom a request for a board is answered; None where its secret opens nothing."""
        found, secret = _PATH.fullmatch(path), cookies.get(COOKIE)
        if found is None or not secret or method not in SAFE_METHODS:
            return None
        return await self.opened(secret, int(found["number"]))

    async def opened(self, secret: str, number: int) -> Identity | None:
        """Return as whom a secret opens the board of a session: who made it, to look alone."""
        digest = digest_of(secret)
        user = await self._db.read(lambda c: _maker(c, digest, number))
        if user is None or self._standing(user) == "outside":
            return None
        return Identity(user, "board")


def _maker(connection: Connection, digest: str, number: int) -> str | None:
    actor = session_boards.opened_by(connection, digest, number)
    if actor is None:
        return None
    user = actor.removeprefix(PERSON)
    account = find_account(connection, user)
    return None if account is not None and account.disabled_at is not None else user
