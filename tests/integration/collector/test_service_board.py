"""Shared systems over what agents report of their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.catalogue.board import ServiceBoard
from collector.catalogue.file import read_catalogue
from collector.service_state import ServiceState
from collector.targets.targets_file import read_targets
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGETS = """
targets:
  - {name: vb, vi: Máy chủ văn bản, address: 10.42.1.20, unit: H1, kind: shared, from: [H1/m1],
     probes: [{probe: http, contains: x}, {probe: tcp, port: 443}]}
"""
SERVICES = """
services:
  - {name: van-ban, vi: Văn bản điều hành, checked_by: [vb]}
  - {name: thu, vi: Thư điện tử, needs: [van-ban], hours: T2-T2 00:00-00:01}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A collector with one probing agent."""
    made = World(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    made.targets = read_targets(TARGETS)
    made.start()
    yield made
    made.database.close()


def code(probe: str, value: float) -> tuple[str, dict[str, str], float]:
    return ("wanwatch_probe_answer_code", {"probe": probe, "target": "vb"}, value)


async def test_a_service_follows_what_probes_of_its_target_say(world: World) -> None:
    """Without data it is not green; then it works, is down, and is not known any more."""
    board = ServiceBoard(world.fleet, read_catalogue(SERVICES, targets={"vb"}))
    agent = Agent("m1", world.clock)
    world.enrol(agent, unit="H1", host="m1")

    def states() -> list[str]:
        return [line.state.value for line in board.lines(world.clock.now())]

    assert states() == ["no_data", "outside_hours"]
    await agent.send(world, code("http", 0), code("tcp", 0))
    await world.turn()
    assert states() == ["good", "outside_hours"]
    world.clock.advance(60)
    await agent.send(world, code("http", 5), code("tcp", 0))
    await world.turn()
    documents, mail = board.lines(world.clock.now())
    assert documents.state is ServiceState.DOWN
    assert documents.checks[0].answer == "out_of_service"
    assert (mail.measured, mail.because) == (ServiceState.DOWN, ("van-ban",))
    world.clock.advance(600)
    assert states() == ["no_data", "outside_hours"]
