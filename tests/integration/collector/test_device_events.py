"""What devices said by themselves reaches the tables once, over a restart, too."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agents.receivers.traps import apc, hdx, poly
from agents.report import Event
from collector.console.texts import table
from collector.storage.device_events import prune_heard
from collector.storage.queries.device_events import HeardRow, list_heard
from collector.targets.targets_file import read_targets
from incidents.actor import Viewer
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGETS = """
targets:
  - {name: cx-a, vi: Phòng họp A, address: 10.42.1.20, unit: H1, kind: conference, from: [H1/m1]}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A collector that knows one codec."""
    made = World(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    made.targets = read_targets(TARGETS)
    made.start()
    yield made
    made.database.close()


def heard(world: World, viewer: Viewer | None = None, **chosen: str) -> list[HeardRow]:
    found: list[HeardRow] = world.database.read_now(
        lambda c: list_heard(c, viewer or Viewer(), limit=50, **chosen)
    )
    return found


def loss(world: World, phase: str) -> Event:
    labels = {"address": "10.42.1.20", "phase": phase, "key": "call-4"}
    return Event("trap.call_loss", world.clock.now().timestamp(), labels, "Mất gói")


async def test_what_a_codec_said_is_stored_once_as_its_own(world: World) -> None:
    """Also when the process ends before the tables have it: the journal has."""
    agent = Agent("m1", world.clock)
    world.enrol(agent, unit="H1", host="m1")
    await agent.send(world, events=[loss(world, "problem")])
    await world.turn()
    world.clock.advance(10)
    await agent.send(world, events=[loss(world, "resolution")])
    world.kill()
    await world.pass_time(20)

    rows = heard(world, target="cx-a")
    assert [row.labels["phase"] for row in rows] == ["resolution", "problem"]
    assert {(row.unit, row.agent, row.address) for row in rows} == {("H1", "m1", "10.42.1.20")}
    assert rows[0].detail == "Mất gói"
    assert heard(world, agent="m1") == rows
    assert heard(world, Viewer(units=frozenset({"H2"}))) == []


async def test_a_host_that_nobody_approved_says_nothing(world: World) -> None:
    """What it heard may be anything."""
    agent = Agent("m2", world.clock)
    world.enrol(agent, unit="H1", host="m2")
    world.fleet.hosts["m2"].is_approved = False
    await agent.send(world, events=[loss(world, "problem")])
    await world.pass_time(10)
    assert heard(world) == []


async def test_old_and_too_many_are_removed(world: World) -> None:
    """By age, and the oldest of more than there may be."""
    agent = Agent("m1", world.clock)
    world.enrol(agent, unit="H1", host="m1")
    await agent.send(world, events=[loss(world, "problem") for _ in range(4)])
    await world.pass_time(10)
    now = world.clock.now()
    day = timedelta(days=1)
    assert world.database.write_now(lambda c: prune_heard(c, now - day, most=3)) == 1
    assert len(heard(world)) == 3
    assert world.database.write_now(lambda c: prune_heard(c, now + day)) == 3


def test_every_kind_has_its_words() -> None:
    """In both languages, whatever a device may tell."""
    known = [*poly._KINDS.values(), *hdx._KINDS.values(), *apc._KINDS.values()]
    kinds = {kind for kind, _ in known}
    kinds |= {"start", "link", "snmp_authentication", "ups_on_battery", "ups_alarm", "ups_tested"}
    for language in ("vi", "en"):
        missing = [kind for kind in kinds if f"heard.trap.{kind}" not in table(language)]
        assert missing == []
