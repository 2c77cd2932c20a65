"""The door's side of HTTP: one request of an agent after the other, without an application between.

It stands on uvicorn's connection and parser. A report is bounded in bytes and time, handed to the
door, and answered when the door says so; every other request goes to the application.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from agents.report import AGENT_HEADER, MAX_COMPRESSED_BYTES, PATH, SIGNATURE_HEADER
from collector.intake import Answer
from collector.protocol import BoundedProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from collector.connections import Connections

BODY_SECONDS = 20.0
# Of all connections together: parts of bodies that are still on their way are held in memory.
MAX_BYTES_UNDER_WAY = 64 << 20
BUSY_RETRY_SECONDS = 5
_PATH = PATH.encode()
_AGENT = AGENT_HEADER.lower().encode()
_SIGNATURE = SIGNATURE_HEADER.lower().encode()
_encode = msgspec.json.Encoder().encode


class Acceptor(Protocol):
    """The door."""

    def submit(
        self,
        agent: str,
        signature: str,
        encoding: str,
        body: bytes,
        reply: Callable[[Answer], None],
    ) -> None:
        """Take one report; `reply` is called once, now or when the report is durable."""


class Exchange:
    """One report and its answer; the connection treats it as it does its own exchanges.

    Attributes:
        under_way: How many of its bytes are counted as being under way.
        message_event: Itself: nobody waits for the parts of a body here.
    """

    __slots__ = (
        "disconnected", "headers", "keep_alive", "parts", "response_complete", "size", "under_way",
    )  # fmt: skip

    def __init__(self, headers: dict[bytes, bytes], *, keep_alive: bool) -> None:
        self.headers, self.keep_alive = headers, keep_alive
        self.parts: list[bytes] = []
        self.size = self.under_way = 0
        self.response_complete = self.disconnected = False

    @property
    def message_event(self) -> Exchange:
        return self

    def set(self) -> None:
        """Do nothing: see `message_event`."""

    def header(self, name: bytes) -> str:
        """Return a header's value, empty where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def announced_bytes(self) -> int:
        """Return how long the body says it is; beyond the limit when it says nonsense."""
        announced = self.headers.get(b"content-length", b"0")
        return int(announced) if announced.isdigit() else MAX_COMPRESSED_BYTES + 1


class ReportProtocol(BoundedProtocol):
    """A connection that knows the door; made anew for each.

    Args:
        note_unknown: Told the id and the address of who is not let in.
    """

    def __init__(
        self,
        door: Acceptor,
        connections: Connections,
        note_unknown: Callable[[str, str], None],
        **uvicorn: Any,
    ) -> None:
        super().__init__(connections, **uvicorn)
        self._door, self._note_unknown = door, note_unknown
        self._exchange: Exchange | None = None
        self._body_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Read on; a report that is not whole yet has its time to become so."""
        super().data_received(data)
        exchange = self._exchange
        if exchange is None:
            return
        if self._body_timer is None:
            self._body_timer = self.loop.call_later(BODY_SECONDS, self._too_slow)
        self._all.bytes_under_way += exchange.size - exchange.under_way
        exchange.under_way = exchange.size
        if self._all.bytes_under_way > MAX_BYTES_UNDER_WAY:
            self._end_of_body()
            said = Answer(503, {"error": "too many bodies are under way"}, BUSY_RETRY_SECONDS)
            self._answer(exchange, said, close=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what was not whole."""
        self._end_of_body()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        """Take a report's head, or leave the request to the application."""
        if self.url.partition(b"?")[0] != _PATH:
            super().on_headers_complete()
            return
        self.head_is_whole()
        if self.cycle is not None and not self.cycle.response_complete:
            self.send_400_response("One request at a time, please.")
            return
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        exchange = Exchange(dict(self.headers), keep_alive=keep_alive)
        self.cycle = exchange  # type: ignore[assignment]
        if self.parser.get_method() != b"POST":
            self._answer(exchange, Answer(405, {"error": "reports are sent by POST"}), close=True)
        elif exchange.announced_bytes > MAX_COMPRESSED_BYTES:
            self._too_large(exchange)
        else:
            self._exchange = exchange
            if self.expect_100_continue:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Keep a part of a report."""
        exchange = self._exchange
        if exchange is None:
            super().on_body(body)
            return
        exchange.parts.append(body)
        exchange.size += len(body)
        if exchange.size > MAX_COMPRESSED_BYTES:
            self._end_of_body()
            self._too_large(exchange)

    def on_message_complete(self) -> None:
        """Hand a whole report to the door."""
        exchange = self._exchange
        if exchange is None:
            super().on_message_complete()
            return
        self._end_of_body()
        parts = exchange.parts
        self._door.submit(
            exchange.header(_AGENT),
            exchange.header(_SIGNATURE),
            exchange.header(b"content-encoding"),
            parts[0] if len(parts) == 1 else b"".join(parts),
            partial(self._answer, exchange),
        )

    def _end_of_body(self) -> None:
        if self._exchange is not None:
            self._all.bytes_under_way -= self._exchange.under_way
            self._exchange = None
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _too_large(self, exchange: Exchange) -> None:
        reason = f"the body is larger than {MAX_COMPRESSED_BYTES} bytes"
        self._answer(exchange, Answer(413, {"error": reason}), close=True)

    def _too_slow(self) -> None:
        exchange = self._exchange
        self._end_of_body()
        if exchange is not None:
            reason = f"the body did not arrive within {BODY_SECONDS:g} s"
            self._answer(exchange, Answer(408, {"error": reason}), close=True)

    def _answer(self, exchange: Exchange, answer: Answer, *, close: bool = False) -> None:
        exchange.response_complete = True
        if exchange.disconnected or self.transport.is_closing():
            return
        if answer.status == 202:
            self.trust()
        elif answer.status == 401:  # whoever cannot show a key keeps no connection either
            self._note_unknown(exchange.header(_AGENT), self.client[0] if self.client else "")
            close = True
        close = close or not exchange.keep_alive
        content = _encode(answer.body)
        parts = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            parts += [name, b": ", value, b"\r\n"]
        parts.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(content))
        if answer.retry_after_seconds is not None:
            parts.append(b"retry-after: %d\r\n" % answer.retry_after_seconds)
        if answer.status == 405:
            parts.append(b"allow: POST\r\n")
        parts += [b"connection: close\r\n\r\n" if close else b"\r\n", content]
        self.transport.write(b"".join(parts))
        if close:
            self.transport.close()
        else:
            self.on_response_complete()
