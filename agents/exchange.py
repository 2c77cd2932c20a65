"""One question over UDP or TCP within a time limit, and what came of it."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from agents.answer import Answer
from agents.check import SourceError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

T = TypeVar("T")
# Somebody on the way, or our own system, says that there is no way to it.
NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT})
BROKEN_OFF = frozenset({errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE})
MOST_DATAGRAM_BYTES = 65_535


class Outcome(NamedTuple, Generic[T]):
    """What came of a question: `found` where it was an answer to it, after how many seconds."""

    answer: Answer
    found: T | None = None
    seconds: float | None = None


def answer_of(error: OSError, what: str) -> Answer:
    """Return what a failure says of the other side.

    Raises:
        SourceError: It says nothing of it: this host cannot ask.
    """
    if isinstance(error, TimeoutError) or error.errno in NO_WAY:
        return Answer.SILENT
    if isinstance(error, ConnectionRefusedError):
        return Answer.REFUSED
    if error.errno in BROKEN_OFF:
        return Answer.GARBAGE
    raise SourceError(f"{what}: {error.strerror or error}. This host cannot ask it") from error


def family_of(address: str) -> socket.AddressFamily:
    """Return the family of an IP address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ask_udp(
    where: tuple[str, int],
    question: Callable[[tuple[str, int]], bytes],
    read: Callable[[bytes], T | None],
    *,
    tries_at: Sequence[float],
    limit_seconds: float,
    monotonic: Callable[[], float],
) -> Outcome[T]:
    """Ask, again at each of `tries_at` (seconds from the start), until `read` takes an answer.

    Args:
        question: Makes the datagram from our own address and port.
        read: Returns None for what is no answer to it; waiting goes on, and in the end it was
            garbage, unless an answer came as well.

    Raises:
        SourceError: This host cannot ask.
    """
    what = f"ask {where[0]} UDP port {where[1]}"
    left_out = Answer.SILENT
    with socket.socket(family_of(where[0]), socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(where)
            data = question(asking.getsockname()[:2])
            started_at = monotonic()
            for number in range(len(tries_at)):
                asking.send(data)
                until = tries_at[number + 1] if number + 1 < len(tries_at) else limit_seconds
                while (left := started_at + until - monotonic()) > 0:
                    asking.settimeout(left)
                    try:
                        came = asking.recv(MOST_DATAGRAM_BYTES)
                    except TimeoutError:
                        break
                    found = read(came)
                    if found is not None:
                        return Outcome(Answer.RIGHT, found, monotonic() - started_at)
                    left_out = Answer.GARBAGE
        except OSError as error:
            return Outcome(answer_of(error, what))
    return Outcome(left_out)


class Stream:
    """A TCP connection whose every wait is within what is left.

    Raises:
        OSError: From any method: it failed, or the time is over (TimeoutError).
    """

    def __init__(self, left_seconds: Callable[[], float]) -> None:
        self._left_seconds = left_seconds
        self.socket: socket.socket | None = None

    def open(
        self, where: tuple[str, int], context: ssl.SSLContext | None = None, name: str = ""
    ) -> tuple[str, int]:
        """Connect, with TLS where a context is given; return our own address and port."""
        opened = self.socket = socket.socket(family_of(where[0]), socket.SOCK_STREAM)
        opened.settimeout(self._left())
        opened.connect(where)
        if context is not None:
            opened.settimeout(self._left())
            self.socket = context.wrap_socket(opened, server_hostname=name or None)
        local: tuple[str, int] = self.socket.getsockname()[:2]
        return local

    def send(self, data: bytes) -> None:
        """Send all of it."""
        opened = self._opened()
        opened.settimeout(self._left())
        opened.sendall(data)

    def receive(self, most_bytes: int) -> bytes:
        """Return what comes next; nothing at the end of the connection."""
        opened = self._opened()
        opened.settimeout(self._left())
        return opened.recv(most_bytes)

    def close(self) -> None:
        """Let go of the connection."""
        if self.socket is not None:
            self.socket.close()

    def _opened(self) -> socket.socket:
        if self.socket is None:
            raise ConnectionError("not connected")
        return self.socket

    def _left(self) -> float:
        left = self._left_seconds()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def left_of(limit_seconds: float, monotonic: Callable[[], float]) -> Callable[[], float]:
    """Return what tells how much of a limit that begins now is left."""
    until = monotonic() + limit_seconds
    return lambda: until - monotonic()


def trusting_context() -> ssl.SSLContext:
    """Return a context that shows whatever there is, however old and whoever signed it."""
    import ssl  # only where TLS is asked for

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    return context


def answer_of_tls(error: OSError, what: str) -> Answer:
    """Return what a failure says where TLS is spoken: no agreement on keys is its own answer.

    Raises:
        SourceError: It says nothing of the other side.
    """
    import ssl

    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Answer.NO_HANDSHAKE
    if isinstance(error, ssl.SSLError):
        is_other = error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
        return Answer.GARBAGE if is_other else Answer.NO_HANDSHAKE
    return answer_of(error, what)
