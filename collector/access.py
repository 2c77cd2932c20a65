"""Who may look and act: one-time log-in links, sessions, and the command line's token."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from collector.storage import access_store
from collector.storage.access_store import NOWHERE, Origin
from collector.storage.account_store import find_account
from collector.storage.log_ins import note_log_in
from incidents.actor import reader_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.access_store import SessionRow
    from collector.storage.database import Database
    from collector.storage.log_ins import Result
    from incidents.people import Standing

LINK_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
# How exactly it is known when a session was last used: not every request writes.
SEEN_EVERY = timedelta(minutes=1)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_ACTOR_LENGTH = 64
TOKEN_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: a person with a session, the command line with its token, a board that only shows,
    or an outside source that reads metrics (`user` is its name).

    Attributes:
        session: What names the session to its owner; it opens nothing.
        must_change: The password, before anything else.
    """

    user: str
    kind: Literal["session", "bearer", "board", "source"]
    expires_at: datetime | None = None
    session: str = ""
    must_change: bool = False

    @property
    def actor(self) -> str:
        """Return the name that goes into an incident's file."""
        return f"person:{self.user}"


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time log-in link as it is handed out; the secret is stored nowhere."""

    user: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is handed out; the secret goes into the cookie and is stored nowhere."""

    user: str
    secret: str
    expires_at: datetime


class Access:
    """Makes and checks the secrets that open the console and the API."""

    def __init__(
        self,
        db: Database,
        *,
        cli_token: str,
        now: Callable[[], datetime],
        new_secret: Callable[[], str],
        link_lifetime: timedelta = LINK_LIFETIME,
        session_lifetime: timedelta = SESSION_LIFETIME,
        session_idle: timedelta = SESSION_IDLE,
        standing: Callable[[str], Standing] = lambda _: "inside",
    ) -> None:
        """Keep the parts.

        Args:
            new_secret: Returns at least 256 bits as URL-safe text.
            session_idle: How long a session may be without any request.
            standing: What a name is here; outsiders have no session.
        """
        self._db = db
        self._cli_token = cli_token
        self._now = now
        self._new_secret = new_secret
        self._link_lifetime = link_lifetime
        self._session_lifetime = session_lifetime
        self._session_idle = session_idle
        self.standing = standing

    def new_link(self, user: str, *, key: str = "") -> Link:
        """Return a link that is not stored yet; the same `key` gives the same secret.

        A repeated request (same Idempotency-Key) must get the same link although only a digest of
        it is stored, so its secret is derived from the key by the command line's token.
        """
        secret = self._new_secret()
        if key:
            seed = f"login-link\n{user}\n{key}".encode()
            secret = hmac.new(self._cli_token.encode(), seed, hashlib.sha256).hexdigest()
        return Link(user, secret, self._now() + self._link_lifetime)

    def new_token(self, purpose: str, *, key: str = "") -> str:
        """Return 128 random bits as hexadecimal; the same `purpose` and `key` give the same.

        As with links, a repeated request gets the same secret although only its digest is stored.
        """
        secret = self._new_secret().encode()
        if key:
            seed = f"token\n{purpose}\n{key}".encode()
            secret = hmac.digest(self._cli_token.encode(), seed, "sha256")
        return hashlib.sha256(secret).hexdigest()[:TOKEN_CHARACTERS]

    @staticmethod
    def store_link(connection: Connection, link: Link) -> None:
        """Make the link usable; one that was stored before stays as it is, used or not."""
        digest = digest_of(link.secret)
        if not access_store.has_link(connection, digest):
            access_store.add_link(connection, digest, link.user, link.expires_at)

    async def make_link(self, user: str) -> Link:
        """Make and store a one-time link for `user`."""
        link = self.new_link(user)
        await self._db.write(lambda connection: self.store_link(connection, link))
        return link

    async def log_in(
        self, link_secret: str, origin: Origin = NOWHERE, replacing: str = ""
    ) -> Session | None:
        """Turn a link into a session; None when the link is unknown, used or expired.

        Args:
            replacing: The secret of the session that the browser had; it ends.
        """
        now = self._now()

        def exchange(connection: Connection) -> Session | None:
            user = access_store.use_link(connection, digest_of(link_secret), now)
            if user is None or self.standing(user) == "outside" or _is_disabled(connection, user):
                refused: Result = "wrong" if user is None else "disabled"
                note_log_in(connection, user or "", origin, "link", refused, now)
                return None
            note_log_in(connection, user, origin, "link", "in", now)
            return self.open_session(connection, user, origin, replacing=replacing)

        return await self._db.write(exchange)

    def open_session(
        self,
        connection: Connection,
        user: str,
        origin: Origin,
        *,
        replacing: str = "",
        must_change: bool = False,
    ) -> Session:
        """Store a new session, with a secret that nobody had before; end the one it replaces."""
        now, secret = self._now(), self._new_secret()
        expires_at = now + self._session_lifetime
        if replacing:
            access_store.end_session(connection, digest_of(replacing))
        access_store.add_session(
            connection,
            digest_of(secret),
            user,
            origin,
            now=now,
            expires_at=expires_at,
            must_change=must_change,
        )
        return Session(user, secret, expires_at)

    async def log_out(self, session_secret: str) -> None:
        """End the session at once, on this device only."""
        digest = digest_of(session_secret)
        await self._db.write(lambda connection: access_store.end_session(connection, digest))

    async def session(self, session_secret: str) -> Identity | None:
        """Return who holds this session while it is valid, and note that it is in use."""
        digest, now = digest_of(session_secret), self._now()
        since = now - self._session_idle
        row = await self._db.read(lambda c: access_store.find_session(c, digest, now, since))
        if row is None or self.standing(row.user) == "outside":
            return None
        if now - row.seen_at >= SEEN_EVERY:
            await self._db.write(lambda c: access_store.touch_session(c, digest, now))
        return Identity(row.user, "session", row.expires_at, row.id, row.must_change)

    async def sessions(self, user: str) -> list[SessionRow]:
        """Return somebody's valid sessions, the newest first."""
        key, now = reader_key(user), self._now()
        since = now - self._session_idle
        return await self._db.read(lambda c: access_store.sessions_of(c, key, now, since))

    def bearer(self, token: str, actor: str) -> Identity | None:
        """Return the command line's identity; `actor` is who says to be at the keyboard.

        The name is percent-encoded UTF-8: a header cannot hold Vietnamese.
        """
        if not hmac.compare_digest(token.encode(), self._cli_token.encode()):
            return None
        named = "".join(c for c in unquote(actor) if c.isprintable()).strip()[:MAX_ACTOR_LENGTH]
        return Identity(named or "cli", "bearer")


def _is_disabled(connection: Connection, user: str) -> bool:
    account = find_account(connection, user)
    return account is not None and account.disabled_at is not None


def digest_of(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """Return the session cookie's name; `__Host-` binds it to this host where there is TLS.

    Source: RFC 6265bis section 4.1.3.2.
    """
    return "__Host-wanwatch" if secure else "wanwatch"


def refused_origin(method: str, headers: Mapping[str, str]) -> str | None:
    """Say why a browser's request must not be served with its cookie, or None when it may.

    A reading request is refused only when another site's script sends it; any other request must
    come from our own pages. `Sec-Fetch-Site` decides where the browser sends it, else `Origin`.

    Source: W3C Fetch Metadata Request Headers; RFC 6454 section 7.
    """
    site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
    if method in SAFE_METHODS:
        foreign = site in ("cross-site", "same-site") and mode != "navigate"
        return f"Sec-Fetch-Site: {site}" if foreign else None
    if site is not None:
        return None if site in ("same-origin", "none") else f"Sec-Fetch-Site: {site}"
    origin = headers.get("origin")
    if origin is None:
        return "neither Sec-Fetch-Site nor Origin was sent"
    same = urlsplit(origin).netloc == headers.get("host", "") != ""
    return None if same else f"Origin: {origin}"
