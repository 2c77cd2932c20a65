"""A device that an agent looks at for the collector: the real processes, over the wire."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import UNIT, wait_until

if TYPE_CHECKING:
    import pytest

    from tests.acceptance.world import World

HOST = "may-chu-1"
TARGETS = """
targets:
  - {{name: near, address: 127.0.0.1, port: {port}, from: ["{unit}/{host}"]}}
  - {{name: far, address: 192.0.2.1, port: 22, from: ["{unit}/{host}"]}}
"""


def test_an_agent_tells_of_what_the_collector_asks_about(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up from there, then down; what lies outside of its own networks it refuses."""
    monkeypatch.setenv("WANWATCH_AGENT_PROBE_NETWORKS", "127.0.0.0/8")
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    text = TARGETS.format(port=port, unit=UNIT, host=HOST)
    (world.directory / "policy" / "targets.yaml").write_text(text, encoding="utf-8")
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    agent = world.get("/api/v1/agents")["items"][0]["id"]

    def page() -> str:
        return world.text(f"/hosts/{agent}")

    with closing(server):
        wait_until(lambda: "wanwatch_probe_rtt_seconds" in page(), "the device answers")
    assert "wanwatch_probe_refused" in page()
    assert "ERROR" not in world.log("collector")
