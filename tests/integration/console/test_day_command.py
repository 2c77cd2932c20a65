"""`wanwatch day`, `wanwatch report daily` and `data` over the public interface."""

from __future__ import annotations

import asyncio
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from collector.cli import app as command
from collector.cli import day, report_daily
from collector.web import build
from tests.days import seed_days
from tests.province import TOKEN, open_province

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    Run = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


class Client:
    """The command line's client, without a socket between: the application is in another thread."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def get(self, path: str, **parameters: Any) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer(self._client.get(path, params=given)).json()

    def post(self, path: str, body: Any = None) -> Any:
        return self._answer(self._client.post(path, json=body or {})).json()

    def download(self, path: str, to: Path, method: str = "POST") -> int:
        return to.write_bytes(self._answer(self._client.request(method, path)).content)

    def _answer(self, asked: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)
        if not answer.is_success:
            day.typer.echo(answer.text)
            raise day.typer.Exit(1)
        return answer


@pytest.fixture
async def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    """Run a sub-command; return its exit code and everything it printed."""
    province = open_province(tmp_path)  # 24/11/2026 02:12 here
    seed_days(province)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Wanwatch-Actor": "an"}
    transport = httpx.ASGITransport(app=build(province.services))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://wan.example:8440", headers=headers
    ) as client:
        loop = asyncio.get_running_loop()
        for commands in (day, report_daily):
            monkeypatch.setattr(commands, "connect", lambda _data: Client(client, loop))

        async def go(*words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(CliRunner().invoke, command, list(words))
            return done.exit_code, done.output

        yield go
    province.db.close()


async def test_a_day_is_listed_and_confirmed(run: Run) -> None:
    """The listing ends with 1 while a unit is missing, and with 0 when none is."""
    code, said = await run("day", "list", "--date", "2026-11-23")
    assert (code, said.count("missing")) == (1, 2)
    code, said = await run("day", "confirm", "000.15.30", "--date", "2026-11-23")
    assert (code, said.strip()) == (0, "000.15.30 2026-11-23")
    words = ("--date", "2026-11-23", "--happened", "Mất điện", "--told-by", "Anh Bình")
    assert (await run("day", "confirm", "000.16.30", *words))[0] == 0
    code, said = await run("day", "list", "--date", "2026-11-23", "--json")
    assert code == 0
    assert '"told_by": "Anh Bình"' in said
    assert (await run("day", "confirm", "000.99.30"))[0] == 1


async def test_the_report_of_the_day_is_read_and_the_tables_of_a_month_are_saved(
    run: Run, tmp_path: Path
) -> None:
    """Not all is well in the seeded province: it ends with 1; another form than a file's is 2."""
    code, said = await run("report", "daily")
    assert code == 1
    assert said.startswith("Nghiêm trọng: ")
    assert "4. Việc quá hạn" in said
    assert (await run("report", "daily", "--date", "2026-11-01"))[0] == 1
    assert (await run("report", "daily", "--to", str(tmp_path / "x.txt")))[0] == 2
    to = tmp_path / "month.zip"
    code, said = await run("report", "data", "2026-11", "--to", str(to))
    assert (code, said.strip()) == (0, str(to))
    assert "incidents.csv" in zipfile.ZipFile(to).namelist()
