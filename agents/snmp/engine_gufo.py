"""SNMP by gufo-snmp, whose work is compiled: for polling many devices."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.snmp.credential import Community, User
from agents.snmp.engine import Failed, Silent, Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agents.snmp.credential import Credential
    from agents.snmp.engine import Row, Where
    from agents.snmp.family import Values

# Every device has it, so an answer without it was an error, and one with it lacks the others.
CANARY = "1.3.6.1.2.1.1.3.0"
_AUTH = {
    "MD5": "Md5Key",
    "SHA": "Sha1Key",
    "SHA-224": "Sha224Key",
    "SHA-256": "Sha256Key",
    "SHA-384": "Sha384Key",
    "SHA-512": "Sha512Key",
}
_PRIVACY = {
    "DES": "DesKey",
    "AES": "Aes128Key",
    "AES-192": "Aes192Key",
    "AES-256": "Aes256Key",
    "AES-192-C": "Aes192Key",
    "AES-256-C": "Aes256Key",
}


class GufoEngine:
    """Asks one device; its socket is closed with it."""

    def __init__(self, where: Where, credential: Credential) -> None:
        from gufo.snmp import SnmpVersion
        from gufo.snmp.sync import SnmpSession

        self._is_one = credential.version == "1"
        self._is_fresh = True
        community = credential.community if isinstance(credential, Community) else ""
        kinds = {"1": SnmpVersion.v1, "2c": SnmpVersion.v2c, "3": SnmpVersion.v3}
        self._session: SnmpSession | None = SnmpSession(
            where.address,
            where.port,
            community=community,
            user=gufo_user(credential) if isinstance(credential, User) else None,
            version=kinds[credential.version],
            timeout=where.try_seconds,
        )

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""
        session = self._opened()
        if self._is_one and len(leaves) == 1:
            # An error here, and that alone, says that this one is not there.
            found = _single(session, leaves[0])
            return {} if found in (None, ABSENT) else {leaves[0]: found}
        also = () if self._is_one else (CANARY,)
        found = asked(lambda: session.get_many(dict.fromkeys((*also, *leaves))))
        if not found and (len(leaves) > 1 or _single(session, leaves[0]) is None):
            raise Unfit(Answer.OUT_OF_SERVICE)
        return _values({leaf: found.get(leaf) for leaf in leaves})

    def rows(self, column: str, repetitions: int) -> Iterator[Row]:
        """Return what walks a column."""
        session = self._opened()
        rows = session.getbulk(column, repetitions) if repetitions else session.getnext(column)
        return _Rows(rows)

    def close(self) -> None:
        """Let go of the socket: it is closed with the last that knows it."""
        self._session = None

    def _opened(self) -> Any:
        session = self._session
        if session is None:
            raise RuntimeError("the session is closed")
        if self._is_fresh:
            # SNMP 3 begins with who the device is and what its clock says.
            asked(session.refresh)
            self._is_fresh = False
        return session


ABSENT = object()


def _single(session: Any, leaf: str) -> Any:
    """Return one value: None for an error, ABSENT where the device says that it has none."""
    from gufo.snmp import NoSuchInstance

    def ask() -> Any:
        try:
            return session.get(leaf)
        except NoSuchInstance:
            return ABSENT

    return asked(ask)


class _Rows:
    def __init__(self, rows: Iterator[tuple[str, Any]]) -> None:
        self._rows = rows

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> Row:
        row: Row | None = asked(lambda: next(self._rows, None))
        if row is None:
            raise StopIteration
        return row


def asked(question: Callable[[], Any]) -> Any:
    """Return what comes of one question, with what the library raises in the words of the seam."""
    from gufo.snmp import SnmpAuthError, SnmpError

    try:
        return question()
    except (KeyboardInterrupt, SystemExit):
        raise
    except SnmpAuthError:
        raise Failed(Answer.DENIED) from None
    except SnmpError:
        raise Unfit(Answer.GARBAGE) from None
    except OSError:
        # Also a port on which nobody listens: who asks finds that out by itself.
        raise Silent from None
    except BaseException as error:  # what compiled code raises at bytes that it did not expect
        if type(error).__name__ != "PanicException":
            raise
        raise Unfit(Answer.GARBAGE) from None


def _values(found: dict[str, Any]) -> Values:
    return {leaf: value for leaf, value in found.items() if value is not None}


@lru_cache(maxsize=64)
def gufo_user(credential: User) -> Any:
    """Return the library's user; making keys of passwords takes milliseconds, so once each."""
    from gufo import snmp
    from gufo.snmp.user import KeyType

    auth = privacy = None
    if credential.auth:
        kind = getattr(snmp, _AUTH[credential.auth])
        auth = kind(kind.get_master_key(credential.auth_password.encode()), KeyType.Master)
        if credential.privacy:
            key = kind.get_master_key(credential.privacy_password.encode())
            privacy = getattr(snmp, _PRIVACY[credential.privacy])(key, KeyType.Master)
    expansion = snmp.KeyExpansion
    way = expansion.Cisco if credential.privacy.endswith("-C") else expansion.Blumenthal
    return snmp.User(credential.user, auth_key=auth, priv_key=privacy, key_expansion=way)
