"""Asks a target whether it is there, from the collector's own place: TCP, or an ICMP echo."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import struct
from typing import TYPE_CHECKING

from collector.outages.topology import State

if TYPE_CHECKING:
    from collector.targets.targets import Target

ATTEMPTS = 3
ATTEMPT_SECONDS = 1.5
# Source: RFC 792 (type 8, code 0) and RFC 4443 section 4.1 (type 128).
ECHO_REQUEST, ECHO_REQUEST_6 = 8, 128
# The answer of somebody on the way, or of our own system about a neighbour that is not there.
UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN})


class CollectorProber:
    """Asks up to three times; a refused connection is an answer, too."""

    def __init__(self, *, attempt_seconds: float = ATTEMPT_SECONDS) -> None:
        self._attempt_seconds = attempt_seconds

    async def probe(self, target: Target) -> State:
        """Return how a target is; unknown where it is our own side that cannot ask."""
        for attempt in range(ATTEMPTS):
            try:
                async with asyncio.timeout(self._attempt_seconds):
                    await self._ask(target, attempt)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                return State.UP
            except OSError as error:
                return State.DOWN if error.errno in UNREACHABLE else State.UNKNOWN
            return State.UP
        return State.DOWN

    async def _ask(self, target: Target, attempt: int) -> None:
        if not target.port:
            await _echo(target.address, attempt)
            return
        _, writer = await asyncio.open_connection(target.address, target.port)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _echo(address: str, number: int) -> None:
    """Send an echo request and wait for its reply.

    Raises:
        OSError: The system does not let this process ask, or somebody answered for the target.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)
    family, _, _, _, where = found[0]
    is_new = family == socket.AF_INET6
    protocol = socket.IPPROTO_ICMPV6 if is_new else socket.IPPROTO_ICMP
    with socket.socket(family, socket.SOCK_DGRAM, protocol) as asking:
        asking.setblocking(False)
        asking.connect(where)  # of a datagram socket: nothing is sent, nothing waited for
        # The system fills in identifier and checksum of such a socket.
        request = struct.pack(
            "!BBHHH", ECHO_REQUEST_6 if is_new else ECHO_REQUEST, 0, 0, 0, number + 1
        )
        await loop.sock_sendall(asking, request + b"wanwatch")
        await loop.sock_recv(asking, 256)
