"""What must not end the collector or blind it: odd values, odd clocks, odd moments for a kill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.delivery import Allowance, Lane, next_step
from agents.report import Section
from collector.housekeeping import agents_version, refresh_agents
from collector.rules.rulebook import load_rulebook
from collector.storage.fleet import add_agent, load_agents
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = """
rules:
  - name: Ratio
    value: ratio(node_a, node_b)
    critical: {above: 10}
    class: kt_qua_tai
    runbook: host-data-missing
    summary: {vi: "tỷ số {value}", en: "ratio {value}"}
  - name: Rate
    value: rate(node_c_total)
    critical: {above: 10}
    class: kt_qua_tai
    runbook: host-data-missing
    summary: {vi: "tốc độ {value}", en: "rate {value}"}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
def agent(world: World) -> Agent:
    made = Agent("a-1", world.clock)
    world.enrol(made)
    return made


async def test_values_at_the_end_of_the_scale_are_no_evidence(world: World, agent: Agent) -> None:
    """A ratio or rate beyond every number raises nothing and ends nothing, now or at a start."""
    rules = world.directory / "rules"
    rules.mkdir()
    (rules / "odd.yaml").write_text(RULES, encoding="utf-8")
    world.rulebook = load_rulebook(rules)
    world.kill()
    await agent.send(world, ("node_c_total", {}, -1.7e308))
    await world.turn(1)
    await agent.send(
        world, ("node_b", {}, 5e-324), ("node_a", {}, 1e308), ("node_c_total", {}, 1.7e308)
    )
    await world.turn(1)
    assert world.rows() == []

    world.kill()
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    assert [row["rule"] for row in world.rows()] == ["FilesystemAlmostFull"]


async def test_indicator_beyond_its_range_is_no_data(world: World, agent: Agent) -> None:
    """A value that no float32 holds leaves a hole in the hour, not infinity on a page."""
    await agent.send(world, ("wanwatch_cpu_used_ratio", {}, 1e300))
    await world.turn(1)
    hour = world.fleet.hosts["a-1"].indicators["cpu_used_ratio"]
    assert set(hour.last_hour(world.clock.now().timestamp())) == {None}


async def test_report_that_judging_fails_on_does_not_end_the_collector(
    world: World, agent: Agent
) -> None:
    """One report that finds a fault of ours costs itself alone, live and after a start."""
    judge_report = type(world.judge).report

    def fails(judge, host, report, received_at, **rest):  # type: ignore[no-untyped-def]
        if 0.25 in report.samples.values:
            raise ArithmeticError("a fault of ours")
        judge_report(judge, host, report, received_at, **rest)

    world.judge.report = fails.__get__(world.judge)  # type: ignore[method-assign]
    await agent.send(world, ("node_load1", {}, 0.25))
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    assert [row["rule"] for row in world.rows()] == ["FilesystemAlmostFull"]
    assert world.cycle.failed_reports == 1


async def test_answer_that_only_a_duplicate_got_outlives_a_kill(world: World, agent: Agent) -> None:
    """The state handed out for a repeated report is stored before the journal is passed over it."""
    other = Agent("a-2", world.clock)
    world.enrol(other)
    await agent.send(world)
    await world.turn(6)
    agent.state = ""  # the answer was lost
    world.clock.advance(1)
    answer = await agent.post(world.door, agent.body())
    assert answer.body["duplicate"]
    await world.turn(1)
    await other.send(world, *disk(0.01))
    await world.turn(6)
    world.kill()

    assert (await agent.send(world)).status == 202


async def test_clock_that_was_ahead_before_the_start_blinds_nobody(
    world: World, agent: Agent
) -> None:
    """Reports received by a clock an hour ahead are not newer than those of now."""
    world.clock.advance(3_600)
    await agent.send(world, *disk(0.5))
    await world.turn(6)
    world.clock.advance(-3_600)
    world.kill()
    world.clock.advance(10)
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    assert [row["rule"] for row in world.rows()] == ["FilesystemAlmostFull"]

    await world.pass_time(60)
    assert "AgentSilent" in [row["rule"] for row in world.rows()]


async def test_late_reports_of_devices_that_come_and_go_take_no_room(
    world: World, agent: Agent
) -> None:
    """A backlog about interfaces that no longer exist is kept nowhere."""
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    for number in range(50):
        name = ("node_network_receive_bytes_total", {"device": f"veth{number % 5}"}, 1.0)
        await agent.send(world, name, ago_seconds=600)
        await world.turn(1)
    assert len(world.fleet.hosts["a-1"].late) <= 5


async def test_sections_are_as_many_as_a_report_may_have(world: World, agent: Agent) -> None:
    """Section names that change with every report do not pile up."""
    for number in range(200):
        await agent.send(world, sections={f"s{number}": Section("d")})
    assert len(world.fleet.hosts["a-1"].sections) <= 50


async def test_report_of_a_key_that_was_just_revoked_raises_nothing(
    world: World, agent: Agent
) -> None:
    """What still waited when the key was revoked leaves no alert that nobody would end."""
    await agent.send(world, *disk(0.01))
    host = world.fleet.remove("a-1")
    assert host is not None
    world.judge.forget(host, world.clock.now())
    await world.turn(1)
    await world.turn(6)
    assert [row for row in world.rows() if row["resolved_at"] is None] == []


async def test_alert_that_cannot_be_stored_does_not_delay_the_others(
    world: World, agent: Agent
) -> None:
    """It is tried again after growing pauses; new alerts are stored at once meanwhile."""
    other = Agent("a-2", world.clock)
    world.enrol(other)
    desk = world.cycle._writer._desk
    original = desk.alert_fired

    def choosy(tx, cause, now):  # type: ignore[no-untyped-def]
        if cause.host == "máy-a-1":
            raise LookupError("its timeline cannot be read")
        return original(tx, cause, now)

    desk.alert_fired = choosy  # type: ignore[method-assign]
    await agent.send(world, *disk(0.01))
    await world.pass_time(60)
    await other.send(world, *disk(0.01))
    await world.turn(1)
    assert [row["agent"] for row in world.rows() if row["rule"] == "FilesystemAlmostFull"] == [
        "a-2"
    ]


async def test_sixteen_gaps_never_lock_an_agent_out(world: World, agent: Agent) -> None:
    """Live reports that got through between losses leave room for the backlog that closes gaps."""
    held = set(range(1, 60))
    for seq in range(3, 60, 2):
        agent.seq = seq - 1
        if (await agent.send(world, oldest=1)).status == 202:
            held.remove(seq)
    live, put_off = 60, False
    held.add(live)
    for _ in range(150):
        step = next_step(
            live=live if live in held else None,
            backlog=min(held - {live}, default=None),
            backlog_first=put_off,
            not_before=0.0,
            allowance=Allowance(0.0),
            now=0.0,
        )
        if step.seq is None:
            break
        agent.seq = step.seq - 1
        status = (await agent.send(world, oldest=min(held))).status
        put_off = status == 503 and step.lane is Lane.LIVE
        if status == 202:
            held.discard(step.seq)
        world.clock.advance(1)
    assert held == set()


async def test_segment_that_cannot_be_deleted_refuses_no_report(world: World, agent: Agent) -> None:
    """Making room is tried again a minute later; what is durable is acknowledged."""
    log = world.stream._log

    def refuses(position: object) -> int:
        raise OSError(5, "Input/output error")

    log.drop_before = refuses
    world.clock.advance(61)
    assert (await agent.send(world)).status == 202


async def test_agent_that_is_bound_anew_is_seen_and_its_alerts_follow(
    world: World, agent: Agent
) -> None:
    """Another unit, name and kind reach a running collector; the alert stays one and says so."""
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    before = world.database.read_now(agents_version)

    moved = agent.row(unit="H42.02", host="máy mới", kind="workstation", interval_seconds=30)
    world.database.write_now(lambda c: add_agent(c, moved, enrolled_at=world.clock.now()))
    assert world.database.read_now(agents_version) != before
    rows = world.database.read_now(load_agents)
    refresh_agents(world.fleet, world.judge, rows, world.clock.now())
    await world.turn(1)
    await agent.send(world, *disk(0.01))
    await world.turn(1)

    (row,) = world.rows()
    assert (row["unit"], row["host"], row["resolved_at"]) == ("H42.02", "máy mới", None)
    assert len(world.incidents()) == 1
    assert world.fleet.hosts["a-1"].interval_seconds == 30
