"""One kept-alive HTTP/1.1 connection: bytes of a request in, what came back out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agents.delivery import Answer

if TYPE_CHECKING:
    import ssl

PORTS = {"http": 80, "https": 443}
ANSWER_SECONDS = 30.0
MOST_BYTES = 1 << 16


class NotAnAddress(ValueError):
    """The address of the collector cannot be used."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the collector listens; `tls` None means plain HTTP."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        """Return it as a Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(url: str, tls: ssl.SSLContext) -> Address:
    """Return the address of a URL.

    Raises:
        NotAnAddress: It is not `http://HOST[:PORT]` or `https://HOST[:PORT]`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        parts, port = urlsplit(""), 0
    if not parts.hostname:
        raise NotAnAddress(f"{url!r}: write http://HOST:PORT or https://HOST:PORT")
    return Address(parts.hostname, port, tls if parts.scheme == "https" else None)


class Connection:
    """Opens itself when needed, and again after it broke."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the next request goes over a connection that is there already."""
        return self._streams is not None

    async def send(self, request: bytes) -> Answer:
        """Return the answer; no answer within 30 s, or a broken line, is one too."""
        is_reused = self.is_open
        answer = await self._try(request)
        if answer.status is None and is_reused:  # closed by the other end while it was idle
            answer = await self._try(request)
        return answer

    def close(self) -> None:
        """Close it; the next request opens it again."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _try(self, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(
                        self._address.host,
                        self._address.port,
                        ssl=self._address.tls,
                        limit=MOST_BYTES,
                    )
                reader, writer = self._streams
                writer.write(request)
                return await self._answer(reader)
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
            self.close()
            return Answer(None, reason=f"{type(error).__name__}: {error}")

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        """Raise ValueError where the answer is not HTTP with a Content-Length."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        status = int(head[0].split(" ", 2)[1])
        content = await reader.readexactly(min(int(headers.get("content-length", "")), MOST_BYTES))
        if headers.get("connection") == "close":
            self.close()
        wait = headers.get("retry-after", "")
        body = json.loads(content)
        return Answer(
            status,
            body if isinstance(body, dict) else None,
            float(wait) if wait.isdigit() else None,
        )
