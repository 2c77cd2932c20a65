"""Targets that agents measure: whose the values are, who measures, and what ends when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.liveness import Liveness
from collector.rules.rulebook import load_rulebook
from collector.targets.plans import EMPTY, Plans, trace_of
from collector.targets.targets_file import read_targets
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.host import Host

TEXT = """
targets:
  - {name: cx-a, vi: Phòng họp A, address: 10.42.1.20, unit: H1, kind: conference,
     from: [H1/m1, H1/m2], probes: [{probe: sip, every: 20s}, {probe: icmp}]}
  - {name: rt-a, address: 10.42.0.1, unit: H1, from: [H1/m2], probes: [{probe: icmp}]}
"""
RULES = """
rules:
  - name: TestRegistrationLost
    value: last(wanwatch_endpoint_registered)
    kinds: [conference]
    critical: {below: 0}
    class: kt_thiet_bi
    runbook: target-down
    summary: {vi: "{host} mất đăng ký {protocol}", en: "{host} lost its {protocol} registration"}
  - name: TestPath
    value: last(wanwatch_icmp_lost_ratio)
    warning: {above: 0.1}
    class: kt_duong_truyen
    runbook: target-down
    summary: {vi: "{host} mất gói", en: "{host} loses packets"}
  - name: TestLoss
    value: last(wanwatch_call_lost_ratio)
    critical: {above: 0.01}
    class: kt_duong_truyen
    runbook: target-down
    summary: {vi: "{host} mất gói", en: "{host} loses packets"}
"""
OF_A = {"target": "cx-a"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A collector with two probing agents."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "test.yaml").write_text(RULES, encoding="utf-8")
    made = World(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    made.rulebook = load_rulebook(tmp_path / "rules")
    made.targets = read_targets(TEXT)
    made.start()
    yield made
    made.database.close()


def place(world: World, name: str) -> Host | None:
    return world.fleet.places.known(f"target:{name}")


def registered(value: float) -> tuple[str, dict[str, str], float]:
    return ("wanwatch_endpoint_registered", {**OF_A, "protocol": "sip"}, value)


def alerts(world: World) -> list[Any]:
    """Return the alerts of this file's own rules."""
    return [row for row in world.rows() if row["rule"].startswith("Test")]


def enrolled(world: World, *names: str) -> list[Agent]:
    agents = [Agent(name, world.clock) for name in names]
    for agent in agents:
        world.enrol(agent, unit="H1", host=agent.name)
    return agents


async def test_what_an_agent_measures_is_the_targets_own(world: World) -> None:
    """The alert is about the endpoint, in its unit, under its kind's rules; then it resolves."""
    (agent,) = enrolled(world, "m1")
    await agent.send(world, registered(0), ("node_load1", {}, 1.0))
    await world.turn()
    endpoint = place(world, "cx-a")
    assert endpoint is not None
    assert (endpoint.kind, endpoint.unit, endpoint.host) == ("conference", "H1", "Phòng họp A")
    prober = world.fleet.hosts["m1"]
    assert {s.identity.name for s in prober.series.values()} >= {"node_load1"}
    assert not any(s.identity.target for s in prober.series.values())
    (alert,) = [row for row in alerts(world) if row["rule"] == "TestRegistrationLost"]
    assert (alert["agent"], alert["unit"], alert["resolved_at"]) == ("target:cx-a", "H1", None)
    assert alert["summary_vi"] == "Phòng họp A mất đăng ký sip"
    assert len(world.incidents()) == 1
    world.clock.advance(10)
    await agent.send(world, registered(1))
    await world.turn()
    (alert,) = [row for row in alerts(world) if row["rule"] == "TestRegistrationLost"]
    assert alert["resolved_at"] is not None


async def test_nobody_speaks_for_a_target_that_does_not_name_them(world: World) -> None:
    """What they say is their own, and no rule about conference devices looks at it."""
    (agent,) = enrolled(world, "m3")
    await agent.send(world, registered(0))
    await world.turn()
    assert place(world, "cx-a") is None
    assert len(world.fleet.hosts["m3"].series) >= 1
    assert alerts(world) == []


async def test_the_first_that_is_heard_measures(world: World) -> None:
    """The second takes over when it falls silent, and gives it back when it is heard again."""
    agents = enrolled(world, "m1", "m2")
    first, second = (world.fleet.hosts[agent.name] for agent in agents)
    plans = Plans(world.fleet, monotonic=world.clock.monotonic)
    former = world.judge.on_liveness

    def told(host: Host) -> None:
        former(host)
        plans.note_liveness(host)

    world.judge.on_liveness = told

    def asked(host: Host) -> list[str]:
        return [ask.name for ask in plans.of(host).asks]

    assert asked(first) == ["sip:cx-a", "icmp:cx-a"]
    assert asked(second) == ["icmp:rt-a"]
    tag = plans.said(first)["plan"]
    for agent in agents:
        await agent.send(world)
    await world.turn()
    for _ in range(12):
        world.clock.advance(5)
        await agents[1].send(world)
        await world.turn()
    assert first.liveness is Liveness.SILENT
    assert plans.of(first) == EMPTY
    assert asked(second) == ["sip:cx-a", "icmp:cx-a", "icmp:rt-a"]
    await agents[0].send(world)
    await world.turn()
    assert plans.said(first)["plan"] == tag
    world.fleet.set_targets(read_targets("targets: []"))
    assert plans.of(second) == EMPTY


async def test_the_figures_of_a_call_end_with_the_call(world: World) -> None:
    """As soon as a poll says that there is none; the alert about it ends, too."""
    (agent,) = enrolled(world, "m1")
    call = {**OF_A, "call": "7", "media": "video", "direction": "receive"}
    await agent.send(
        world, ("wanwatch_endpoint_calls", OF_A, 1), ("wanwatch_call_lost_ratio", call, 0.05)
    )
    await world.turn()
    assert [row["rule"] for row in alerts(world) if row["resolved_at"] is None] == ["TestLoss"]
    world.clock.advance(10)
    await agent.send(world, ("wanwatch_endpoint_calls", OF_A, 0))
    await world.turn()
    await world.turn(6)
    endpoint = place(world, "cx-a")
    assert endpoint is not None
    names = {series.identity.name for series in endpoint.series.values()}
    assert names == {"wanwatch_endpoint_calls"}
    assert [row["rule"] for row in alerts(world) if row["resolved_at"] is None] == []


async def test_what_is_no_longer_measured_ends_and_what_nobody_measures_stays(
    world: World,
) -> None:
    """One value of several that stops coming is gone; when all stop nothing is known."""
    (agent,) = enrolled(world, "m1")
    for turn in range(40):
        value = [registered(0)] if turn < 3 else []
        await agent.send(world, ("wanwatch_endpoint_calls", OF_A, 0), *value)
        await world.turn(10)
    assert [row["resolved_at"] is None for row in alerts(world)] == [False]
    await agent.send(world, ("wanwatch_endpoint_calls", OF_A, 0), registered(0))
    await world.turn(10)
    assert [row["resolved_at"] is None for row in alerts(world)] == [False, True]
    await world.pass_time(700, 10)
    open_ = [row for row in alerts(world) if row["resolved_at"] is None]
    assert "TestRegistrationLost" in {row["rule"] for row in open_}


async def test_a_restart_goes_on_with_the_alert_and_its_end(world: World) -> None:
    """Neither a second alert nor one for ever."""
    (agent,) = enrolled(world, "m1")
    await agent.send(world, registered(0))
    await world.turn()
    world.database.close()
    world.start()
    world.fleet.set_units((code, *rest) for code, rest in world.units.items())
    await world.turn(10)
    await agent.send(world, registered(0))
    await world.turn()
    assert len(alerts(world)) == 1
    world.clock.advance(10)
    await agent.send(world, registered(1))
    await world.turn()
    assert [row["resolved_at"] is None for row in alerts(world)] == [False]


async def test_a_target_that_is_taken_out_ends_its_alerts(world: World) -> None:
    """And is forgotten with all its values; one of another kind has other rules."""
    (agent,) = enrolled(world, "m1")
    await agent.send(world, registered(0))
    await world.turn()
    world.fleet.set_targets(read_targets(TEXT.replace("conference", "shared")))
    await world.turn(1)
    assert [row["resolved_at"] is None for row in alerts(world)] == [False]
    world.fleet.set_targets(read_targets("targets: []"))
    await world.turn(1)
    assert place(world, "cx-a") is None


async def test_a_path_that_becomes_worse_is_traced_until_it_is_well(world: World) -> None:
    """The agent that measures it is asked for the hops, and no longer when the alert ends."""
    (agent,) = enrolled(world, "m1")
    host = world.fleet.hosts["m1"]
    plans = Plans(world.fleet, monotonic=world.clock.monotonic)
    world.outages.places.on_degraded = plans.set_degraded

    def asked() -> list[str]:
        return [ask.probe for ask in plans.of(host).asks]

    for loss, probes in ((0.2, ["sip", "icmp", "trace"]), (0.0, ["sip", "icmp"])):
        for _ in range(30):
            await agent.send(world, ("wanwatch_icmp_lost_ratio", OF_A, loss))
            await world.turn(5)
            await world.turn(5)
        assert asked() == probes


async def test_a_question_is_in_the_plan_until_it_is_answered(world: World) -> None:
    """Of the agent that measures the target, under another tag; where nobody measures, nobody."""
    (agent,) = enrolled(world, "m1")
    host, plans = world.fleet.hosts["m1"], Plans(world.fleet, monotonic=world.clock.monotonic)
    target, tag = world.fleet.targets.by_name["cx-a"], plans.of(host).tag
    assert plans.ask_now("q1", target, [trace_of(target)]) is host
    assert [ask.name for ask in plans.of(host).asks][-1] == "trace:cx-a:q1"
    assert plans.of(host).tag != tag
    plans.forget("q1")
    assert plans.of(host).tag == tag
    nobody = world.fleet.targets.by_name["rt-a"]
    assert plans.ask_now("q2", nobody, [trace_of(nobody)]) is None
    assert agent.name == "m1"
