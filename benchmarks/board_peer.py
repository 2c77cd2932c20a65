"""The values of a session's points as one exporter shows them, and Prometheus that scrapes it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import yaml

from benchmarks.board_agents import Told, samples
from benchmarks.processes import Server, running
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


class Exporter:
    """Every point has another value every second, as with agents; `told` says since when."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._texts = [""] * count
        self.told: list[Told] = []
        self.statuses: dict[int, int] = {}

    async def run(self, seconds: float, every_seconds: float, *, changing: int = 1) -> None:
        """Change the values for a while, each point at an offset of its own."""
        began_at, number = time.monotonic(), 0
        ends_at = began_at + seconds
        while (now := time.monotonic()) < ends_at:
            due = int((now - began_at) / every_seconds * self._count)
            for step in range(number, due):
                place, turn = step % self._count, step // self._count // changing
                self._texts[place] = _text(place + 1, turn)
                self.told.append(Told(place + 1, turn, time.monotonic()))
            number = due
            await asyncio.sleep(0.005)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Answer scrapes on a free port."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            body = "".join(self._texts).encode()
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()


def _text(point: int, number: int) -> str:
    lines = []
    for one in samples(point, number, 0.0):
        labels = ",".join(f'{name}="{text}"' for name, text in one.labels.items())
        lines.append(f"{one.name}{{{labels}}} {one.value:.10g}\n")
    return "".join(lines)


@contextmanager
def prometheus(directory: Path, exporter: int) -> Iterator[Server]:
    """Run Prometheus, scraping the exporter each second."""
    port, home = free_port(), directory / "prometheus"
    home.mkdir()
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {"job_name": "points", "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}
        ],
    }
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [
        *("prometheus", f"--config.file={home / 'prometheus.yml'}"),
        *(f"--storage.tsdb.path={home / 'data'}", f"--web.listen-address=127.0.0.1:{port}"),
    ]
    ready = f"http://127.0.0.1:{port}/-/ready"
    limits = {"GOMAXPROCS": "1"}
    with running(command, port, ready=ready, log=home / "log", environment=limits) as server:
        yield server
