"""The server under slow and greedy clients, on real sockets: bounds hold and honest ones pass."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING

import pytest

from collector import protocol, report_protocol, server
from collector.connections import Connections
from collector.intake import Answer
from collector.settings import Settings
from tests.certificates import serving
from tests.integration.collector.test_report_protocol import Door, elsewhere, post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

REPORT = post(b"hi", "Content-Length: 2", "X-Agent: a")


class Site:
    """A running server with room for few."""

    def __init__(self, settings: Settings, connections: Connections) -> None:
        self.door, self.connections = Door(), connections
        self.listener = server.listen(settings)
        self.port = self.listener.getsockname()[1]
        self.server = server.make(elsewhere, self.door, settings, connections)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


@contextlib.asynccontextmanager
async def running(settings: Settings, connections: Connections) -> AsyncIterator[Site]:
    site = Site(settings, connections)
    task = asyncio.create_task(site.server.serve(sockets=[site.listener]))
    await site.server.is_listening.wait()
    yield site
    site.server.should_exit = True
    await task


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Room for 16 connections, four of them strangers."""
    async with running(Settings(listen="127.0.0.1:0"), Connections(16, 64)) as made:
        yield made


async def ended(reader: asyncio.StreamReader) -> bool:
    """Say whether the other side has closed, waiting for it."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(20):
            return await reader.read(1) == b""
    return True


async def test_connection_that_says_nothing_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing at all, half a head, a head in drops: after its time it is closed and counted."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    silent, _ = await site.open()
    half, writer = await site.open()
    writer.write(REPORT[:20])
    drops, dripping = await site.open()
    for byte in REPORT[:40]:
        dripping.write(bytes([byte]))
        with contextlib.suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(drops.read(1), 0.02)
    assert [await ended(reader) for reader in (silent, half, drops)] == [True] * 3
    assert site.connections.too_slow == 3
    assert site.door.given == []


async def test_idle_connection_of_an_agent_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two reports there is nothing to be slow with; a second head may not trickle."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    reader, writer = await site.open()
    for _ in range(2):
        writer.write(REPORT)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202")
        await reader.readuntil(b"}")
        silent, _ = await site.open()
        assert await ended(silent)  # that long it has been idle
    writer.write(REPORT[:20])
    assert await ended(reader)


async def test_head_that_never_ends_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte of headers costs thirty-two kibibytes, however much time there would be."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 60.0)
    reader, writer = await site.open()
    writer.write(b"POST /api/v1/reports HTTP/1.1\r\n")
    with contextlib.suppress(ConnectionError):
        for number in range(4_000):
            writer.write(f"X-{number}: {'x' * 1_000}\r\n".encode())
            await writer.drain()
    assert await ended(reader)
    assert site.connections.too_slow == 1


async def test_hoarder_cannot_keep_an_agent_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has shown a key stays; new ones get in although somebody opens all there is."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 60.0)  # they need not wait until one is slow
    agent, writer = await site.open()
    writer.write(REPORT)
    await agent.readuntil(b"}")
    hoard = [await site.open() for _ in range(40)]
    assert [await ended(reader) for reader, _ in hoard[:36]] == [True] * 36

    writer.write(REPORT)
    assert (await agent.readuntil(b"}")).startswith(b"HTTP/1.1 202")
    late, its = await site.open()
    its.write(REPORT)
    assert (await late.readuntil(b"}")).startswith(b"HTTP/1.1 202")
    assert len(site.connections) <= 16
    for _, line in hoard:
        line.close()


async def test_body_that_does_not_come_is_answered_408(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow sender holds a request for its time and no longer."""
    monkeypatch.setattr(report_protocol, "BODY_SECONDS", 0.3)
    reader, writer = await site.open()
    writer.write(post(b"h", "Content-Length: 500", "X-Agent: a"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 408")
    assert site.door.given == []


async def test_bodies_under_way_have_a_bound_together(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many half bodies do not fill the memory: the one too many is told to come again."""
    monkeypatch.setattr(report_protocol, "MAX_BYTES_UNDER_WAY", 300_000)
    half = post(bytes(100_000), "Content-Length: 200000", "X-Agent: a")
    lines = [await site.open() for _ in range(4)]
    for _, writer in lines:
        writer.write(half)
    heads = [asyncio.create_task(reader.readuntil(b"\r\n\r\n")) for reader, _ in lines]
    done, waiting = await asyncio.wait(heads, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    [refused] = done
    assert b" 503 " in refused.result()
    assert b"retry-after: 5" in refused.result()
    for task in waiting:
        task.cancel()
    for _, writer in lines:
        writer.close()
    reader, writer = await site.open()  # what they held is free again
    writer.write(half)
    await writer.drain()
    writer.write(bytes(100_000))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202")


async def test_unknown_sender_keeps_no_connection(site: Site) -> None:
    """401 closes: whoever cannot show a key has nothing to keep open."""
    site.door.says = Answer(401, {})
    reader, writer = await site.open()
    writer.write(REPORT)
    assert b"connection: close" in (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readuntil(b"}")
    assert await ended(reader)


async def test_handshake_that_stalls_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS, too, nobody holds a place by saying nothing."""
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.5)
    pem = serving(tmp_path / "collector.pem")
    settings = Settings(listen="127.0.0.1:0", tls_certificate=pem, tls_key=pem)
    async with running(settings, Connections(16, 64)) as site:
        stalled, _ = await site.open()
        context = ssl.create_default_context(cafile=pem)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=context)
        writer.write(REPORT)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202")
        assert await ended(stalled)
        writer.close()
