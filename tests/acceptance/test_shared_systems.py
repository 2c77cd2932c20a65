"""Shared systems and what devices say by themselves: the real processes, from end to end."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import UNIT, free_port, wait_until

if TYPE_CHECKING:
    import pytest

    from tests.acceptance.world import World

HOST = "may-chu-1"
TARGETS = """
targets:
  - name: vb
    vi: Máy chủ văn bản
    kind: shared
    unit: {unit}
    address: 127.0.0.1
    from: ["{unit}/{host}"]
    probes: [{{probe: tcp, every: 1s, port: {port}, limit_seconds: 0.4}}]
"""
SERVICES = """
services:
  - {name: van-ban, vi: Văn bản điều hành, checked_by: [vb]}
  - {name: so-tay, vi: Sổ tay đảng viên, not_measured: {vi: Chạy trên điện thoại riêng}}
"""


def test_a_shared_system_goes_down_and_its_device_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is good, its server ends, it is down; a syslog line of it stands on the target's page.

    A reload with a mistake changes nothing and says so; one without entries empties the list.
    """
    listen = free_port()
    monkeypatch.setenv("WANWATCH_AGENT_PROBE_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("WANWATCH_AGENT_SYSLOG_LISTEN", f"127.0.0.1:{listen}")
    monkeypatch.setenv("WANWATCH_AGENT_RECEIVE_FROM", "127.0.0.0/8")
    server = socket.create_server(("127.0.0.1", 0))
    policy = world.directory / "policy"
    text = TARGETS.format(port=server.getsockname()[1], unit=UNIT, host=HOST)
    (policy / "targets.yaml").write_text(text, encoding="utf-8")
    (policy / "services.yaml").write_text(SERVICES, encoding="utf-8")
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")

    def states() -> dict[str, Any]:
        return {row["name"]: row["state"] for row in world.get("/api/v1/services")}

    with closing(server):
        expected = {"van-ban": "good", "so-tay": "not_measured"}
        wait_until(lambda: states() == expected, "the service is good")
        assert world.run("service", "list").returncode == 0
    wait_until(lambda: states()["van-ban"] == "down", "the service is down")
    listed = world.run("service", "list", "--json")
    assert listed.returncode == 1
    assert json.loads(listed.stdout)[0]["checks"][0]["answer"] == "refused"

    with socket.socket(type=socket.SOCK_DGRAM) as device:
        device.sendto(b"<187>chassis: fan 2 stopped", ("127.0.0.1", listen))
    wait_until(lambda: world.get("/api/v1/device-events?target=vb"), "the event is stored")
    assert "fan 2 stopped" in world.text("/targets/vb")

    (policy / "services.yaml").write_text("services: [{name: x, vi: X}]\n", encoding="utf-8")
    assert "services.yaml:1" in world.check_config().stdout + world.check_config().stderr
    (policy / "services.yaml").write_text("services: []\n", encoding="utf-8")
    world.post("/api/v1/policy/reload", {"reason": "hết đo"})
    wait_until(lambda: states() == {}, "the list is empty")
    assert "ERROR" not in world.log("collector")
