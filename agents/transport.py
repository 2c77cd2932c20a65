"""One kept-open connection to the collector; a request ends within its limit, with or without."""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.delivery import Answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

LIMIT_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 << 10


class Transport:
    """Posts one body at a time; `abort` may come from another thread.

    Args:
        url: Where reports go, with scheme http or https.
        context: How to trust the collector; needed for https.
    """

    def __init__(
        self, url: str, *, context: ssl.SSLContext | None, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._path = parts.path
        self._is_tls = parts.scheme == "https"
        self._context = context
        self._limit_seconds = limit_seconds
        self._connection: http.client.HTTPConnection | None = None
        self._is_aborted = False

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once and return the answer; whatever goes wrong on the way is one too."""
        self._is_aborted = False
        timer = threading.Timer(self._limit_seconds, self.abort)
        timer.daemon = True
        timer.start()
        was_sent = False
        try:
            connection = self._connected()
            if self._is_aborted:
                raise TimeoutError("timed out")  # the name server was that slow
            was_sent = True
            connection.request("POST", self._path, body, dict(headers))
            return self._read(connection)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Answer(None, reason=self._reason(error), may_have_arrived=was_sent)
        finally:
            timer.cancel()

    def abort(self) -> None:
        """Make the request under way end now."""
        self._is_aborted = True
        sock = self._connection.sock if self._connection else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        """Return a connection that the other side has not closed meanwhile."""
        if self._connection is not None and _is_readable(self._connection.sock):
            self.close()
        if self._connection is None:
            self._connection = self._new_connection()
            self._connection.connect()
        return self._connection

    def _new_connection(self) -> http.client.HTTPConnection:
        if self._is_tls:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._limit_seconds, context=self._context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._limit_seconds)

    def _read(self, connection: http.client.HTTPConnection) -> Answer:
        response = connection.getresponse()
        content = response.read(MAX_ANSWER_BYTES + 1)
        if len(content) > MAX_ANSWER_BYTES or response.will_close:
            self.close()
        return Answer(
            response.status,
            body=_json_object(content),
            retry_after_seconds=_seconds(response.getheader("Retry-After")),
        )

    def _reason(self, error: Exception) -> str:
        where = f"{self._host}:{self._port}" if self._port else self._host
        if self._is_aborted or isinstance(error, TimeoutError):
            return f"{where}: no answer within {self._limit_seconds:g} s"
        return f"{where}: {str(error) or type(error).__name__}"


def _is_readable(sock: socket.socket | None) -> bool:
    """Between two requests there is nothing to read but the end of the connection."""
    if sock is None:
        return True
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _seconds(text: str | None) -> float | None:
    """Return a Retry-After in seconds; one given as a date is taken as not given."""
    return float(text) if text and text.strip().isdigit() else None
