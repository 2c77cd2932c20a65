"""What an agent says about itself and others counts for nothing beyond its own key.

docs/security.md maps every row of the attack list to its tests; those that belong to no other
file's subject are here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agents.report import Event, Section
from tests.integration.collector.world import UNIT, Agent, Clock, World, disk

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
    made = Agent("a-1", world.clock)
    world.enrol(made)
    return made


async def test_labels_name_no_other_unit_or_host(world: World, agent: Agent) -> None:
    """An alert is its reporter's, and says so, whatever its labels claim."""
    victim = Agent("a-2", world.clock)
    world.enrol(victim, unit="H42.02", host="máy-chủ-của-tỉnh")
    claimed = {
        "host": "máy-chủ-của-tỉnh",
        "unit": "H42.02",
        "instance": "máy-chủ-của-tỉnh:9100",
        "agent": "a-2",
        "mountpoint": "/",
    }
    await agent.send(
        world,
        ("node_filesystem_avail_bytes", claimed, 1.0),
        ("node_filesystem_size_bytes", claimed, 100.0),
    )
    await world.turn()

    [alert] = world.rows()
    assert (alert["agent"], alert["unit"], alert["host"]) == ("a-1", UNIT, "máy-a-1")
    for language in ("summary_vi", "summary_en"):
        assert "máy-a-1" in alert[language]
        assert "máy-chủ-của-tỉnh" not in alert[language]
    [incident] = world.incidents()
    assert (incident["unit"], incident["host"]) == (UNIT, "máy-a-1")
    assert json.loads(alert["labels"])["host"] == "máy-chủ-của-tỉnh"  # kept, as a claim


async def test_events_and_sections_name_no_other_host(world: World, agent: Agent) -> None:
    """What happened, happened at the reporter's; another host's facts are not touched."""
    victim = Agent("a-2", world.clock)
    before = world.enrol(victim)
    events = [Event("agent_started", world.clock.now().timestamp(), {"host": "máy-a-2"})]
    sections = {"os": Section("d1", {"host": "máy-a-2"})}
    await agent.send(world, events=events, sections=sections)
    await world.turn()
    assert before.last_report_at is None
    assert before.sections == {}
    assert world.fleet.hosts["a-1"].sections == {"os": "d1"}


async def test_flood_in_one_unit_leaves_its_other_hosts_alone(world: World) -> None:
    """Three hosts send all they can for minutes: whoever reports as usual is always taken."""
    floods = [Agent(f"a-{n}", world.clock) for n in range(3)]
    quiet = Agent("a-9", world.clock)
    for one in (*floods, quiet):
        world.enrol(one)
    world.door.rates.set_hosts(world.fleet.hosts.values())
    refused = 0
    for second in range(180):
        for one in floods:
            for _ in range(12):
                one.oldest = one.seq + 1
                refused += (await one.send(world)).status == 503
        if second % 10 == 0:
            assert (await quiet.send(world)).status == 202
        world.clock.advance(1)
        world.door.accepted.clear()
    assert refused > 3_000
    assert world.door.results["unit_limited"] > 0


async def test_flood_is_counted_by_why_it_was_refused(world: World, agent: Agent) -> None:
    """Nothing is shed in silence: every request ended in one of the counted ways."""
    total = 0
    for _ in range(700):
        await agent.send(world)
        total += 1
    await Agent("a-7", world.clock).send(world)
    assert sum(world.door.results.values()) == total + 1
    assert world.door.results["rate_limited"] == 100
    assert world.door.results["unknown_key"] == 1


async def test_killed_agent_cannot_hide(world: World, agent: Agent) -> None:
    """Who expects a report says so, not the agent: silence is an alert within a minute."""
    await agent.send(world, *disk(0.5))
    await world.pass_time(60)
    assert [row["rule"] for row in world.rows()] == ["AgentSilent"]


async def test_clock_in_the_past_hides_nothing(world: World, agent: Agent) -> None:
    """What is wrong now is wrong now, whenever the agent says that it was."""
    agent.clock_error_seconds = -30 * 86_400.0
    await agent.send(world, *disk(0.01))
    await world.turn()
    [alert] = world.rows()
    assert abs((alert["started_at"] - world.clock.now()).total_seconds()) < 1
    events = [Event("auth_failure", world.clock.now().timestamp() - 30 * 86_400.0)]
    assert (await agent.send(world, events=events)).status == 202
    [_, record] = [e.record for e in world.stream.read(world.stream.start)]
    assert record.received_at == world.clock.now()
