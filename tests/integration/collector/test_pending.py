"""A key that nobody approved yet: its data is kept, and it alarms and calms nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from collector.housekeeping import agents_version, refresh_agents
from collector.storage.enrolments import approve
from collector.storage.fleet import load_agents
from collector.storage.schema import agents
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
def agent(world: World) -> Agent:
    """An agent whose key waits for approval."""
    made = Agent("a-1", world.clock)
    world.enrol(made, is_approved=False)
    world.database.write_now(lambda c: c.execute(update(agents).values(approved_at=None)))
    return made


def let_in(world: World) -> None:
    before = world.database.read_now(agents_version)
    now = world.clock.now()
    assert world.database.write_now(lambda c: approve(c, ["a-1"], "person:an", now)) == ["a-1"]
    assert world.database.read_now(agents_version) != before
    rows = world.database.read_now(load_agents)
    refresh_agents(world.fleet, world.judge, rows, now)


def open_rules(world: World) -> list[str]:
    return sorted(row["rule"] for row in world.rows() if row["resolved_at"] is None)


async def test_data_is_kept_and_raises_nothing(world: World, agent: Agent) -> None:
    """A full disk, a failed check, silence for an hour: all on the page, none of it an alert."""
    assert (await agent.send(world, *disk(0.01))).status == 202
    await world.turn(1)
    await world.pass_time(3_700, step_seconds=7)

    assert world.rows() == []
    found = world.fleet.hosts["a-1"]
    assert {name for name, _ in found.latest} >= {"node_filesystem_avail_bytes"}
    assert [e.record.agent for e in world.stream.read(world.stream.start)] == ["a-1"]


async def test_approved_host_is_judged_from_its_next_report(world: World, agent: Agent) -> None:
    """From then on it is a host like any other, by what holds now."""
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    let_in(world)
    assert open_rules(world) == []
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    assert open_rules(world) == ["FilesystemAlmostFull"]


async def test_host_that_was_silent_when_it_was_approved_is_an_alert(
    world: World, agent: Agent
) -> None:
    """What was found out before the rules looked at it is told again."""
    await agent.send(world, *disk(0.5))
    await world.pass_time(120, step_seconds=5)
    let_in(world)
    await world.pass_time(60, step_seconds=5)
    assert open_rules(world) == ["AgentSilent"]


async def test_clone_that_was_found_before_approval_is_an_alert_after_it(
    world: World, agent: Agent
) -> None:
    """A copied image that asks to be let in says so as soon as it counts."""
    for _ in range(3):
        await agent.send(world)
    clone = Agent("a-1", world.clock)
    clone.key, clone.seq, clone.state = agent.key, agent.seq, ""
    assert (await clone.send(world)).status == 409
    await world.turn(6)
    assert open_rules(world) == []
    let_in(world)
    await world.turn(1)
    assert open_rules(world) == ["AgentCloned"]


async def test_pending_host_is_still_pending_after_a_restart(world: World, agent: Agent) -> None:
    """What waits in the tables waits in memory, too."""
    await agent.send(world, *disk(0.01))
    await world.turn(6)
    world.kill()
    await agent.send(world, *disk(0.01))
    await world.turn(6)
    assert world.rows() == []
