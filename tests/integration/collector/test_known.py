"""What a 202 says for the page at the machine: from real tables, and only when they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import update

from collector.known_desk import KnownDesk
from collector.storage.schema import incidents, units
from tests.integration.collector.world import UNIT, Agent, Clock, World, disk, read_procedure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Province:
    """One host, and what its answers say."""

    def __init__(self, world: World, agent: Agent) -> None:
        self.world, self.agent = world, agent
        self.known = KnownDesk(
            world.database, world.fleet, world.judge, world.changes, read_procedure()
        )
        world.door._known = self.known.of

    async def say(self, *samples: Any) -> dict[str, Any]:
        """Return what the answer to the next report says, after a look at the tables."""
        await self.known.turn()
        answer = await self.agent.send(self.world, *samples)
        await self.world.turn(1)
        said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer.body))
        return said


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    """A unit with a contact and one host that has reported a full disk."""
    clock = Clock()
    world, agent = World(tmp_path, clock), Agent("a-1", clock)
    world.enrol(agent)
    contact = update(units).where(units.c.code == UNIT).values(contact="Tổ CNTT: 105")
    world.database.write_now(lambda c: c.execute(contact))
    province = Province(world, agent)
    yield province
    await world.stop()


async def test_nothing_known_is_said_as_nothing_and_not_left_out(province: Province) -> None:
    """An empty list: the page may be green. Before the tables were read there is no word at all."""
    assert "known" not in (await province.agent.send(province.world)).body
    said = await province.say()
    assert (said["known"], said["contact"]) == ([], "Tổ CNTT: 105")


async def test_a_full_disk_is_known_until_it_is_not_full(province: Province) -> None:
    """With the incident's code and since when, also in the answer to a repeated report."""
    await province.say(*disk(0.01))
    (incident,) = province.world.incidents()
    said = await province.say(*disk(0.01))
    (matter,) = said["known"]
    assert incident["code"] in matter["text_vi"]
    assert matter["since"] == int(incident["detected_at"].timestamp())
    again = await province.agent.post(province.world.door, province.agent.body())
    assert again.body["duplicate"]
    assert again.body["known"] == msgspec.Raw(msgspec.json.encode(said["known"]))

    for _ in range(60):
        province.world.clock.advance(10)
        said = await province.say(*disk(0.9))
    assert province.world.incidents()[0]["recovered_at"] is not None
    assert incident["code"] not in str(said["known"])  # it goes on, but has recovered


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param({"nature": "mat_ma"}, id="cipher"),
        pytest.param({"nature": "an_ninh"}, id="security"),
        pytest.param({"readers": "\nperson:Trần Thị Bích\n"}, id="restricted"),
        pytest.param({"is_drill": True}, id="drill"),
    ],
)
async def test_nothing_of_what_stays_inside_goes_out(
    province: Province, secret: dict[str, object]
) -> None:
    """Neither the incident nor the alert in it."""
    await province.say(*disk(0.01))
    assert (await province.say(*disk(0.01)))["known"] != []
    province.world.database.write_now(lambda c: c.execute(update(incidents).values(secret)))
    province.world.changes.publish("incident", "1")
    assert (await province.say(*disk(0.01)))["known"] == []


async def test_a_key_that_nobody_approved_is_told_nothing(province: Province) -> None:
    """Whoever stole a token learns neither what is broken nor whom to call."""
    waiting = Agent("a-2", province.world.clock)
    province.world.enrol(waiting).is_approved = False
    await province.known.turn()
    assert set((await waiting.send(province.world)).body) == {"state"}


async def test_the_tables_are_read_only_when_something_changed(province: Province) -> None:
    """A quiet province costs nothing."""
    await province.say()
    await province.say()
    reads = 0
    read = province.world.database.read

    async def counted(fn: Any) -> Any:
        nonlocal reads
        reads += 1
        return await read(fn)

    province.world.database.read = counted
    await province.known.turn()
    assert reads == 0
    province.world.changes.publish("incident", "1")
    await province.known.turn()
    assert reads == 1
