"""One kept-open connection to the collector; a request ends within its limit, with or without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.delivery import Answer
from agents.http import Address, Connection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from agents.http import Response

LIMIT_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 << 10


class Transport:
    """Posts one body at a time; `abort` may come from another thread.

    Args:
        url: Where reports go, with scheme http or https.
        context: How to trust the collector; needed for https.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        url: str,
        *,
        context: ssl.SSLContext | None,
        monotonic: Callable[[], float],
        limit_seconds: float = LIMIT_SECONDS,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        self._address = Address(parts.hostname or "", port, context if is_tls else None)
        self._where = parts.netloc
        self._path = parts.path
        self._monotonic = monotonic
        self._limit_seconds, self._max_answer_bytes = limit_seconds, max_answer_bytes
        self._over_at = 0.0
        self._connection: Connection | None = None
        self._is_aborted = False

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once and return the answer; whatever goes wrong on the way is one too."""
        self._is_aborted = False
        self._over_at = self._monotonic() + self._limit_seconds
        was_sent = False
        try:
            connection = self._connected()
            if self._is_aborted:
                raise TimeoutError("stopped")
            was_sent = True
            response = connection.post(self._path, body, headers, self._max_answer_bytes)
        except OSError as error:
            self.close()
            return Answer(None, reason=self._reason(error), may_have_arrived=was_sent)
        if response.is_last:
            self.close()
        return _answer(response)

    def abort(self) -> None:
        """Make the request under way end now."""
        self._is_aborted = True
        connection = self._connection
        if connection is not None:
            connection.abort()

    def close(self) -> None:
        """Let go of the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> Connection:
        """Return a connection that the other side has not closed meanwhile."""
        if self._connection is not None and self._connection.has_ended:
            self.close()
        if self._connection is None:
            self._connection = Connection(self._address, self._left_seconds)
            self._connection.open()
        return self._connection

    def _left_seconds(self) -> float:
        return self._over_at - self._monotonic()

    def _reason(self, error: Exception) -> str:
        if self._is_aborted or isinstance(error, TimeoutError):
            return f"{self._where}: no answer within {self._limit_seconds:g} s"
        return f"{self._where}: {str(error) or type(error).__name__}"


def _answer(response: Response) -> Answer:
    return Answer(
        response.status,
        body=_json_object(response.body),
        retry_after_seconds=_seconds(response.headers.get("retry-after")),
    )


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _seconds(text: str | None) -> float | None:
    """Return a Retry-After in seconds; one given as a date is taken as not given."""
    return float(text) if text and text.strip().isdigit() else None
