"""Routers that an agent on another path looks at: whom the collector asks, and whom it believes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.outages.topology import State
from collector.probing.agent_probers import Probers
from collector.probing.asked import AskedTargets
from collector.targets.targets_file import read_targets
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.targets.targets import Target

TEXT = """
targets:
  - {name: rt-a, vi: Bộ định tuyến A, address: 10.42.0.1, port: 22, from: [H1/m1, collector]}
  - {name: rt-b, address: 10.43.0.1, from: [H1/m2, H1/m1]}
  - {name: rt-c, address: router.lan}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A collector whose clock is driven."""
    made = World(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    yield made
    made.database.close()


def targets(world: World) -> dict[str, Target]:
    world.fleet.set_targets(read_targets(TEXT))
    return world.fleet.targets.by_name


def up(name: str, value: float) -> tuple[str, dict[str, str], float]:
    return ("wanwatch_probe_up", {"target": name}, value)


async def test_only_those_who_are_named_are_asked(world: World) -> None:
    """Each about its own targets; another policy changes it at once."""
    for name in ("m1", "m2", "m3"):
        world.enrol(Agent(name, world.clock), unit="H1", host=name)
    targets(world)
    asked = AskedTargets(world.fleet)

    def of(name: str) -> list[str]:
        host = world.fleet.named(f"H1/{name}")
        assert host is not None
        told = asked.of(host).get("targets")
        return [] if told is None else [one["name"] for one in json.loads(bytes(told))]

    assert (of("m1"), of("m2"), of("m3")) == (["rt-a", "rt-b"], ["rt-b"], [])
    world.fleet.set_targets(read_targets("targets: []"))
    assert of("m1") == []


async def test_the_newest_word_of_an_agent_counts_while_it_is_fresh(world: World) -> None:
    """Up, down, then nothing: a silent agent does not say that a router is down."""
    agent = Agent("m1", world.clock)
    world.enrol(agent, unit="H1", host="m1")
    router = targets(world)["rt-a"]
    probers = Probers({}, world.fleet, now=world.clock.now)
    prober = probers.get("H1/m1")
    assert prober is not None
    assert await prober.probe(router) is State.UNKNOWN
    for value, state in ((1, State.UP), (0, State.DOWN)):
        await agent.send(world, up("rt-a", value), up("rt-b", 1 - value))
        await world.turn()
        assert await prober.probe(router) is state
        world.clock.advance(10)
    assert await prober.probe(router) is State.DOWN
    world.clock.advance(30)
    assert await prober.probe(router) is State.UNKNOWN
    assert probers.get("H1/m9") is None


async def test_a_refusal_is_no_statement_about_the_target(world: World) -> None:
    """An agent that may not ask says so; a quarantined one is not believed."""
    agent = Agent("m1", world.clock)
    host = world.enrol(agent, unit="H1", host="m1")
    router = targets(world)["rt-a"]
    prober = Probers({}, world.fleet, now=world.clock.now).get("H1/m1")
    assert prober is not None
    await agent.send(world, ("wanwatch_probe_refused", {"target": "rt-a"}, 1))
    await world.turn()
    assert await prober.probe(router) is State.UNKNOWN
    await agent.send(world, up("rt-a", 0))
    await world.turn()
    assert await prober.probe(router) is State.DOWN
    host = world.fleet.named("H1/m1")
    assert host is not None
    host.quarantined_at = world.clock.now() - timedelta(seconds=1)
    assert await prober.probe(router) is State.UNKNOWN
