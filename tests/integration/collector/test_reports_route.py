"""The door's ASGI route behind a real server: bounds before anything is read or verified."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from agents.report import MAX_COMPRESSED_BYTES
from collector import server
from collector.connections import Connections
from collector.reports_route import ReportsRoute
from collector.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Said:
    """An answer of the door."""

    status: int = 202
    body: Any = field(default_factory=lambda: {"state": "s"})
    retry_after_seconds: int | None = None


class Door:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str, str, bytes]] = []
        self.says = Said()

    async def accept(self, agent: str, signature: str, encoding: str, body: bytes) -> Said:
        """Keep it."""
        self.given.append((agent, signature, encoding, body))
        return self.says


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything that is not a report."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def door() -> Door:
    """A door that accepts."""
    return Door()


@pytest.fixture
async def port(door: Door) -> AsyncIterator[int]:
    """A running server's port."""
    settings = Settings(listen="127.0.0.1:0")
    listener = server.listen(settings)
    running = server.make(ReportsRoute(door, elsewhere), settings, server.connections_of(settings))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    yield listener.getsockname()[1]
    running.should_exit = True
    await task


async def ask(port: int, request: bytes) -> str:
    """Send raw bytes and return the head of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    finally:
        writer.close()
    return head.decode()


def post(body: bytes, *headers: str, path: str = "/api/v1/reports") -> bytes:
    """Return a POST as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_route_hands_the_report_to_the_door(port: int, door: Door) -> None:
    """Agent, signature, encoding and the raw body arrive as they were sent."""
    headers = ("Content-Length: 2", "X-Agent: a", "X-Signature: c2ln", "Content-Encoding: gzip")

    head = await ask(port, post(b"hi", *headers))

    assert head.startswith("HTTP/1.1 202")
    assert door.given == [("a", "c2ln", "gzip", b"hi")]


async def test_route_passes_retry_after_on(port: int, door: Door) -> None:
    """A door that sheds says when to come again."""
    door.says = Said(503, {"reason": "busy"}, 7)

    head = await ask(port, post(b"", "Content-Length: 0"))

    assert "503" in head
    assert "retry-after: 7" in head.lower()


async def test_route_refuses_a_huge_body_by_its_announcement(port: int, door: Door) -> None:
    """Nothing is read of a body that says it is too large."""
    head = await ask(port, post(b"", f"Content-Length: {MAX_COMPRESSED_BYTES + 1}"))

    assert (head.split()[1], door.given) == ("413", [])


async def test_route_refuses_a_huge_body_that_hides_its_size(port: int, door: Door) -> None:
    """A chunked body is cut off at the limit."""
    chunk = b"40000\r\n" + bytes(0x40000) + b"\r\n"

    head = await ask(port, post(chunk * 5 + b"0\r\n\r\n", "Transfer-Encoding: chunked"))

    assert (head.split()[1], door.given) == ("413", [])


@pytest.mark.parametrize("path", ["/", "/api/v1/reports/", "/api/v1/report"])
async def test_route_leaves_other_paths_alone(port: int, path: str) -> None:
    """Everything else is the application's."""
    assert (await ask(port, post(b"", "Content-Length: 0", path=path))).split()[1] == "299"


async def test_route_takes_only_post(port: int) -> None:
    """A browser that opens the address is told."""
    assert "405" in await ask(port, b"GET /api/v1/reports HTTP/1.1\r\nHost: x\r\n\r\n")


def test_listen_names_an_address_that_is_taken() -> None:
    """The start stops with the address and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(server.ListenError, match=f"cannot listen on {taken}"):
            server.listen(Settings(listen=taken))


@pytest.mark.parametrize("content", ["not a certificate", None])
def test_server_names_the_certificate_that_it_cannot_use(
    tmp_path: Path, content: str | None
) -> None:
    """Known before anything is served or sent, with the files and what they must be."""
    certificate = tmp_path / "server.pem"
    if content is not None:
        certificate.write_text(content)
    settings = Settings(tls_certificate=certificate, tls_key=certificate)

    with pytest.raises(server.ListenError, match=r"server\.pem.*must be PEM files"):
        server.make(lambda: None, settings, Connections(16, 4))  # type: ignore[arg-type]
