"""Takes remote-write requests and keeps nothing: what a sender costs beside it is the sender's.

Run: python -m benchmarks.null_receiver PORT   (any GET answers how many requests and bytes came)
"""

from __future__ import annotations

import asyncio
import re
import sys

import uvloop

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Counting(asyncio.Protocol):
    """One connection; reads each request to its end and answers 204."""

    requests = body_bytes = 0

    def __init__(self) -> None:
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(_END_OF_HEAD)) >= 0:
            head = bytes(self._buffer[:end])
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(self._buffer) < end + len(_END_OF_HEAD) + length:
                return
            del self._buffer[: end + len(_END_OF_HEAD) + length]
            self._answer(head, length)

    def _answer(self, head: bytes, length: int) -> None:
        if head.startswith(b"POST"):
            Counting.requests += 1
            Counting.body_bytes += length
            self._transport.write(_TAKEN)  # type: ignore[attr-defined]
            return
        said = f"{Counting.requests} {Counting.body_bytes}".encode()
        self._transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
        )


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Counting, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
