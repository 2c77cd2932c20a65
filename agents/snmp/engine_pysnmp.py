"""SNMP by pysnmp, which knows all kinds of credentials and runs everywhere, at a price."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.answer import Answer
from agents.snmp.credential import Community
from agents.snmp.engine import Failed, Silent, Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.snmp.credential import Credential
    from agents.snmp.engine import Row, Where
    from agents.snmp.family import Value, Values

# One for each credential, since a library's engine knows one password of a user; a few, not more.
MOST_ENGINES = 16
# How long a question stays known to the library; ours is over before.
KEPT_SECONDS = 10
_NO_SUCH_NAME, _GEN_ERR, _AUTHORIZATION = 2, 5, 16
_AUTH = {
    "MD5": "USM_AUTH_HMAC96_MD5",
    "SHA": "USM_AUTH_HMAC96_SHA",
    "SHA-224": "USM_AUTH_HMAC128_SHA224",
    "SHA-256": "USM_AUTH_HMAC192_SHA256",
    "SHA-384": "USM_AUTH_HMAC256_SHA384",
    "SHA-512": "USM_AUTH_HMAC384_SHA512",
}
_PRIVACY = {
    "DES": "USM_PRIV_CBC56_DES",
    "3DES": "USM_PRIV_CBC168_3DES",
    "AES": "USM_PRIV_CFB128_AES",
    "AES-192": "USM_PRIV_CFB192_AES_BLUMENTHAL",
    "AES-256": "USM_PRIV_CFB256_AES_BLUMENTHAL",
    "AES-192-C": "USM_PRIV_CFB192_AES",
    "AES-256-C": "USM_PRIV_CFB256_AES",
}


class PysnmpEngine:
    """Asks one device; the sockets are the library's, shared by all."""

    def __init__(self, where: Where, credential: Credential) -> None:
        self._where = where
        self._credential = credential

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""
        answer = _Loop.shared().ask(self._where, self._credential, "get_cmd", leaves)
        if answer.status == _AUTHORIZATION:
            raise Failed(Answer.DENIED)
        if answer.status:
            is_about_one = answer.status in (_NO_SUCH_NAME, _GEN_ERR) and answer.place
            raise Unfit(Answer.OUT_OF_SERVICE, answer.place - 1 if is_about_one else None)
        return {leaf: value for leaf, value in answer.rows if value is not None}

    def rows(self, column: str, repetitions: int) -> Iterator[Row]:
        """Return what walks a column."""
        return _Rows(self._where, self._credential, column, repetitions)

    def close(self) -> None:
        """Leave the sockets as they are."""


class _Rows:
    def __init__(self, where: Where, credential: Credential, column: str, repetitions: int) -> None:
        self._where, self._credential = where, credential
        self._start, self._last = f"{column}.", column
        self._repetitions = 0 if credential.version == "1" else repetitions
        self._ready: list[Row] = []

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> Row:
        if not self._ready:
            self._ready = self._ask()
        if not self._ready or not self._ready[-1][0].startswith(self._start):
            raise StopIteration
        row = self._ready.pop()
        if row[0] == self._last:
            raise StopIteration
        self._last = row[0]
        return row

    def _ask(self) -> list[Row]:
        kind, how = ("bulk_cmd", (0, self._repetitions)) if self._repetitions else ("next_cmd", ())
        answer = _Loop.shared().ask(self._where, self._credential, kind, [self._last], how)
        if answer.status == _NO_SUCH_NAME:
            return []  # the end, as SNMP 1 says it
        if answer.status:
            raise Unfit(Answer.OUT_OF_SERVICE)
        return answer.rows[::-1]


class _Answer(NamedTuple):
    status: int
    place: int
    rows: list[Row]


class _Loop:
    """The library's loop in a thread of its own, started at first use, ending with the process."""

    _one: _Loop | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._engines: dict[Credential, tuple[Any, Any]] = {}
        threading.Thread(target=self._loop.run_forever, name="snmp", daemon=True).start()

    @classmethod
    def shared(cls) -> _Loop:
        """Return the only one."""
        with cls._lock:
            if cls._one is None:
                cls._one = cls()
            return cls._one

    def ask(
        self,
        where: Where,
        credential: Credential,
        kind: str,
        oids: Sequence[str],
        how: Sequence[int] = (),
    ) -> _Answer:
        """Ask from any thread and wait for what comes back."""
        asking = self._ask(where, credential, kind, oids, how)
        return asyncio.run_coroutine_threadsafe(asking, self._loop).result()

    async def _ask(
        self,
        where: Where,
        credential: Credential,
        kind: str,
        oids: Sequence[str],
        how: Sequence[int],
    ) -> _Answer:
        from pysnmp.error import PySnmpError
        from pysnmp.hlapi.v3arch import asyncio as api

        engine, auth = self._engine(credential)
        kinds = api.Udp6TransportTarget, api.UdpTransportTarget
        target = await kinds[":" not in where.address].create(
            (where.address, where.port), timeout=KEPT_SECONDS, retries=0
        )
        asked = [api.ObjectType(api.ObjectIdentity(oid)) for oid in oids]
        command = getattr(api, kind)
        try:
            problem, status, place, found = await asyncio.wait_for(
                command(engine, auth, target, api.ContextData(), *how, *asked, lookupMib=False),
                where.try_seconds,
            )
        except (TimeoutError, OSError):
            raise Silent from None
        except PySnmpError:
            raise Unfit(Answer.GARBAGE) from None
        if problem is not None:
            _raise(problem)
        rows = [(str(name), plain(value)) for name, value in found]
        return _Answer(int(status), int(place), rows)

    def _engine(self, credential: Credential) -> tuple[Any, Any]:
        from pysnmp.hlapi.v3arch import asyncio as api

        if credential not in self._engines:
            while len(self._engines) >= MOST_ENGINES:
                oldest, _ = self._engines.pop(next(iter(self._engines)))
                oldest.close_dispatcher()
            self._engines[credential] = api.SnmpEngine(), auth_of(credential)
        return self._engines[credential]


def _raise(problem: Any) -> None:
    """Raise what the library's word for a problem is in the seam."""
    from pysnmp.proto import errind

    denied = (
        errind.AuthenticationError, errind.AuthenticationFailure, errind.DecryptionError,
        errind.UnknownSecurityName, errind.UnknownUserName, errind.UnsupportedAuthProtocol,
        errind.UnsupportedPrivProtocol, errind.UnsupportedSecurityLevel, errind.WrongDigest,
    )  # fmt: skip
    if isinstance(problem, denied):
        raise Failed(Answer.DENIED)
    if isinstance(
        problem, errind.RequestTimedOut | errind.NotInTimeWindow | errind.UnknownEngineID
    ):
        raise Silent
    raise Unfit(Answer.GARBAGE)


def auth_of(credential: Credential) -> Any:
    """Return a credential as the library has it."""
    from pysnmp.hlapi.v3arch import asyncio as api

    if isinstance(credential, Community):
        return api.CommunityData(credential.community, mpModel=int(credential.version != "1"))
    given: dict[str, Any] = {}
    if credential.auth:
        given["authKey"] = credential.auth_password
        given["authProtocol"] = getattr(api, _AUTH[credential.auth])
    if credential.privacy:
        given["privKey"] = credential.privacy_password
        given["privProtocol"] = getattr(api, _PRIVACY[credential.privacy])
    return api.UsmUserData(credential.user, **given)  # noqa: S509  # as the device wants it


def plain(value: Any) -> Value | None:
    """Return a value of the library as a plain one; None: the device has none there."""
    from pyasn1.type.univ import Integer, ObjectIdentifier
    from pysnmp.proto import rfc1902

    if isinstance(value, rfc1902.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, rfc1902.OctetString | rfc1902.Opaque):
        return bytes(value)
    if isinstance(value, ObjectIdentifier):
        return str(value)
    # The rest is nothing, or one of the three words for there being nothing.
    return int(value) if isinstance(value, Integer) else None
