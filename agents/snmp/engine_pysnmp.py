"""SNMP by pysnmp, which knows all kinds of credentials and runs everywhere, at a price."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.answer import Answer
from agents.snmp.engine import Failed, Silent, Unfit
from agents.snmp.pysnmp_words import auth_of, plain, raise_as_ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.snmp.credential import Credential
    from agents.snmp.engine import Row, Where
    from agents.snmp.family import Values

_log = logging.getLogger(__name__)
# One for each credential, since a library's engine knows one password of a user; a few, not more.
MOST_LIBRARIES = 16
# Questions under way: with more, answers wait for this thread longer than questions wait for them.
MOST_AT_ONCE = 16
# How long a question stays known to the library; ours is over before.
KEPT_SECONDS = 10
_NO_SUCH_NAME, _GEN_ERR, _AUTHORIZATION = 2, 5, 16


class PysnmpEngine:
    """Asks one device; the sockets are the library's, shared by all."""

    def __init__(self, where: Where, credential: Credential) -> None:
        self._where = where
        self._credential = credential

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""
        answer = _Loop.shared().ask(_Question(self._where, self._credential, "get_cmd", leaves))
        if answer.status == _NO_SUCH_NAME and len(leaves) == 1:
            return {}  # as SNMP 1 says it
        if answer.status == _AUTHORIZATION:
            raise Failed(Answer.DENIED)
        if answer.status:
            is_about_one = answer.status in (_NO_SUCH_NAME, _GEN_ERR) and answer.place
            raise Unfit(Answer.OUT_OF_SERVICE, answer.place - 1 if is_about_one else None)
        return {leaf: value for leaf, value in answer.rows if value is not None and leaf in leaves}

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
        question = _Question(self._where, self._credential, kind, [self._last], how)
        answer = _Loop.shared().ask(question)
        if answer.status == _NO_SUCH_NAME:
            return []  # the end, as SNMP 1 says it
        if answer.status:
            raise Unfit(Answer.OUT_OF_SERVICE)
        return answer.rows[::-1]


class _Question(NamedTuple):
    where: Where
    credential: Credential
    kind: str
    oids: Sequence[str]
    how: Sequence[int] = ()


class _Answer(NamedTuple):
    status: int
    place: int
    rows: list[Row]


class _Library:
    """An engine of the library for one credential; who has answered it."""

    def __init__(self, credential: Credential) -> None:
        from pysnmp.hlapi.v3arch import asyncio as api

        self.engine = api.SnmpEngine()
        self.auth = auth_of(credential)
        self.known: set[tuple[str, int]] = set()
        self.busy = 0
        self.is_over = False

    def close_when_idle(self) -> None:
        """Let go of the sockets, once nobody waits at them."""
        if self.is_over and not self.busy:
            self.engine.close_dispatcher()


class _Loop:
    """The library's loop in a thread of its own, started at first use, ending with the process."""

    _one: _Loop | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_pass_over)
        self._libraries: dict[Credential, _Library] = {}
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        threading.Thread(target=self._loop.run_forever, name="snmp", daemon=True).start()

    @classmethod
    def shared(cls) -> _Loop:
        """Return the only one."""
        with cls._lock:
            if cls._one is None:
                cls._one = cls()
            return cls._one

    def ask(self, question: _Question) -> _Answer:
        """Ask from any thread and wait for what comes back."""
        return asyncio.run_coroutine_threadsafe(self._ask(question), self._loop).result()

    async def _ask(self, question: _Question) -> _Answer:
        async with self._places:
            return await self._ask_now(question)

    async def _ask_now(self, question: _Question) -> _Answer:
        place = question.where[:2]
        library = self._library(question.credential)
        library.busy += 1
        try:
            answer = await _answer(library, question)
            library.known.add(place)
        except Silent:
            if place in library.known and not library.is_over:
                # Of a device that restarted, the library keeps the old clock and number for ever.
                self._end(question.credential)
            raise
        finally:
            library.busy -= 1
            library.close_when_idle()
        return answer

    def _library(self, credential: Credential) -> _Library:
        if credential not in self._libraries:
            while len(self._libraries) >= MOST_LIBRARIES:
                self._end(next(iter(self._libraries)))
            self._libraries[credential] = _Library(credential)
        return self._libraries[credential]

    def _end(self, credential: Credential) -> None:
        library = self._libraries.pop(credential)
        library.is_over = True
        library.close_when_idle()


def _pass_over(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Take what the library raises at a datagram that it cannot read: it was nobody's answer."""
    _log.debug("pysnmp: %r", context.get("exception"))


async def _answer(library: _Library, question: _Question) -> _Answer:
    from pysnmp.error import PySnmpError
    from pysnmp.hlapi.v3arch import asyncio as api

    where = question.where
    kind = api.Udp6TransportTarget if ":" in where.address else api.UdpTransportTarget
    target = await kind.create((where.address, where.port), timeout=KEPT_SECONDS, retries=0)
    asked = [api.ObjectType(api.ObjectIdentity(oid)) for oid in question.oids]
    command = getattr(api, question.kind)
    given = (library.engine, library.auth, target, api.ContextData(), *question.how, *asked)
    asking = asyncio.ensure_future(command(*given, lookupMib=False))
    await asyncio.sleep(0)  # it makes keys of passwords before it sends: that is not waiting
    try:
        problem, status, place, found = await asyncio.wait_for(asking, where.try_seconds)
    except (TimeoutError, OSError):
        raise Silent from None
    except PySnmpError:
        raise Unfit(Answer.GARBAGE) from None
    if problem is not None:
        raise_as_ours(problem)
    return _Answer(int(status), int(place), [(str(name), plain(value)) for name, value in found])
