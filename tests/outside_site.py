"""A collector that Prometheus, Alertmanager and amtool speak to over a real socket.

Its clock is the machine's, put forward by tests that have something to wait for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select

from collector.access import Access
from collector.alerts_in.desk import OutsideDesk
from collector.alerts_in.routes_file import OutsidePolicy, read_outside
from collector.api import alertmanager, alertmanager_silences
from collector.api.gate import Gate
from collector.mutes.keeper import MuteKeeper
from collector.sessions.board_access import BoardAccess
from collector.source_tokens import Source, SourceBook, digest_of
from collector.storage.schema import alerts
from collector.storage.sources import add_source, load_sources
from tests.integration.collector.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

CLI_TOKEN = "cli-" + "0" * 28
TOKENS = {"prom": "prom-" + "1" * 27, "am": "am-" + "2" * 29}


class LiveClock(Clock):
    """The machine's time, put forward by tests."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time_ns() / 1e9 + self.ahead, UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


class Site:
    """A collector behind its real routes; `services` follow it over a restart."""

    def __init__(self, folder: Path, policy: OutsidePolicy | str = "") -> None:
        self.folder, self.clock = folder, LiveClock()
        self.world = World(folder, self.clock)
        self.address = ""
        outside = read_outside(policy) if isinstance(policy, str) else policy
        self.world.outside_policy = self.world.book.policy = outside
        self.services: Any = SimpleNamespace(now=self.clock.now, changes=self.world.changes)
        self.services.mutes_changed = lambda: None
        self._make_sources()
        self.follow()
        self.app = FastAPI()
        self.app.state.services = self.services
        for router in (alertmanager.router, alertmanager_silences.router):
            self.app.include_router(router)
        self.access = Access(
            self.world.database,
            cli_token=CLI_TOKEN,
            now=self.clock.now,
            new_secret=lambda: "s" * 32,
        )
        boards = BoardAccess(self.world.database, self.services.desk.standing)
        self.app.add_middleware(Gate, access=self.access, boards=boards)

    def _make_sources(self) -> None:
        def write(connection: Any) -> None:
            for name, token in TOKENS.items():
                source = Source(name, None, frozenset({"alerts"}))
                add_source(connection, source, digest_of(token), by="an", now=self.clock.now())

        self.world.database.write_now(write)

    def follow(self) -> None:
        """Let the routes use the world as it is now."""
        world, services = self.world, self.services
        services.db, services.desk = world.database, world.desk()
        services.sources = SourceBook(world.database.read_now(load_sources))
        services.outside = OutsideDesk(
            world.outside,
            world.database,
            console_url="http://wan.example",
            started_at=self.clock.now(),
            now=self.clock.now,
        )
        self.mutes = MuteKeeper(
            world.database,
            world.outages,
            services.desk,
            world.changes,
            new_message_id=lambda: f"<{next(world.numbers)}@mutes>",
        )

    def restart(self) -> None:
        """Kill the collector and start it again behind the same address."""
        self.world.kill()
        self.follow()

    async def turn(self, seconds: float = 0.0) -> None:
        """Let the collector do what is due."""
        result = await self.world.turn(seconds)
        await self.mutes.turn(self.clock.now())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await self.world.cycle.wait(result)

    async def until(
        self, holds: Callable[[], object], *, step_seconds: float = 0.0, seconds: float = 180.0
    ) -> None:
        """Go on until an effect is there, each turn `step_seconds` later than it is.

        What is waited for by the clock is passed in steps: one leap would find whatever just
        arrived to have waited as long, and a collector that is behind holds its tongue.
        """
        async with asyncio.timeout(seconds):
            while not holds():
                await self.turn(step_seconds)

    def count(self, *where: Any) -> int:
        """Return how many alerts the tables hold; reading thousands at each turn takes longer."""
        query = select(func.count()).select_from(alerts).where(*where)
        return int(self.world.database.read_now(lambda c: c.execute(query).scalar_one()))

    async def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program while the collector goes on; its result."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        talking = asyncio.create_task(process.communicate(stdin.encode()))
        await self.until(talking.done)
        out, err = talking.result()
        code = process.returncode or 0
        return subprocess.CompletedProcess(command, code, out.decode(), err.decode())


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[Site]:
    """Serve a site on a port of its own."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(site.app, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[bound]))
        site.address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        try:
            yield site
        finally:
            server.should_exit = True
            await task
            site.world.database.close()


@contextmanager
def program(*command: str, ready: str) -> Iterator[None]:
    """Run a server until the end; it is there when `ready` answers."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            until = time.monotonic() + 30
            while not _answers(ready):
                said.seek(0)
                assert process.poll() is None, said.read()
                assert time.monotonic() < until, said.read()
            yield
        finally:
            process.terminate()
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
