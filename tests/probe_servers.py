"""Small real servers on the loopback interface that a test tells what to say."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A datagram that came -> what goes back, one datagram each.
Says = Callable[[bytes], list[bytes]]
# A connection that was taken; when it returns the connection is closed.
Talks = Callable[[socket.socket], None]
LOOPBACK = "127.0.0.1"


@contextmanager
def udp_server(says: Says) -> Iterator[int]:
    """Answer datagrams; yield the port."""
    over = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((LOOPBACK, 0))
        opened.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    data, peer = opened.recvfrom(65_535)
                    for one in says(data):
                        opened.sendto(one, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield opened.getsockname()[1]
        over.set()
        thread.join(5)


@contextmanager
def tcp_server(talks: Talks, pem: Path | None = None) -> Iterator[int]:
    """Take connections one after the other, with TLS where a PEM is given; yield the port."""
    over = threading.Event()
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    taken, _ = listening.accept()
                    taken.settimeout(2)
                    with contextlib.closing(
                        context.wrap_socket(taken, server_side=True) if context else taken
                    ) as opened:
                        talks(opened)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join(5)


@contextmanager
def nobody(kind: socket.SocketKind) -> Iterator[int]:
    """Yield a port on which nobody listens."""
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.bind((LOOPBACK, 0))
        port = opened.getsockname()[1]
    yield port


def hold(opened: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    with contextlib.suppress(OSError):
        while opened.recv(4_096):
            pass


def say(answer: bytes) -> Talks:
    """Return what reads one request and answers it."""

    def talk(opened: socket.socket) -> None:
        opened.recv(65_536)
        opened.sendall(answer)

    return talk


def drip(answer: bytes, over: threading.Event) -> Talks:
    """Return what answers so slowly, byte by byte, that every wait alone is short."""

    def talk(opened: socket.socket) -> None:
        for position in range(len(answer)):
            if over.wait(0.05):
                return
            opened.sendall(answer[position : position + 1])

    return talk
