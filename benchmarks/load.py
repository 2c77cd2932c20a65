"""Sends HTTP requests made beforehand over kept-alive connections, and counts the answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

_END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Sent:
    """What came of it; latencies in seconds, from the write to the last byte of the answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies_seconds: list[float] = field(default_factory=list)
    elapsed_seconds: float = 0.0


class _Client(asyncio.Protocol):
    """One connection: sends its next request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], sent: Sent, done: asyncio.Future[None]) -> None:
        self._requests, self._sent, self._done = requests, sent, done
        self._buffer = b""
        self._began_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(_END_OF_HEAD)
        if not found or len(rest) < _content_length(head):
            return
        self._buffer = b""
        self._sent.statuses[int(head[9:12])] += 1
        self._sent.latencies_seconds.append(time.perf_counter() - self._began_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("closed by the server"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._began_at = time.perf_counter()
            self._transport.write(request)  # type: ignore[attr-defined]
        elif not self._done.done():
            self._done.set_result(None)


def send(
    port: int,
    queues: Sequence[Sequence[bytes]],
    *,
    connections: int,
    tls: ssl.SSLContext | None = None,
) -> Sent:
    """Send every queue in its order, `connections` of them at a time, as fast as answers come."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
        _send(port, queues, connections, tls)
    )


async def _send(
    port: int, queues: Sequence[Sequence[bytes]], connections: int, tls: ssl.SSLContext | None
) -> Sent:
    loop, sent = asyncio.get_running_loop(), Sent()
    shares: list[list[bytes]] = [[] for _ in range(connections)]
    for turn in range(max(map(len, queues))):
        for number, queue in enumerate(queues):
            if turn < len(queue):
                shares[number % connections].append(queue[turn])
    done: list[asyncio.Future[None]] = []
    opened = []
    began_at = time.perf_counter()
    for share in shares:
        future: asyncio.Future[None] = loop.create_future()
        done.append(future)
        requests = iter(share)
        transport, _ = await loop.create_connection(
            lambda requests=requests, future=future: _Client(requests, sent, future),
            "127.0.0.1",
            port,
            ssl=tls,
        )
        opened.append(transport)
    await asyncio.gather(*done)
    sent.elapsed_seconds = time.perf_counter() - began_at
    for transport in opened:
        transport.close()
    return sent


def _content_length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"content-length:")
    digits = after.partition(b"\r\n")[0].strip()
    return int(digits) if digits.isdigit() else 0
