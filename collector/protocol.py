"""One HTTP connection with its bounds: counted, its head of a request short and in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import MutableMapping

    from collector.connections import Connections

HEAD_SECONDS = 10.0
MAX_HEAD_BYTES = 32 << 10
# Under this name the connection is in the state of each request's scope.
CONNECTION = "connection"


class BoundedProtocol(HttpToolsProtocol):
    """Gives up on who does not say what they want.

    A head that comes whole, as nearly all do, starts no timer.
    """

    def __init__(self, connections: Connections, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._all = connections
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._is_in_head = self._is_trusted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, or close it at once; its first request has to come in time."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self._all.open(self, address):
            self._expect_head()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no longer."""
        self._head_came()
        self._all.close(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is not whole yet has its time to become so, and its size."""
        super().data_received(data)
        if self._is_in_head:
            if self._head_timer is None:
                self._expect_head()
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._is_too_slow()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Leave the request to the application, which may say that it trusts its sender."""
        self.head_is_whole()
        self.scope["state"][CONNECTION] = self
        super().on_headers_complete()

    def head_is_whole(self) -> None:
        """Stop the clock: from here on the request's own limits hold."""
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_came()

    def give_up(self) -> None:
        """Close it at once, whatever is under way."""
        self.transport.abort()

    def trust(self) -> None:
        """Say that whoever is at the other end has proved who they are."""
        if not self._is_trusted:
            self._is_trusted = True
            self._all.trust(self)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._is_too_slow)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _is_too_slow(self) -> None:
        self._all.too_slow += 1
        self._is_in_head = False
        self._head_came()
        self.give_up()


def trust(scope: MutableMapping[str, Any]) -> None:
    """Say of a request that its sender has proved who they are."""
    connection = scope.get("state", {}).get(CONNECTION)
    if connection is not None:
        connection.trust()
