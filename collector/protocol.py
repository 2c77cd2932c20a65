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
    """Gives up on who does not say what they want; `all_connections` is set by `bounded`."""

    all_connections: Connections
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, or close it at once; its first request has to come in time."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self.all_connections.open(self, address):
            self._expect_head()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no longer."""
        self._head_came()
        self.all_connections.close(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Let a head that has begun come to its end in time, and not too long."""
        if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_head()
        super().data_received(data)
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._too_slow()

    def on_message_begin(self) -> None:
        """Let the request know on which connection it came."""
        super().on_message_begin()
        self.scope["state"][CONNECTION] = self

    def on_headers_complete(self) -> None:
        """Stop the clock: from here on the request's own limits hold."""
        self._head_came()
        super().on_headers_complete()

    def give_up(self) -> None:
        """Close it at once, whatever is under way."""
        self.transport.abort()

    def trust(self) -> None:
        """Say that whoever is at the other end has proved who they are."""
        self.all_connections.trust(self)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self.all_connections.too_slow += 1
        self._head_came()
        self.give_up()


def bounded(connections: Connections) -> type[BoundedProtocol]:
    """Return the protocol of a server whose connections are counted there."""
    return type("Bounded", (BoundedProtocol,), {"all_connections": connections})


def trust(scope: MutableMapping[str, Any]) -> None:
    """Say of a request that its sender has proved who they are."""
    connection = scope.get("state", {}).get(CONNECTION)
    if connection is not None:
        connection.trust()
