"""A backlog at the door: let in as fast as there is room, history completed, nobody paged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.limits import REQUESTS_PER_MINUTE
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


async def after_an_outage(world: World, agent: Agent, held: int) -> int:
    """Let an agent send its live report after an outage; return its oldest number."""
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    first = agent.seq + 1
    agent.seq += held
    world.clock.advance(held * 10)
    agent.oldest = first
    await agent.send(world, *disk(0.5))
    return first


async def test_agent_that_is_behind_is_told_how_fast_it_may_go(world: World) -> None:
    """And its own limit and its unit's are raised with it, until it has caught up."""
    agent = Agent("a-1", world.clock)
    host = world.enrol(agent)
    await agent.send(world)
    first = await after_an_outage(world, agent, 200)
    live = agent.seq

    for seq in range(first, live):
        agent.oldest, agent.seq = seq, seq - 1
        world.clock.advance(0.1)
        answer = await agent.send(world, ago_seconds=(live - seq) * 10.0)
        assert answer.status == 202
        if live - seq > 20:
            assert answer.body["backlog_per_minute"] == 600
            assert host.bucket.per_minute == REQUESTS_PER_MINUTE + 600
    agent.oldest, agent.seq = live + 1, live
    world.clock.advance(10)
    assert "backlog_per_minute" not in (await agent.send(world)).body
    assert host.bucket.per_minute == REQUESTS_PER_MINUTE
    assert host.received.lost == 0


async def test_many_that_are_behind_share_what_there_is(world: World) -> None:
    """Twenty agents get a twentieth each; while we are busy they get less."""
    agents = [Agent(f"a-{n}", world.clock) for n in range(20)]
    for agent in agents:
        world.enrol(agent)
    for agent in agents:
        agent.seq, agent.oldest = 99, 1
        await agent.send(world)
    calm = (await agents[0].send(world)).body["backlog_per_minute"]
    world.vitals.loop_lag_seconds = 0.2
    for _ in range(4):
        world.clock.advance(1)
        busy = (await agents[0].send(world)).body["backlog_per_minute"]
    assert 300 <= calm <= 600
    assert busy <= calm / 8


async def test_backlog_completes_the_hour_and_pages_for_nothing_that_no_longer_holds(
    world: World,
) -> None:
    """An outage full of disasters that are over: the graph has them, nobody is told of them."""
    agent = Agent("a-1", world.clock)
    host = world.enrol(agent)
    cpu = "wanwatch_cpu_used_ratio"
    await agent.send(world, *disk(0.5), (cpu, {}, 0.1))
    await world.turn(1)
    for _ in range(20):
        world.clock.advance(60)
        agent.seq += 1
    live = agent.seq + 1
    await agent.send(world, *disk(0.5), (cpu, {}, 0.1), oldest=2)
    await world.turn(1)
    silent = len(world.rows())

    for seq in range(2, live):
        agent.oldest, agent.seq = seq, seq - 1
        world.clock.advance(0.2)
        minutes_ago = 60.0 * (live - seq)
        samples = [*disk(0.001), (cpu, {}, 0.9)]
        assert (await agent.send(world, *samples, ago_seconds=minutes_ago)).status == 202
        await world.turn()
    await world.turn(6)

    assert len(world.rows()) == silent
    assert world.judge.late_reports == live - 2
    hour = host.indicators["cpu_used_ratio"].last_hour(world.clock.now().timestamp())
    assert sum(value == pytest.approx(0.9, abs=0.01) for value in hour if value is not None) >= 18
    assert host.received.lost == 0


async def test_what_was_made_before_a_boot_is_marked_and_says_nothing_of_now(
    world: World,
) -> None:
    """Its clock may have been set since: by its own account it can even be the newest."""
    agent = Agent("a-1", world.clock)
    host = world.enrol(agent)
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    agent.oldest, agent.seq = 2, 4
    await agent.send(world, *disk(0.5), boot="boot-2")
    await world.turn(1)
    for seq, ago_seconds in ((2, 0.0), (3, -3_600.0), (4, 30.0)):
        agent.seq = seq - 1
        answer = await agent.send(world, *disk(0.01), boot="boot-1", ago_seconds=ago_seconds)
        assert answer.status == 202
        await world.turn(1)

    assert world.incidents() == []
    assert world.judge.uncertain_reports == 3
    assert host.boot == "boot-2"
    world.kill()
    assert world.fleet.hosts["a-1"].boot == "boot-2"
