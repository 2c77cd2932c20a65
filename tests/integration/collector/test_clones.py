"""One key on two machines: quarantined, said, and attached again by a person without any loss."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.identity import quarantine
from collector.liveness import Liveness
from collector.storage.schema import agents, identity_log
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.fleet import Host


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


def host(world: World) -> Host:
    return world.fleet.hosts["a-1"]


def copy_of(agent: Agent) -> Agent:
    """A machine made from the disk of another one."""
    copy = Agent(agent.name, agent.clock)
    copy.key, copy.seq, copy.state = agent.key, agent.seq, agent.state
    return copy


async def restored(world: World, agent: Agent) -> Agent:
    """The agent as it was before it sent three more reports."""
    for _ in range(3):
        await agent.send(world)
    before = copy_of(agent)
    for _ in range(3):
        world.clock.advance(10)
        await agent.send(world)
    world.clock.advance(10)
    return before


def alerts_of(world: World) -> list[tuple[str, str, bool]]:
    return [(r["rule"], r["outcome"], r["resolved_at"] is None) for r in world.rows()]


async def test_clone_is_an_incident_and_neither_machine_gets_data_in(
    world: World, agent: Agent
) -> None:
    """Nobody can tell which is right: both are refused, one alert says so, and it is on record."""
    clone = await restored(world, agent)

    assert (await clone.send(world, *disk(0.01))).status == 409
    refused = await agent.send(world, *disk(0.01))
    await world.turn()

    assert (refused.status, refused.body["field"]) == (409, "state")
    assert alerts_of(world) == [("AgentCloned", "incident", True)]
    assert len(world.incidents()) == 1
    assert host(world).quarantined_at is not None
    assert [row["what"] for row in world.rows(identity_log)] == ["quarantined"]
    await world.turn(6)
    assert world.rows(agents)[0]["quarantined_at"] is not None


async def test_contact_in_quarantine_is_a_sign_of_life(world: World, agent: Agent) -> None:
    """An agent that is refused comes once a minute: it is not silent, and it has no data."""
    clone = await restored(world, agent)
    await clone.send(world)
    for _ in range(8):
        await world.pass_time(58, step_seconds=2)
        await clone.send(world, *disk(0.01))
        await world.turn()

    assert host(world).liveness is Liveness.ON_TIME
    assert {name for name, _ in host(world).latest} == {
        "wanwatch_agent_up",
        "wanwatch_agent_cloned",
    }
    await world.pass_time(200, step_seconds=2)
    assert host(world).liveness is Liveness.SILENT
    assert {rule for rule, _, _ in alerts_of(world)} == {"AgentCloned", "AgentSilent"}


async def test_repeated_request_neither_quarantines_nor_keeps_alive(
    world: World, agent: Agent
) -> None:
    """Whoever captured requests cannot shut the key out, and cannot pretend that it lives."""
    captured = []
    for _ in range(5):
        agent.seq += 1
        body = agent.body()
        captured.append((agent.sign(body), body))
        await agent.post(world.door, body)
        world.clock.advance(10)
    for signature, body in captured * 3:
        await world.door.accept("a-1", signature, "gzip", body)
    assert host(world).quarantined_at is None
    assert world.door.results["clone"] > 0
    assert (await agent.send(world)).status == 202

    await (await restored(world, agent)).send(world)
    last = host(world).last_report_at
    world.clock.advance(60)
    for signature, body in captured:
        assert (await world.door.accept("a-1", signature, "gzip", body)).status == 409
    assert host(world).last_report_at == last


async def test_clone_whose_clock_is_wrong_is_found_too(world: World, agent: Agent) -> None:
    """A copy that is an hour behind tries a number again: no recording does that."""
    clone = await restored(world, agent)
    clone.clock_error_seconds = -3600.0
    clone.seq += 1
    assert (await clone.post(world.door, clone.body())).status == 409
    assert host(world).quarantined_at is None
    world.clock.advance(1)
    assert (await clone.post(world.door, clone.body())).status == 409
    assert host(world).quarantined_at is not None


async def test_quarantine_outlives_a_restart_with_one_alert(world: World, agent: Agent) -> None:
    """A kill neither lets the key in again nor raises a second incident."""
    clone = await restored(world, agent)
    await clone.send(world)
    await world.pass_time(6)
    world.kill()
    await world.turn(1)

    assert (await agent.send(world)).status == 409
    await world.turn(6)
    assert alerts_of(world) == [("AgentCloned", "incident", True)]
    assert len(world.incidents()) == 1


async def test_restored_machine_goes_on_after_it_is_attached_again(
    world: World, agent: Agent
) -> None:
    """Its numbers were used: the answer says where to go on; then data flows, the alert ends."""
    before = await restored(world, agent)
    assert (await before.send(world)).status == 409
    await world.turn()

    quarantine.reattach(host(world))
    world.judge.feed(host(world), "wanwatch_agent_cloned", 0.0, world.clock.now())
    again = await before.post(world.door, before.body(*disk(0.5)))
    assert (again.status, again.body["duplicate"], again.body["next"]) == (202, True, 7)
    before.seq = again.body["next"] - 1
    assert (await before.send(world, *disk(0.5))).body.keys() == {"state", "plan"}
    await world.turn(6)

    assert alerts_of(world) == [("AgentCloned", "incident", False)]
    assert host(world).received.ranges == ((1, 7),)
    assert host(world).received.lost == 0
    # The machine that it was before, should it still run, is now the clone.
    assert (await agent.send(world)).status == 409


async def test_tables_restored_from_a_copy_make_nobody_a_clone(tmp_path: Path) -> None:
    """After the collector's own restore without a journal every agent goes on by itself."""
    clock = Clock()
    directory, copy = tmp_path / "data", tmp_path / "copy"
    directory.mkdir()
    world = World(directory, clock)
    agent = Agent("a-1", clock)
    world.enrol(agent)
    for _ in range(3):
        await agent.send(world)
    await world.turn(6)
    shutil.copytree(directory, copy)
    for _ in range(20):
        await agent.send(world)
    await world.stop()

    shutil.rmtree(copy / "journal")
    clock.at += timedelta(hours=3)
    again = World(copy, clock)
    for _ in range(3):
        assert "duplicate" not in (await agent.send(again)).body
    await again.turn(6)

    assert again.fleet.hosts["a-1"].quarantined_at is None
    assert again.door.results["clone"] == 0
    again.database.close()


@pytest.mark.parametrize("name", ["wanwatch_agent_up", "wanwatch_agent_cloned"])
async def test_agent_cannot_report_what_is_found_out_about_it(
    world: World, agent: Agent, name: str
) -> None:
    """Before and after the collector has a value of its own, the agent's is passed over."""
    for _ in range(2):
        assert (await agent.send(world, (name, {}, 7.0))).status == 202
        await world.turn(1)
        known = host(world).latest.get((name, ()))
        assert known is None or known.value != 7.0
        world.judge.feed(host(world), name, 1.0, world.clock.now())
