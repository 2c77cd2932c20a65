"""Devices that an agent looks at and measures for the collector: the real processes."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import UNIT, wait_until
from tests.integration.probes.test_sip import reply
from tests.probe_servers import udp_server

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
    """Up from there; what lies outside of its own networks it refuses, and the page says so."""
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
    assert "wanwatch_probe_refused" in world.text("/targets/far")
    assert "ERROR" not in world.log("collector")


MEASURED = """
targets:
  - name: phong-hop
    vi: Phòng họp A
    kind: conference
    unit: {unit}
    address: 127.0.0.1
    from: ["{unit}/{host}"]
    probes:
      - {{probe: sip, every: 1s, port: {port}, limit_seconds: 0.4}}
  - name: phong-b
    vi: Phòng họp B
    kind: conference
    unit: {unit}
    address: 127.0.0.1
    from: ["{unit}/{host}"]
    probes:
      - {{probe: sip, every: 1h, port: {port}, limit_seconds: 0.4}}
"""


def asked_anew(world: World) -> dict[str, Any]:
    """Have a session's point checked that is asked once an hour; return its board as kept."""
    plan = {
        "name": "Giao ban", "session_class": "B", "starts_at": "2035-01-08T01:00:00Z",
        "ends_at": "2035-01-08T02:00:00Z",
        "points": [{"name": "Phòng B", "unit": UNIT, "target": "phong-b"}],
    }  # fmt: skip
    number = world.post("/api/v1/sessions", plan)["id"]
    path = f"/api/v1/sessions/{number}/checks"
    assert world.post(path, {})["asking"] == 1
    (record,) = wait_until(lambda: world.get(path), "the record is made", 60)
    board: dict[str, Any] = world.get(f"{path}/{record['id']}")["board"]
    return board


def test_an_agent_measures_what_the_policy_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A codec answers, then says that it is out of service; a reload changes what is asked.

    One that is asked once an hour is asked anew for a record of a session's pre-check.
    """
    monkeypatch.setenv("WANWATCH_AGENT_PROBE_NETWORKS", "127.0.0.0/8")
    says = ["200 OK"]
    with udp_server(lambda request: [reply(request, says[0])]) as port:
        file = world.directory / "policy" / "targets.yaml"
        text = MEASURED.format(port=port, unit=UNIT, host=HOST)
        file.write_text(text, encoding="utf-8")
        world.start_all()
        wait_until(lambda: hosts_on_time(world), "the host reports")

        def answers() -> set[float]:
            values = world.get("/api/v1/targets/phong-hop")["values"]
            return {v["value"] for v in values if v["metric"] == "wanwatch_probe_answer_code"}

        wait_until(lambda: answers() == {0.0}, "the codec is measured")
        says[0] = "503 Service Unavailable"
        wait_until(lambda: answers() == {5.0}, "the codec is out of service")
        (point,) = asked_anew(world)["points"]
        (cell,) = (one for one in point["cells"] if one["check"] == "reachability")
        assert cell["verdict"] in ("go", "no_go")
        assert cell["age_seconds"] < 50
        file.write_text("targets: []\n", encoding="utf-8")
        world.post("/api/v1/policy/reload", {"reason": "hết đo"})
        agent = world.get("/api/v1/agents")["items"][0]["id"]
        wait_until(lambda: "wanwatch_plan_probes" in world.text(f"/hosts/{agent}"), "it says so")
        assert world.get("/api/v1/targets") == []
    assert "ERROR" not in world.log("collector")
