"""The little of HTTP/1.1 that a report needs, over one connection; RFC 9112.

The standard library's client brings the parsers of e-mail with it: 3 MiB in each agent.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

MAX_HEAD_BYTES = 64 << 10
PIECE_BYTES = 16 << 10
# Not all that Python takes for a digit, and not more of them than it converts.
_DIGITS = re.compile("[0-9]{1,18}")


class BadAnswer(OSError):
    """What came back is not HTTP, or ended in the middle."""


class Response(NamedTuple):
    """An answer; names of headers in small letters.

    Attributes:
        body: At most as many bytes as were asked for and one.
        is_last: The connection cannot be used again.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    is_last: bool


class Address(NamedTuple):
    """Where a server listens; with `context` it speaks TLS, and `site` is whom it speaks for."""

    host: str
    port: int
    context: ssl.SSLContext | None
    site: str = ""

    @property
    def name(self) -> bytes:
        """The host's name in ASCII; as bytes, so that no table of Unicode is loaded for it."""
        return _ascii(self.host)

    @property
    def site_name(self) -> bytes:
        """The name that is spoken of in TLS and in `Host`: the site's, else the host's."""
        return _ascii(self.site or self.host)

    @property
    def header(self) -> str:
        """The value of `Host`."""
        shown = self.site or self.host
        name = f"[{shown}]" if ":" in shown else self.site_name.decode()
        return name if self.port == (443 if self.context else 80) else f"{name}:{self.port}"


def _ascii(name: str) -> bytes:
    return name.encode("ascii" if name.isascii() else "idna")


class Connection:
    """One connection; one request at a time, each within the time that is left for it.

    Args:
        left_seconds: How long the request under way may still take; asked before each wait.

    Raises:
        OSError: From any method: the connection failed, or the time is over (TimeoutError).
    """

    def __init__(self, address: Address, left_seconds: Callable[[], float]) -> None:
        self._address, self._left_seconds = address, left_seconds
        self._socket: socket.socket | None = None
        self._received = b""

    def open(self) -> None:
        """Connect, and agree on keys where TLS is spoken."""
        where = (self._address.name, self._address.port)
        plain = socket.create_connection(where, self._timeout())  # type: ignore[arg-type]
        self._socket = plain
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._address.context is not None:
            plain.settimeout(self._timeout())
            self._socket = self._address.context.wrap_socket(
                plain, server_hostname=self._address.site_name
            )

    @property
    def has_ended(self) -> bool:
        """Whether the other side closed it: between two requests there is nothing else to read."""
        try:
            return bool(select.select([self._open_socket], [], [], 0)[0])
        except (OSError, ValueError):
            return True

    @property
    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("not connected")
        return self._socket

    @property
    def certificate(self) -> bytes:
        """What the other side showed, in DER; nothing where no TLS is spoken."""
        shown = getattr(self._open_socket, "getpeercert", None)
        return (shown(binary_form=True) or b"") if shown else b""

    def abort(self) -> None:
        """Make the request under way end now; may come from another thread."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def post(self, path: str, body: bytes, headers: Mapping[str, str], most_bytes: int) -> Response:
        """Send a request and return the answer, of whose body at most `most_bytes` and one more."""
        return self._ask(
            "POST", path, {**headers, "Content-Length": str(len(body))}, body, most_bytes
        )

    def get(self, path: str, headers: Mapping[str, str], most_bytes: int) -> Response:
        """Ask for a page; the rest as `post`."""
        return self._ask("GET", path, headers, b"", most_bytes)

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, most_bytes: int
    ) -> Response:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address.header}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""])
        self._open_socket.settimeout(self._timeout())
        self._open_socket.sendall(head.encode("latin-1") + body)
        return self._response(most_bytes)

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()

    def _timeout(self) -> float:
        left = self._left_seconds()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _receive(self) -> bool:
        """Wait for more; False at the end of the connection."""
        self._open_socket.settimeout(self._timeout())
        piece = self._open_socket.recv(PIECE_BYTES)
        self._received += piece
        return bool(piece)

    def _response(self, most_bytes: int) -> Response:
        while True:
            version, status, headers = self._head()
            if status >= 200:  # what is below announces that there is more to come
                break
        closes = headers.get("connection", "").lower()
        is_last = "close" in closes or (version == "HTTP/1.0" and "keep-alive" not in closes)
        if status in (204, 304):
            return Response(status, headers, b"", is_last)
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body, is_whole = self._chunks(most_bytes)
        elif _DIGITS.fullmatch(headers.get("content-length", "")):
            length = int(headers["content-length"])
            body, is_whole = self._take(min(length, most_bytes + 1)), length <= most_bytes
        else:
            body, is_whole = self._to_the_end(most_bytes), False
        return Response(status, headers, body, is_last or not is_whole)

    def _head(self) -> tuple[str, int, dict[str, str]]:
        lines, length = [], 0
        while line := self._line():
            lines.append(line)
            length += len(line)
            if length > MAX_HEAD_BYTES:
                raise BadAnswer("a head of more than 64 KiB")
        version, _, rest = lines[0].partition(" ") if lines else ("", "", "")
        status = rest[:3]
        if not version.startswith("HTTP/1.") or not _DIGITS.fullmatch(status):
            raise BadAnswer(f"not HTTP: {lines[0][:60] if lines else ''!r}")
        pairs = (line.partition(":") for line in lines[1:])
        headers: dict[str, str] = {}
        for name, _, value in pairs:
            key = name.strip().lower()
            # Of all others the last one counts; each cookie is one of its own.
            before = f"{headers[key]}, " if key == "set-cookie" and key in headers else ""
            headers[key] = before + value.strip()
        return version, int(status), headers

    def _line(self) -> str:
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > MAX_HEAD_BYTES or not self._receive():
                raise BadAnswer("the answer ended in its head")
        line, self._received = self._received[:end], self._received[end + 1 :]
        return line.decode("latin-1").rstrip("\r")

    def _take(self, length: int) -> bytes:
        while len(self._received) < length:
            if not self._receive():
                raise BadAnswer("the answer ended in its body")
        body, self._received = self._received[:length], self._received[length:]
        return body

    def _chunks(self, most_bytes: int) -> tuple[bytes, bool]:
        body = b""
        while True:
            size = self._line().partition(";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError as error:
                raise BadAnswer(f"a chunk of size {size[:20]!r}") from error
            if length < 0:
                raise BadAnswer(f"a chunk of size {size[:20]!r}")
            if length == 0:
                while self._line():
                    pass  # trailers
                return body, True
            body += self._take(min(length, most_bytes + 1 - len(body)))
            if len(body) > most_bytes:
                return body, False
            self._line()

    def _to_the_end(self, most_bytes: int) -> bytes:
        while len(self._received) <= most_bytes and self._receive():
            pass
        return self._received[: most_bytes + 1]
