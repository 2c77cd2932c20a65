"""`wanwatch endpoint` against the running application."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
import uvicorn
from typer.testing import CliRunner

from collector.cli import app
from collector.cli.client import ADDRESS_FILE, TOKEN_FILE
from collector.web import build
from tests.province import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.province import Province


@pytest.fixture
def data(province: Province, tmp_path: Path) -> Iterator[Path]:
    """A data directory as a running collector leaves it."""
    config = uvicorn.Config(build(province.services), port=0, log_level="warning", lifespan="off")
    server, started = uvicorn.Server(config), threading.Event()
    startup = server.startup

    async def noted(*arguments: object, **named: object) -> None:
        await startup(*arguments, **named)
        started.set()

    server.startup = noted  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    (tmp_path / ADDRESS_FILE).write_text(f"http://127.0.0.1:{port}", encoding="utf-8")
    (tmp_path / TOKEN_FILE).write_text(TOKEN, encoding="utf-8")
    yield tmp_path
    server.should_exit = True
    thread.join(10)


def run(data: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["endpoint", *words, "--data", str(data)])
    return done.exit_code, done.output


def test_list_shows_the_worst_first_and_ends_with_1_when_one_is_critical(data: Path) -> None:
    """What is not known says so; as JSON nothing is left out."""
    code, table = run(data, "list")
    assert code == 1
    lines = table.splitlines()
    assert "cx-bac-binh" in lines[1]
    for word in ("4.10 %", "42.0 ms", "h323: no", "sip: yes", "in_call"):
        assert word in lines[1]
    (silent,) = [line for line in lines if "cx-mui-ne" in line]
    assert silent.count("no data") >= 2
    _, text = run(data, "list", "--kind", "all", "--json")
    assert {one["kind"] for one in json.loads(text)} == {"conference", "network"}
    assert run(data, "list", "--unit", "000.12.30")[0] == 0


def test_show_has_every_figure_with_its_instant(data: Path) -> None:
    """As a table and as JSON; a name that is not there is an error."""
    code, table = run(data, "show", "cx-bac-binh")
    assert code == 1
    for word in ("call 27 video receive", "lost_ratio", "0.041", "microphone", "last call"):
        assert word in table
    code, text = run(data, "show", "rt-bac-binh", "--json")
    assert code == 0
    assert (
        json.loads(text)["state"]["path"]["reverse"]["stamp_direction_lost_ratio"]["value"] == 0.021
    )
    assert run(data, "show", "nobody")[0] == 1
