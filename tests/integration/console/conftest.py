"""A seeded province behind the real application, and clients that know it in different ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from collector.web import build
from tests.province import TOKEN, Province, open_province

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

BASE = "http://wan.example:8440"


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    """Real tables, the real desk, a fleet that stands still."""
    made = open_province(tmp_path)
    yield made
    made.db.close()


@pytest.fixture
async def stranger(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without credentials."""
    transport = httpx.ASGITransport(app=build(province.services))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
async def cli(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """The command line with its token."""
    transport = httpx.ASGITransport(app=build(province.services))
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Wanwatch-Actor": "an"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


@pytest.fixture
async def person(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with a session; it sends what browsers send with our own forms."""
    transport = httpx.ASGITransport(app=build(province.services))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        link = await province.access.make_link("Nguyễn Văn An")
        answer = await client.post("/login", data={"secret": link.secret})
        assert answer.status_code == 303
        yield client
