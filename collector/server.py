"""uvicorn as a part: it serves on a socket of ours and leaves signals to the composition root."""

from __future__ import annotations

import contextlib
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from collector.report_protocol import ReportProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from collector.report_protocol import Acceptor
    from collector.settings import Settings

KEEP_ALIVE_INTERVALS = 2.5
LONGEST_INTERVAL_SECONDS = 60
GRACE_SECONDS = 2


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Server(uvicorn.Server):
    """A server that ends when `should_exit` is set."""

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


def make(app: ASGIApp, door: Acceptor, settings: Settings) -> Server:
    """Return the server for an application, with a door for reports beside it.

    Raises:
        ListenError: The certificate and the key cannot be used.
    """
    options: dict[str, Any] = {}
    if settings.tls_certificate and settings.tls_key:
        options = {"ssl_certfile": settings.tls_certificate, "ssl_keyfile": settings.tls_key}
    config = uvicorn.Config(
        app,
        http=partial(ReportProtocol, door),  # type: ignore[arg-type]  # called as a class is
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
    return Server(config)
