"""`/metrics` of a real agent, read by the real promtool."""

from __future__ import annotations

import shutil
import socket
import subprocess
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.integration.agents.test_agent_process import Agents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.agents.collector_door import Door

PROMTOOL = shutil.which("promtool")


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Agents]:
    """Agents of one data directory."""
    agents = Agents(tmp_path / "data")
    yield agents
    agents.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: make setup-services")
def test_agent_serves_metrics_that_promtool_accepts(
    agents: Agents, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest sample of every series, and no complaint about a name of our own."""
    port = free_port()
    monkeypatch.setenv("WANWATCH_AGENT_METRICS_LISTEN", f"127.0.0.1:{port}")
    agents.run(door.url)
    door.wait_for(lambda: len(door.requests) == 3)

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read()

    assert b"\nnode_boot_time_seconds " in text
    assert b"# TYPE node_cpu_seconds_total counter" in text
    assert b'wanwatch_check_success{check="cpu"} 1.0' in text
    assert b"\nwanwatch_spool_depth_reports " in text
    checked = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, timeout=30
    )
    complaints = checked.stderr.decode().splitlines()
    assert [line for line in complaints if not line.startswith("node_")] == []
    assert b"error while linting" not in checked.stderr
