"""The door's connections on a real server: bounds before anything is read or verified."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from agents.report import MAX_COMPRESSED_BYTES
from collector import report_protocol, server
from collector.connections import Connections
from collector.intake import Answer
from collector.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


class Door:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str, str, bytes]] = []
        self.says = Answer(202, {"state": "s"})
        self.asked = asyncio.Event()
        self.waiting: list[Callable[[Answer], None]] | None = None

    def submit(
        self,
        agent: str,
        signature: str,
        encoding: str,
        body: bytes,
        reply: Callable[[Answer], None],
    ) -> None:
        """Keep it; answer at once, or keep the answer too."""
        self.given.append((agent, signature, encoding, body))
        self.asked.set()
        if self.waiting is None:
            reply(self.says)
        else:
            self.waiting.append(reply)


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything that is not a report."""
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 299, "headers": headers})
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
    running = server.make(elsewhere, door, settings, Connections(16, 4))
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
    door.says = Answer(503, {"reason": "busy"}, 7)

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


async def test_connection_carries_reports_and_pages_in_turn(port: int, door: Door) -> None:
    """An agent keeps its connection, and so does a proxy that carries both."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for path in ("/api/v1/reports", "/", "/api/v1/reports"):
        writer.write(post(b"hi", "Content-Length: 2", path=path))
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode()
        found.append(head.split()[1])
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].split()[0]))
    writer.close()

    assert found == ["202", "299", "202"]
    assert len(door.given) == 2


async def test_body_may_come_in_pieces(port: int, door: Door) -> None:
    """However the network cuts a report, the door has it whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in (b"POST /api/v1/rep", b"orts HTTP/1.1\r\nContent-Length: 4\r\n", b"\r\nab", b"cd"):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()

    assert b" 202 " in head
    assert [given[3] for given in door.given] == [b"abcd"]


async def test_body_that_does_not_come_is_not_waited_for(
    port: int, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow sender is told and let go; it holds a connection no longer than allowed."""
    monkeypatch.setattr(report_protocol, "BODY_SECONDS", 0.05)

    head = await ask(port, post(b"ab", "Content-Length: 4"))

    assert "408" in head
    assert "connection: close" in head.lower()
    assert door.given == []


async def test_second_request_before_the_first_answer_is_refused(port: int, door: Door) -> None:
    """No agent sends so; the connection ends and both reports stay with their sender."""
    door.waiting = []
    request = post(b"hi", "Content-Length: 2")

    assert "400" in await ask(port, request + request)
    assert len(door.given) == 1


async def test_sender_that_hangs_up_costs_nothing(port: int, door: Door) -> None:
    """An answer that comes when the connection is gone is dropped in silence."""
    door.waiting = []
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(b"hi", "Content-Length: 2"))
    await asyncio.wait_for(door.asked.wait(), 5)
    writer.transport.abort()
    assert (await ask(port, post(b"", "Content-Length: 0", path="/"))).split()[1] == "299"
    door.waiting[0](door.says)


async def test_sender_may_ask_before_it_sends(port: int, door: Door) -> None:
    """`Expect: 100-continue`, as curl does with large bodies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(b"", "Content-Length: 2", "Expect: 100-continue"))
    assert b"100 Continue" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(b"hi")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()

    assert b" 202 " in head
    assert door.given[0][3] == b"hi"


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
        server.make(lambda: None, None, settings, Connections(16, 4))  # type: ignore[arg-type]
