"""uvicorn as a part: it serves on a socket of ours and leaves signals to the composition root."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from loguru import logger

from collector.connections import Connections
from collector.report_protocol import ReportProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from collector.report_protocol import Acceptor
    from collector.settings import Settings

KEEP_ALIVE_INTERVALS = 2.5
LONGEST_INTERVAL_SECONDS = 60
GRACE_SECONDS = 2
HANDSHAKE_SECONDS = 10
# Files that are open beside connections: database, journal, logs, what goes out.
OTHER_FILES = 256


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Server(uvicorn.Server):
    """A server that ends when `should_exit` is set.

    Attributes:
        connections: The open ones, bounded.
        is_listening: Set when it is.
    """

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.connections, self.is_listening = connections, asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on our sockets; a TLS handshake has to end in time, too."""
        loop, protocol = asyncio.get_running_loop(), cast("Any", self.config.http_protocol_class)
        options: dict[str, Any] = {"backlog": self.config.backlog}
        if self.config.ssl is not None:
            options |= {"ssl": self.config.ssl, "ssl_handshake_timeout": HANDSHAKE_SECONDS}
        self.servers = [
            await loop.create_server(
                partial(protocol, config=self.config, server_state=self.server_state, app_state={}),
                sock=listener,
                **options,
            )
            for listener in sockets or []
        ]
        self.started = True
        self.is_listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the composition root ends all parts in order."""
        yield


def listen(settings: Settings) -> socket.socket:
    """Open the socket, so that a taken address is known before anything else starts.

    Raises:
        ListenError: The address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ListenError(
            f"cannot listen on {settings.listen}: {error.strerror or error}. Stop what listens "
            "there, or choose another address with --listen."
        ) from error
    listener.setblocking(False)
    return listener


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Return the address a local program reaches the server at."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - replaced here
    return f"{settings.scheme}://{host}:{port}"


def most_connections(wanted: int) -> int:
    """Return how many connections this process may hold, after asking for as many as it may."""
    allowed = max(1, open_files() - OTHER_FILES)
    if allowed < wanted:
        logger.warning(
            "the system allows {} open files: at most {} connections instead of {}; raise the "
            "limit (LimitNOFILE)", allowed + OTHER_FILES, allowed, wanted,
        )  # fmt: skip
    return min(wanted, allowed)


def connections_of(settings: Settings) -> Connections:
    """Return the bounds of a server's connections."""
    most = most_connections(settings.max_connections)
    return Connections(most, settings.max_connections_per_address)


def make(
    app: ASGIApp,
    door: Acceptor,
    settings: Settings,
    connections: Connections,
    *,
    note_unknown: Callable[[str, str], None] = lambda _agent, _address: None,
) -> Server:
    """Return the server for an application, with a door for reports beside it.

    Args:
        note_unknown: Told the id and the address of who is not let in.

    Raises:
        ListenError: The certificate and the key cannot be used.
    """
    options: dict[str, Any] = {}
    if settings.tls_certificate and settings.tls_key:
        options = {"ssl_certfile": settings.tls_certificate, "ssl_keyfile": settings.tls_key}
    config = uvicorn.Config(
        app,
        http=partial(ReportProtocol, door, connections, note_unknown),  # type: ignore[arg-type]  # called as a class is
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=int(KEEP_ALIVE_INTERVALS * LONGEST_INTERVAL_SECONDS),
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
    try:
        config.load()
    except OSError as error:  # an error of TLS is one, too
        raise ListenError(
            f"cannot serve TLS with tls_certificate {settings.tls_certificate} and tls_key "
            f"{settings.tls_key}: {error}. Both must be PEM files that belong together."
        ) from error
    return Server(config, connections)


if sys.platform == "win32":

    def open_files() -> int:
        """Return how many files this process may have open."""
        return 1 << 20
else:
    import resource

    def open_files() -> int:
        """Return how many files this process may have open: all that its administrator allows."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        return 1 << 20 if soft == resource.RLIM_INFINITY else soft
