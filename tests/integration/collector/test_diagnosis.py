"""The call that already knows: what is asked when an incident opens, and who is told what when."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.diagnosis.diagnoser import WAIT, Diagnoser
from collector.diagnosis.questions import ask_of, is_active, questions_of
from collector.library import load_library
from collector.outages.topology import State
from collector.rules.rulebook import load_rulebook
from collector.storage.desk_store import DeskStore
from collector.storage.schema import entries, entry_texts, outbox
from collector.targets.plans import Plans
from collector.targets.targets_file import read_targets
from incidents.channels import load_policy
from incidents.desk import Desk
from incidents.findings import Finding, draft_of
from incidents.rulesets import only
from tests.integration.collector.world import Agent, Clock, World, read_procedure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.targets.targets import Target

TARGETS = """
targets:
  - {name: rt-a, vi: Bộ định tuyến A, address: 10.42.0.1, unit: H1, circuit: MLL-0042}
  - {name: cx-a, vi: Phòng họp A, address: 10.42.1.20, unit: H1, kind: conference, via: [rt-a],
     from: [H1/m1], probes: [{probe: sip}, {probe: icmp}]}
"""
RULES = """
rules:
  - name: TestRegistrationLost
    value: last(wanwatch_endpoint_registered)
    critical: {below: 0}
    class: kt_thiet_bi
    runbook: endpoint-registration-lost
    summary: {vi: "{host} mất đăng ký {protocol}", en: "{host} lost its {protocol} registration"}
off: [EndpointRegistrationLost]
"""
CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
  phone: {kind: modem, url: "http://127.0.0.1:9", token_file: token}
recipients:
  - {name: An, channel: mail, address: an@example.vn, severities: [S1, S2, S3, S4]}
  - {name: An, channel: phone, address: "+84912000001", severities: [S1, S2, S3, S4]}
repeat: {S1: 5m, S2: 10m, S3: 30m, S4: 4h}
quiet: null
"""
CX = {"target": "cx-a"}


class Prober:
    """The collector's own: the codec answers, the router does not."""

    async def probe(self, target: Target) -> State:
        return State.DOWN if target.name == "rt-a" else State.UP


class Asking(World):
    """A collector with a desk that pages by mail and by telephone, and with a diagnoser."""

    def desk(self) -> Any:
        if not hasattr(self, "_desk"):
            self._desk = Desk(
                only(read_procedure()),
                load_policy(CHANNELS, file="channels.yaml"),
                new_message_id=lambda: f"<{next(self.numbers)}@test>",
                new_salt=lambda: f"{next(self.numbers):032x}",
            )
        return self._desk

    def diagnose(self) -> Diagnoser:
        self.plans = Plans(self.fleet, monotonic=self.clock.monotonic)
        made = Diagnoser(
            self.database,
            self.desk(),
            DeskStore,
            self.fleet,
            self.plans,
            self.outages.graph,
            load_library(None),
            Prober(),
            self.changes,
            new_id=lambda: f"q{next(self.numbers)}",
            now=self.clock.now,
            monotonic=self.clock.monotonic,
        )
        self.desk().looks_into = made.looks_into
        return made

    def messages(self) -> dict[tuple[str, str], Any]:
        rows = self.database.read_now(lambda c: c.execute(select(outbox)).all())
        return {(row.channel, row.kind): row for row in rows}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Asking]:
    """A codec behind a router, measured by an agent in the same unit."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "test.yaml").write_text(RULES, encoding="utf-8")
    made = Asking(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    made.rulebook = load_rulebook(tmp_path / "rules")
    made.targets = read_targets(TARGETS)
    made.database.close()
    made.start()
    yield made
    made.database.close()


async def test_a_telephone_waits_for_the_answers_and_a_mail_is_followed_up(world: Asking) -> None:
    """Twenty seconds at the most; the timeline has every word, the telephone no name."""
    diagnoser = world.diagnose()
    agent = Agent("m1", world.clock)
    host = world.enrol(agent, unit="H1", host="m1")
    await diagnoser.turn()
    await agent.send(world, ("wanwatch_endpoint_registered", {**CX, "protocol": "sip"}, 0))
    await world.turn()
    first = world.messages()
    assert first["phone", "page"].due_at == world.clock.now() + WAIT
    assert first["mail", "page"].due_at == world.clock.now()

    await diagnoser.turn()
    for _ in range(50):
        await asyncio.sleep(0)
        if len([ask for ask in world.plans.of(host).asks if ask.question]) == 2:
            break
    asked = [ask.probe for ask in world.plans.of(host).asks if ask.question]
    assert asked == ["sip", "icmp"]
    world.clock.advance(3)
    await agent.send(
        world,
        ("wanwatch_probe_answer_code", {**CX, "probe": "sip"}, 2),
        ("wanwatch_check_success", {**CX, "check": "sip"}, 1),
        ("wanwatch_probe_answer_code", {**CX, "probe": "icmp"}, 0),
        ("wanwatch_icmp_lost_ratio", CX, 0.4),
        ("wanwatch_check_success", {**CX, "check": "icmp"}, 1),
    )
    await world.turn()
    await diagnoser.settle()

    now = world.messages()
    phone, notice = now["phone", "page"], now["mail", "notice"]
    assert phone.due_at == world.clock.now()
    for words in ("Đường tới đó không trả lời", "SIP không trả lời", "Mất gói 40 %"):
        assert words in phone.body
    assert "10.42" not in phone.body
    assert "Phòng họp" not in phone.body
    assert notice.subject.startswith("KẾT QUẢ KIỂM TRA")
    assert "Phòng họp A, SIP từ H1/m1: không trả lời" in notice.body
    assert ("phone", "notice") not in now
    (kept,) = [row for row in world.rows(entries) if row["kind"] == "diagnosed"]
    (words,) = [row["text"] for row in world.rows(entry_texts) if row["seq"] == kept["seq"]]
    assert "Bộ định tuyến A (10.42.0.1)" in words
    assert [ask for ask in world.plans.of(host).asks if ask.question] == []
    await diagnoser.turn()
    await diagnoser.settle()
    assert len([row for row in world.rows(entries) if row["kind"] == "diagnosed"]) == 1


async def test_an_incident_without_such_a_runbook_waits_for_nothing(world: Asking) -> None:
    """A full disk has nothing to ask over the network."""
    diagnoser = world.diagnose()
    agent = Agent("m2", world.clock)
    world.enrol(agent, unit="H1", host="m2")
    await diagnoser.turn()
    for _ in range(8):
        await agent.send(
            world,
            ("node_filesystem_avail_bytes", {"mountpoint": "/", "fstype": "ext4"}, 1.0),
            ("node_filesystem_size_bytes", {"mountpoint": "/", "fstype": "ext4"}, 1000.0),
        )
        await world.turn(60)
    found = world.messages()
    assert found["phone", "page"].due_at <= world.clock.now()
    await diagnoser.turn()
    await diagnoser.settle()
    assert ("mail", "notice") not in found


def test_questions_are_of_what_the_policy_names() -> None:
    """Each once; a probe that needs parameters only where they are; a stream is cut short."""
    targets = read_targets(TARGETS).by_name
    checks = load_library(None).get("endpoint-unreachable")
    assert checks is not None
    found = questions_of([*checks.checks, *checks.checks], targets["cx-a"], [targets["rt-a"]])
    assert [(q.kind, q.ask.probe if q.ask else q.metric) for q in found] == [
        ("ping", ""), ("ping", ""), ("prober", ""), ("measure", "icmp"), ("measure", "trace"),
        ("values", "wanwatch_ups_on_battery"), ("values", "wanwatch_probe_alive"),
    ]  # fmt: skip
    assert is_active(found)
    assert ask_of(targets["cx-a"], "snmp") is None
    assert ask_of(targets["rt-a"], "icmp") is None


def test_what_is_said_outside_is_short_and_names_nothing() -> None:
    """What looks like an address is left out; the worst comes first."""
    findings = [
        Finding("tốt", "good", is_bad=False, said="Thiết bị trả lời"),
        Finding("10.0.0.1 im lặng", "10.0.0.1 is silent", is_bad=True, said="10.0.0.1 im lặng"),
        Finding("xấu", "bad", is_bad=True, said="SIP không trả lời"),
    ]
    draft = draft_of(findings, 1.5)
    assert draft.data == {
        "bad": 2, "took_ms": 1500, "said": ["SIP không trả lời", "Thiết bị trả lời"],
    }  # fmt: skip
    assert draft.texts["found_vi"].split("\n")[-1] == "tốt"
