"""`wanwatch session` over the public interface."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from collector.cli import app as command
from collector.cli import session as module
from collector.cli import session_ready
from collector.web import build
from tests.province import TOKEN, open_province
from tests.web_fakes import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    Run = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


class Client:
    """The command line's client, without a socket between: the application is in another thread."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def get(self, path: str, **parameters: Any) -> Any:
        return self._answer(self._client.get(path, params=parameters))

    def post(self, path: str, body: Any = None) -> Any:
        return self._answer(self._client.post(path, json=body or {}))

    def _answer(self, asked: Coroutine[Any, Any, httpx.Response]) -> Any:
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result(30)
        if not answer.is_success:
            module.fail(answer.json()["reason_en"], code=1)
        return answer.json()


@pytest.fixture
async def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    """Run a sub-command; return its exit code and everything it printed."""
    clock = Clock()  # 24/11/2026 02:12 here
    province = open_province(tmp_path, clock=clock)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Wanwatch-Actor": "an"}
    transport = httpx.ASGITransport(app=build(province.services))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://wan.example:8440", headers=headers
    ) as client:
        loop = asyncio.get_running_loop()
        for commands in (module, session_ready):
            monkeypatch.setattr(commands, "connect", lambda _data: Client(client, loop))

        async def go(*words: str, after_hours: float = 0.0) -> tuple[int, str]:
            clock.move(hours=after_hours)
            done = await asyncio.to_thread(CliRunner().invoke, command, ["session", *words])
            return done.exit_code, done.output

        yield go
    province.db.close()


async def test_a_session_from_plan_to_closed_log(run: Run) -> None:
    """Each step says what became of it, and pressed twice says that it was so already."""
    added = await run(
        "add", "Giao ban", "--from", "2026-11-24 08:00", "--until", "2026-11-24 09:00",
        "--point", "000.01.30", "--point", "Hàm Thuận", "--point", "mũi né", "--class", "B",
    )  # fmt: skip
    assert added == (0, "1\n")
    code, shown = await run("show", "1")
    assert code == 0
    assert "Đảng ủy xã Hàm Thuận" in shown
    assert await run("confirm", "1", "--point", "hth") == (0, "noted\n")
    assert await run("confirm", "1", "--point", "2") == (0, "it was noted already\n")
    assert (await run("confirm", "1", "--point", "d"))[0] == 2
    assert await run("start", "1", after_hours=6) == (0, "live\n")
    assert await run("start", "1") == (0, "it was live already\n")
    code, entry = await run("log", "1", "symptom", "--point", "hth", "--code", "no_sound")
    assert (code, entry.strip().isdecimal()) == (0, True)
    assert (await run("log", "1", "symptom", "--point", "hth", "--code", "nonsense"))[0] == 1
    await run("log", "1", "restored", "--point", "hth", after_hours=0.1)
    assert await run("end", "1") == (0, "ended\n")
    assert (await run("close", "1", "--clean"))[0] == 1
    assert await run("close", "1") == (0, "closed\n")
    assert "no_sound" in (await run("log", "1"))[1]
    code, figures = await run("figures", "--month", "2026-11")
    assert (code, "held 1, with faults 1, minutes lost 6" in figures) == (0, True)
    listed = json.loads((await run("list", "--past", "--json"))[1])
    assert [row["name"] for row in listed] == ["Giao ban"]


async def test_copy_move_cancel_and_import(run: Run, tmp_path: Path) -> None:
    """A file is taken in once; what is no session makes the exit code 1."""
    file = tmp_path / "phien.csv"
    file.write_text(
        "name,starts,ends,points\nHọp,28/11/2026 08:00,28/11/2026 09:00,Hàm Thuận;Phú Quý\n",
        encoding="utf-8",
    )
    assert await run("import", str(file)) == (0, "1 made, 0 changed, 0 cancelled, 0 as they were\n")
    assert (await run("import", str(file)))[1].startswith("0 made")
    assert await run("copy", "1", "--from", "2026-12-05 08:00") == (0, "2\n")
    assert await run("move", "2", "--from", "2026-12-05 14:00", "--reason", "dời") == (0, "moved\n")
    assert (await run("move", "2", "--from", "2026-12-05 14:00"))[
        1
    ] == "it is at that time already\n"
    assert (await run("move", "2", "--from", "chiều mai"))[0] == 2
    assert await run("cancel", "2", "--reason", "hoãn") == (0, "cancelled\n")
    assert (await run("import", str(tmp_path / "none.csv")))[0] == 2


async def test_ready_lists_what_keeps_each_point_back_and_ends_with_1(run: Run) -> None:
    """A line a cell that is no go; `--keep` keeps a record of it, `--json` says all."""
    await run(
        "add", "Giao ban", "--from", "2026-11-24 08:00", "--until", "2026-11-24 09:00",
        "--point", "Hàm Thuận", "--class", "B",
    )  # fmt: skip

    code, shown = await run("ready", "1")
    assert code == 1
    assert "not_checked" in shown
    assert "reachability" in shown
    code, text = await run("ready", "1", "--keep", "--json")
    assert code == 1
    assert json.loads(text)[0]["points"][0]["verdict"] == "not_checked"
    _, log = await run("log", "1", "--json")
    assert [entry["kind"] for entry in json.loads(log)].count("check") == 1
