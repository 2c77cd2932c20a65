"""One probe by hand, and two agents with a path between them, as processes."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from agents.__main__ import main
from agents.check import SourceError
from agents.notes import Notes
from agents.probe_checks import ReflectorThread, new_means
from agents.settings import load
from tests.integration.agents.test_agent_process import Agents, closed_port
from tests.probe_servers import hold, nobody, tcp_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings that let this host be asked."""
    file = tmp_path / "agent.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\nprobe_networks = ["127.0.0.0/8"]\n')
    return file


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Agents]:
    """Agents of one data directory."""
    agents = Agents(tmp_path / "data")
    yield agents
    agents.close()


def test_probe_is_run_by_hand(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints what the answer was and every value; good and bad have their exit codes."""
    with tcp_server(hold) as port:
        assert main(["probe", "h323", "127.0.0.1", f"port={port}", "--config", str(config)]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "right"
    assert rest[:2] == ["  wanwatch_probe_alive 1", "  wanwatch_probe_answer_code 0"]

    with nobody(socket.SOCK_STREAM) as port:
        given = ["probe", "h323", "127.0.0.1", f"port={port}", "--json", "--config", str(config)]
        assert main(given) == 1
    assert json.loads(capsys.readouterr().out)["answer"] == "refused"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["fax", "127.0.0.1"], "there is no probe 'fax'. Known are: cisco_xapi,"),
        (["tcp", "192.0.2.1"], "192.0.2.1 lies outside of what this agent may ask"),
        (["tcp", "router"], "parameter 'address' is 'router'; allowed is an IP address"),
        (["tcp", "127.0.0.1", "port=x"], "parameter 'port' is 'x'; allowed is a number"),
        (["tcp", "127.0.0.1", "port"], "'port' is no parameter; write NAME=VALUE"),
        (["tcp", "127.0.0.1", "hue=1"], "parameter 'hue' is '1'; allowed is one of target,"),
        (["http", "127.0.0.1", "is_tls=maybe"], "parameter 'is_tls' is 'maybe'; allowed is a bool"),
    ],
)
def test_what_cannot_be_run_by_hand_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    """With what is allowed, before a packet is sent."""
    assert main(["probe", *words, "--config", str(config)]) == 2
    assert text in capsys.readouterr().err


def test_two_agents_measure_the_path_between_them(
    agents: Agents,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One answers as a process, with its port and peers from its settings; one sends by hand."""
    with nobody(socket.SOCK_DGRAM) as port:
        monkeypatch.setenv("WANWATCH_AGENT_STAMP_LISTEN", f"127.0.0.1:{port}")
        monkeypatch.setenv("WANWATCH_AGENT_STAMP_PEERS", "127.0.0.0/8")
    agents.run(closed_port())
    words = ["probe", "--json", "--config", str(config), "stamp", "127.0.0.1", f"port={port}"]
    words += ["packets_per_second=50", "wait_seconds=0.5", "codec=G.711"]
    pause, deadline = threading.Event(), time.monotonic() + 20
    while main([*words, "seconds=0.1"]) and time.monotonic() < deadline:
        pause.wait(0.1)  # the other agent is starting
    capsys.readouterr()
    assert main([*words, "seconds=0.3"]) == 0
    seen = json.loads(capsys.readouterr().out)["values"]
    values = {(one["name"], one["labels"].get("direction")): one["value"] for one in seen}
    assert values["wanwatch_stamp_lost_ratio", None] == 0
    assert values["wanwatch_stamp_dscp", "forward"] == 34
    assert values["wanwatch_stamp_mos", "reverse"] == 4.41


def test_a_port_that_is_taken_is_told_and_tried_again() -> None:
    """The reason names port and permission; when it is free, the reflector starts."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = load(None, {}, {"data": "/d", "stamp_listen": listen})
        means = new_means(settings, Notes(None), lambda: 0.0, time.monotonic)
        serving = ReflectorThread(settings, means)
        with pytest.raises(SourceError, match=r"listen for STAMP on UDP 127.0.0.1 port .* in use"):
            serving.read(None)  # type: ignore[arg-type]
    found = {one.labels["result"]: one.value for one in serving.read(None)}  # type: ignore[arg-type]
    assert found == {"reflected": 0, "stranger": 0, "no_test": 0, "over_budget": 0}
