"""A relay beside a modem on a pseudo-terminal, and somebody who asks it over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import httpx

from collector.relay.modem import Pace
from collector.relay.relay import Relay
from collector.relay.settings import RelaySettings
from tests.fake_modem import FakeModem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NUMBER, OTHER = "+84912345678", "+84987654321"
TOKEN = "relay-token-0123456789"
PACE = Pace(command=2, network=0.5, look=0.02, poll=0.1, health=0.2, again=0.05)


class World:
    """A modem, a relay beside it, and somebody who asks."""

    def __init__(self, modem: FakeModem, relay: Relay, client: httpx.AsyncClient) -> None:
        self.modem, self.relay, self.client = modem, relay, client

    async def post(
        self, message_id: str = "message-1", text: str = "Xin chào", **more: Any
    ) -> httpx.Response:
        body = {"id": message_id, "number": NUMBER, "text": text} | more
        return await self.client.post("/v1/messages", json=body)

    async def get(self, path: str) -> Any:
        return (await self.client.get(path)).json()

    async def ready(self, *, is_ready: bool = True) -> None:
        await until(lambda: self.relay.keeper.is_ready == is_ready)


async def until(holds: Any, seconds: float = 10) -> None:
    """Let the others run until an effect is there: terminal, modem and sockets are real."""
    async with asyncio.timeout(seconds):
        while not holds():
            await others()


async def others() -> None:
    await asyncio.sleep(0)


def settings(
    tmp_path: Path, *, phone_token: str = "collector-token-0123", **more: Any
) -> RelaySettings:
    for name, value in (("token", TOKEN), ("phone-token", phone_token)):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o600)
    values: dict[str, Any] = {
        "port": tmp_path / "modem",
        "data": tmp_path / "relay",
        "listen": "127.0.0.1:0",
        "token_file": tmp_path / "token",
    }
    if "collector" in more:
        values["collector_token_file"] = tmp_path / "phone-token"
    return RelaySettings.model_validate(values | more)


@contextlib.asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[httpx.AsyncClient]:
    stopping = asyncio.Event()
    task = asyncio.create_task(relay.run(stopping))
    try:
        await until(lambda: relay.address or task.done())
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"http://{relay.address}"
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client:
            yield client
    finally:
        stopping.set()
        await task


@contextlib.asynccontextmanager
async def world(
    tmp_path: Path, modem: FakeModem | None = None, **more: Any
) -> AsyncIterator[World]:
    modem = modem or FakeModem(tmp_path / "modem")
    modem.plug()
    try:
        relay = Relay(settings(tmp_path, **more), pace=PACE, ring_seconds=0.3)
        async with running(relay) as client:
            yield World(modem, relay, client)
    finally:
        modem.unplug()
