"""The ports of the receivers and the loops that read them; what is read is judged elsewhere."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from agents.receivers.gate import plain_address
from agents.receivers.syslog_frames import BadStream, Frames
from agents.receivers.syslog_taken import MALFORMED, TOO_MANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.receivers.syslog_taken import SyslogTaken

MOST_BYTES = 65_535
WAKE_SECONDS = 0.5
MOST_CONNECTIONS, MOST_CONNECTIONS_OF_ONE = 200, 8
IDLE_SECONDS = 3_600.0
# A device that floods must not keep the others from being heard.
MOST_AT_ONCE_BYTES = 16_384


def open_port(what: str, kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    """Return a socket that hears on this port.

    Raises:
        OSError: The port is taken, or ports below 1024 are not ours to take; the text says how.
    """
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    opened = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM and os.name == "posix":  # elsewhere it lets others share it
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        if kind == socket.SOCK_STREAM:
            opened.listen(32)
    except OSError as error:
        opened.close()
        way = "TCP" if kind == socket.SOCK_STREAM else "UDP"
        raise OSError(
            error.errno,
            f"listen for {what} on {way} {address} port {port}: {error.strerror}. Ports below 1024 "
            "need CAP_NET_BIND_SERVICE; or another program has the port",
        ) from error
    opened.settimeout(WAKE_SECONDS)
    return opened


def serve_datagrams(
    opened: socket.socket,
    take: Callable[[bytes, tuple[str, int]], bytes],
    is_over: Callable[[], bool],
) -> None:
    """Take what comes until `is_over`, then close; what cannot be answered is left.

    Args:
        take: Given what came and from where; returns what is answered, or nothing.
    """
    with contextlib.closing(opened):
        while not is_over():
            try:
                data, peer = opened.recvfrom(MOST_BYTES)
            except OSError:
                continue  # nothing came, or an answer of before found nobody
            answer = take(data, (plain_address(peer[0]), peer[1]))
            if answer:
                with contextlib.suppress(OSError):
                    opened.sendto(answer, peer)


class SyslogServer:
    """Reads one UDP port, one TCP port and the connections to it."""

    def __init__(
        self,
        udp: socket.socket,
        tcp: socket.socket,
        taken: SyslogTaken,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._udp, self._tcp, self._taken = udp, tcp, taken
        self._now, self._monotonic = now, monotonic
        self._selector = selectors.DefaultSelector()
        self._connections: dict[socket.socket, _Connection] = {}
        for opened in (udp, tcp):
            opened.setblocking(False)
            self._selector.register(opened, selectors.EVENT_READ)

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Take what comes until `is_over`, then close all."""
        try:
            while not is_over():
                for key, _ in self._selector.select(WAKE_SECONDS):
                    self._look_at(key.fileobj)
                self._close_idle()
        finally:
            for opened in (*self._connections, self._udp, self._tcp):
                opened.close()
            self._selector.close()

    def _look_at(self, opened: object) -> None:
        if opened is self._udp:
            with contextlib.suppress(OSError):
                data, peer = self._udp.recvfrom(MOST_BYTES)
                self._take(data, plain_address(peer[0]))
        elif opened is self._tcp:
            self._accept()
        elif isinstance(opened, socket.socket) and opened in self._connections:
            self._read(opened, self._connections[opened])

    def _take(self, data: bytes, address: str) -> None:
        self._taken.take(data, address, self._now(), self._monotonic())

    def _accept(self) -> None:
        try:
            opened, peer = self._tcp.accept()
        except OSError:
            return  # it went away meanwhile
        address = plain_address(peer[0])
        held = [one.address for one in self._connections.values()]
        is_full = len(held) >= MOST_CONNECTIONS or held.count(address) >= MOST_CONNECTIONS_OF_ONE
        if not self._taken.knows(address) or is_full:
            if is_full:
                self._taken.count(TOO_MANY)
            opened.close()
            return
        opened.setblocking(False)
        self._connections[opened] = _Connection(address, self._monotonic())
        self._selector.register(opened, selectors.EVENT_READ)

    def _read(self, opened: socket.socket, connection: _Connection) -> None:
        try:
            data = opened.recv(MOST_AT_ONCE_BYTES)
            for message in connection.frames.feed(data):
                self._take(message, connection.address)
        except BlockingIOError:
            return
        except BadStream:
            self._taken.count(MALFORMED)
            data = b""
        except OSError:
            data = b""
        connection.heard_at = self._monotonic()
        if not data:
            self._close(opened)

    def _close(self, opened: socket.socket) -> None:
        self._selector.unregister(opened)
        del self._connections[opened]
        opened.close()

    def _close_idle(self) -> None:
        over = self._monotonic() - IDLE_SECONDS
        for opened in [one for one, c in self._connections.items() if c.heard_at < over]:
            self._close(opened)


class _Connection:
    """Whose connection it is, what of a message came, and when the last of it did."""

    __slots__ = ("address", "frames", "heard_at")

    def __init__(self, address: str, heard_at: float) -> None:
        self.address, self.heard_at = address, heard_at
        self.frames = Frames()
