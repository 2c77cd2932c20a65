"""A codec that stops answering: the mail comes at once, and what was found out follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.test_fault_to_mail import hosts_on_time, only_incident
from tests.acceptance.world import UNIT, wait_until
from tests.integration.probes.test_sip import reply
from tests.probe_servers import udp_server

if TYPE_CHECKING:
    import pytest

    from tests.acceptance.world import World

TARGETS = """
targets:
  - name: phong-hop
    vi: Phòng họp A
    kind: conference
    unit: {unit}
    address: 127.0.0.1
    from: ["{unit}/may-chu-1"]
    probes:
      - {{probe: sip, every: 1s, port: {port}, limit_seconds: 0.4}}
"""
RULES = """
rules:
  - name: TestCodecOutOfService
    value: last(wanwatch_probe_answer_code)
    where: {probe: sip}
    critical: {above: 5}
    class: hn_thiet_bi
    runbook: endpoint-registration-lost
    summary: {vi: "{host} báo ngừng phục vụ", en: "{host} is out of service"}
"""


def test_the_first_mail_waits_for_nothing_and_the_answers_follow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent is asked at once; its answer is a mail, and a line of the timeline."""
    monkeypatch.setenv("WANWATCH_AGENT_PROBE_NETWORKS", "127.0.0.0/8")
    says = ["200 OK"]
    with udp_server(lambda request: [reply(request, says[0])]) as port:
        policy = world.directory / "policy"
        text = TARGETS.format(unit=UNIT, port=port)
        (policy / "targets.yaml").write_text(text, encoding="utf-8")
        (policy / "rules" / "codec.yaml").write_text(RULES, encoding="utf-8")
        world.start_all()
        wait_until(lambda: hosts_on_time(world), "the host reports")
        wait_until(lambda: world.get("/api/v1/targets/phong-hop")["values"], "it is measured")
        says[0] = "503 Service Unavailable"
        wait_until(lambda: world.mailbox.subjects("MỚI"), "the first mail")
        wait_until(lambda: world.mailbox.subjects("KẾT QUẢ KIỂM TRA"), "what was found out")
    incident = only_incident(world)
    assert incident is not None
    found = world.mailbox.messages[-1].get_content()
    assert "Phòng họp A, SIP từ" in found
    assert "báo ngừng phục vụ" in found
    entries = world.get(f"/api/v1/incidents/{incident['code']}/entries")["items"]
    assert [one["kind"] for one in entries].count("diagnosed") == 1
    assert "ERROR" not in world.log("collector")
