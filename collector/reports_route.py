"""The door for reports as a plain ASGI route: bounded in bytes and time, then `Door.accept`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Protocol

from agents.report import AGENT_HEADER, MAX_COMPRESSED_BYTES, PATH, SIGNATURE_HEADER
from collector.protocol import trust

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from collector.intake import Answer

BODY_SECONDS = 20.0
# Of all requests together: bodies that are still on their way are held in memory.
MAX_BYTES_UNDER_WAY = 64 << 20
BUSY_RETRY_SECONDS = 5
_AGENT = AGENT_HEADER.lower().encode()
_SIGNATURE = SIGNATURE_HEADER.lower().encode()


class Acceptor(Protocol):
    """The door."""

    async def accept(self, agent: str, signature: str, encoding: str, body: bytes) -> Answer:
        """Take one report."""


class Busy(Exception):
    """Too many bodies are under way at once."""


class ReportsRoute:
    """Serves `POST /api/v1/reports` itself and hands every other request on."""

    def __init__(
        self,
        door: Acceptor,
        rest: ASGIApp,
        *,
        note_unknown: Callable[[str, str], None] = lambda _agent, _address: None,
    ) -> None:
        """Stand before `rest`; `note_unknown` is told id and address of who is not let in."""
        self._door, self._rest = door, rest
        self._note_unknown = note_unknown
        self._bytes_under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._rest(scope, receive, send)
            return
        if scope["method"] != "POST":
            await _answer(send, 405, {"error": "reports are sent by POST"}, [(b"allow", b"POST")])
            return
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._body(headers, receive)
        except TimeoutError:
            reason = f"the body did not arrive within {BODY_SECONDS:g} s"
            await _answer(send, 408, {"error": reason}, [(b"connection", b"close")])
            return
        except Busy:
            more = [(b"connection", b"close"), (b"retry-after", b"%d" % BUSY_RETRY_SECONDS)]
            await _answer(send, 503, {"error": "too many bodies are under way"}, more)
            return
        except ConnectionError:
            return
        if body is None:
            reason = f"the body is larger than {MAX_COMPRESSED_BYTES} bytes"
            await _answer(send, 413, {"error": reason}, [(b"connection", b"close")])
            return
        agent = headers.get(_AGENT, b"").decode("latin-1")
        answer = await self._door.accept(
            agent,
            headers.get(_SIGNATURE, b"").decode("latin-1"),
            headers.get(b"content-encoding", b"").decode("latin-1"),
            body,
        )
        wait = answer.retry_after_seconds
        more = [] if wait is None else [(b"retry-after", str(wait).encode())]
        if answer.status == 202:
            trust(scope)
        if answer.status == 401:  # whoever cannot show a key keeps no connection either
            client = scope.get("client")
            self._note_unknown(agent, client[0] if client else "")
            more.append((b"connection", b"close"))
        await _answer(send, answer.status, answer.body, more)

    async def _body(self, headers: MutableMapping[bytes, bytes], receive: Receive) -> bytes | None:
        """Return the body, or None when it is too large; the rest is then not read.

        Raises:
            Busy: There is no room for it now.
            ConnectionError: The sender went away.
        """
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > MAX_COMPRESSED_BYTES:
            return None
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                self._bytes_under_way += len(part)
                if size > MAX_COMPRESSED_BYTES:
                    return None
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
                if self._bytes_under_way > MAX_BYTES_UNDER_WAY:
                    raise Busy
        finally:
            self._bytes_under_way -= size


async def _answer(send: Send, status: int, body: Any, more: list[tuple[bytes, bytes]]) -> None:
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
