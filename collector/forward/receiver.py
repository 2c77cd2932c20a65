"""One receiver over HTTP: a connection that is kept, and one request after another on it."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from collector.forward.settings import RemoteWrite

VERSION = "0.1.0"
USER_AGENT = "wanwatch"
CONNECT_SECONDS = 5.0
MAX_ANSWER_BYTES = 4 << 10
SHOWN_CHARACTERS = 200
# A refusal that says nothing of the samples: the same request may be taken later.
MAY_PASS = frozenset({408, 425, 429})
MAX_RETRY_AFTER_SECONDS = 300.0


class Answered(NamedTuple):
    """What became of a request.

    Attributes:
        is_taken: The receiver has it. `may_pass`: it is worth sending again.
        why: In words, without the receiver's address or a credential; empty when taken.
        retry_after_seconds: What the receiver asked for; 0 where it did not.
    """

    is_taken: bool
    may_pass: bool = False
    why: str = ""
    retry_after_seconds: float = 0.0


class Receiver(Protocol):
    """Where requests go."""

    def send(self, body: bytes, now: datetime) -> Answered:
        """Send one request; never raises for what the other side or the line does."""

    def close(self) -> None:
        """Let go of the connection, from whichever thread."""


class HttpReceiver:
    """A receiver at an address; used by one thread at a time, `close` by any."""

    def __init__(self, settings: RemoteWrite) -> None:
        self._settings = settings
        self._address = urlsplit(settings.url)
        self._connection: http.client.HTTPConnection | None = None

    def send(self, body: bytes, now: datetime) -> Answered:
        """Send one request on the connection, which is opened anew where it has gone."""
        try:
            return self._send(body, now)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            self.close()  # the last of these: somebody closed it while it was in use
            return Answered(is_taken=False, may_pass=True, why=_words_of(error))

    def close(self) -> None:
        """Let go of the connection; a request that waits for its answer ends with an error."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(2)
            connection.close()

    def _send(self, body: bytes, now: datetime) -> Answered:
        is_fresh = self._connection is None
        connection = self._connection or self._open()
        target = self._address.path or "/"
        if self._address.query:
            target += f"?{self._address.query}"
        try:
            connection.request("POST", target, body, self._headers())
            response = connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            if is_fresh:
                raise
            self.close()  # it was idle, and the other side let go of it
            return self._send(body, now)
        said = response.read(MAX_ANSWER_BYTES)
        if response.will_close or response.read(1):
            self.close()
        return _answered(response.status, said, response.getheader("Retry-After", ""), now)

    def _open(self) -> http.client.HTTPConnection:
        host, seconds = self._address.hostname or "", CONNECT_SECONDS
        if self._address.scheme == "https":
            context = ssl.create_default_context(cafile=self._settings.ca_file)
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, self._address.port, timeout=seconds, context=context
            )
        else:
            made = http.client.HTTPConnection(host, self._address.port, timeout=seconds)
        made.connect()
        made.sock.settimeout(self._settings.timeout_seconds)
        self._connection = made
        return made

    def _headers(self) -> dict[str, str]:
        """Return the head of a request; credentials are read anew, so that a changed one counts."""
        return {
            **self._settings.headers,
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": VERSION,
            "User-Agent": USER_AGENT,
            **self._settings.authorization(),
        }


def _answered(status: int, said: bytes, retry_after: str, now: datetime) -> Answered:
    """Say what an answer means: 2xx taken, 5xx and a few others again later, the rest refused.

    Source: Prometheus remote-write 1.0, "Retries & Backoff".
    """
    if 200 <= status < 300:
        return Answered(is_taken=True)
    text = "".join(c if c.isprintable() else " " for c in said.decode(errors="replace"))
    why = f"HTTP {status} {text[:SHOWN_CHARACTERS]}".strip()
    may_pass = status >= 500 or status in MAY_PASS
    return Answered(
        is_taken=False,
        may_pass=may_pass,
        why=why,
        retry_after_seconds=_seconds_of(retry_after, now) if may_pass else 0.0,
    )


def _seconds_of(retry_after: str, now: datetime) -> float:
    """Read a Retry-After: seconds, or an instant. Source: RFC 9110 section 10.2.3."""
    text = retry_after.strip()
    if text.isdecimal():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError):
            return 0.0
    return max(0.0, min(MAX_RETRY_AFTER_SECONDS, seconds))


def _words_of(error: Exception) -> str:
    """Return an error of the line in words; a file's name is no secret, a value would be."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror} ({error.filename})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
