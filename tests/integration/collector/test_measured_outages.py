"""A codec that does not answer: told by itself, or explained by what lies on the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.targets.targets_file import read_targets
from tests.integration.collector.outages import Province
from tests.integration.collector.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = """
targets:
  - {name: cx-a, vi: Phòng họp A, address: 10.42.1.20, unit: H1, kind: conference, from: [TT/m1],
     probes: [{probe: sip}]}
"""
PROBER = "TT-m1"
CODEC = ("EndpointUnreachable", "target:cx-a")


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    """A commune with three hosts and a codec, which an agent at the centre measures."""
    world = World(tmp_path, Clock())
    world.targets = read_targets(TEXT)
    world.start()
    made = Province(world)
    for code, hosts in (("H1", ("a", "b", "c")), ("TT", ("m1", "m2", "m3"))):
        made.add_unit(code)
        made.add(code, *hosts)
    yield made
    world.database.close()


def codec(province: Province, alive: float) -> None:
    """Let the prober say how the codec is from now on."""
    labels = {"target": "cx-a", "probe": "sip"}
    province.measured[PROBER] = [("wanwatch_probe_alive", labels, alive)]


async def test_a_codec_that_dies_alone_is_told(province: Province) -> None:
    """After its rule's two minutes and the hold."""
    codec(province, 1)
    await province.live(60)
    codec(province, 0)
    await province.live(120)
    assert province.told() == []
    await province.live(60)
    assert province.told() == [CODEC]
    codec(province, 1)
    await province.live(30)
    assert province.told() == []


async def test_a_codec_behind_a_cut_line_is_inside_the_incident_of_its_unit(
    province: Province,
) -> None:
    """One incident; when the line is back and the codec is not, it is told by itself."""
    codec(province, 1)
    await province.live(60)
    province.cut |= province.of("H1")
    codec(province, 0)
    await province.live(300)
    assert province.told() == [("UnitSilent", "unit:H1")]
    assert CODEC in province.children()
    assert len(province.incidents()) == 1
    province.cut.clear()
    await province.live(240)
    assert province.told() == [CODEC]


async def test_a_restart_in_between_changes_nothing(province: Province) -> None:
    """What was explained stays explained."""
    codec(province, 1)
    await province.live(60)
    province.cut |= province.of("H1")
    codec(province, 0)
    await province.live(300)
    province.world.database.close()
    province.world.start()
    province.world.fleet.set_units((code, *rest) for code, rest in province.world.units.items())
    await province.live(120)
    assert province.told() == [("UnitSilent", "unit:H1")]
    assert CODEC in province.children()
    assert len(province.incidents()) == 1
