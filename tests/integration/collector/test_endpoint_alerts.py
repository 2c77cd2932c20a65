"""From a codec on a socket to the desk: what its probe finds, judged by the shipped rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.probes import cisco_xapi
from collector.rules.rulebook import load_rulebook
from collector.targets.targets_file import read_targets
from tests.devices.asking import Asking
from tests.devices.cisco import CiscoCodec, Media
from tests.devices.server import device_server
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGETS = """
targets:
  - {name: it, vi: Phòng họp A, address: 127.0.0.1, unit: H1, kind: conference, from: [H1/m1],
     probes: [{probe: cisco_xapi, credentials: codec}]}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A collector with the shipped rules and one probing agent."""
    made = World(tmp_path, Clock())
    made.units["H1"] = ("Xã H1", "")
    made.rulebook = load_rulebook(None)
    made.targets = read_targets(TARGETS)
    made.start()
    yield made
    made.database.close()


async def poll(world: World, agent: Agent, asking: Asking) -> set[str]:
    """Let the agent ask the codec and report; return the rules that fire on it then."""
    found = asking.poll(10).all
    await agent.send(world, *((one.name, dict(one.labels), one.value) for one in found))
    await world.turn(10)
    open_ = [row for row in world.rows() if row["resolved_at"] is None]
    return {row["rule"] for row in open_ if row["agent"] == "target:it"}


async def test_a_call_that_becomes_bad_is_an_incident_and_ends_with_the_call(
    world: World, tmp_path: Path
) -> None:
    """Loss that lasts a minute, a smaller picture; what was wrong with the call ends with it."""
    agent = Agent("m1", world.clock)
    world.enrol(agent, unit="H1", host="m1")
    codec = CiscoCodec(in_call=True, media=[Media()])
    with device_server(codec, tmp_path) as port:
        asking = Asking(cisco_xapi.PROBE, port)
        assert await poll(world, agent, asking) == set()
        for _ in range(8):
            codec.media[0].lost += 40
            codec.media[0].packets += 960
            codec.media[0].height = 720
            fired = await poll(world, agent, asking)
        assert {"CallLossReceiving", "CallPictureSmall"} <= fired
        (loss,) = [row for row in world.rows() if row["rule"] == "CallLossReceiving"]
        assert loss["severity"] == "critical"
        assert loss["summary_vi"] == "Cuộc gọi của Phòng họp A mất 4,0 % gói chiều nhận (video)"
        assert len(world.incidents()) == 1
        codec.in_call, codec.sip = False, "Failed"
        for _ in range(14):
            fired = await poll(world, agent, asking)
    assert fired == {"EndpointRegistrationLost"}
