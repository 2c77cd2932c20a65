"""The collector's side of the watch: a watcher that stays away is an incident, and one alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.access import digest_of
from collector.storage.schema import watchers
from collector.storage.watchers import add_watcher, revoke_watcher
from collector.watch_desk import WatchDesk
from collector.watching.board import Watcher
from tests.integration.collector.world import UNIT, Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "0123456789abcdef"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


def desk(world: World) -> WatchDesk:
    return WatchDesk(
        world.database,
        world.fleet,
        world.judge,
        now=world.clock.now,
        monotonic=world.clock.monotonic,
    )


async def started(world: World) -> tuple[WatchDesk, Agent]:
    """A collector that expects a watcher, and a host beside it that reports."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    watcher = Watcher("canh-1", UNIT, digest_of(TOKEN))
    now = world.clock.now()
    world.database.write_now(lambda c: add_watcher(c, watcher, by="person:an", now=now))
    made = desk(world)
    await made.refresh()
    return made, agent


async def pass_time(
    world: World, made: WatchDesk, agent: Agent, seconds: int, *, asks: bool, reports: bool = True
) -> None:
    for second in range(0, seconds, 5):
        if asks and second % 30 == 0:
            assert made.seen(TOKEN, 30) == "canh-1"
        if reports and second % 10 == 0:
            await agent.send(world)
        await made.turn()
        await world.turn(5)


def alerts(world: World) -> list[tuple[str, str, bool]]:
    return [(r["rule"], r["host"], r["resolved_at"] is None) for r in world.rows()]


async def test_watcher_that_dies_is_an_incident_until_it_asks_again(world: World) -> None:
    """After two minutes, with its name; its return ends the alert."""
    made, agent = await started(world)
    await pass_time(world, made, agent, 300, asks=True)
    assert alerts(world) == []
    await pass_time(world, made, agent, 160, asks=False)
    assert alerts(world) == [("WatcherSilent", "collector", True)]
    [incident] = world.incidents()
    assert "canh-1" in incident["title"]
    await pass_time(world, made, agent, 30, asks=True)
    assert alerts(world) == [("WatcherSilent", "collector", False)]


async def test_cut_line_is_the_watchers_to_page(world: World) -> None:
    """Its unit is silent as well: the collector says that, and does not miss the watcher."""
    made, agent = await started(world)
    await pass_time(world, made, agent, 60, asks=True)
    await pass_time(world, made, agent, 900, asks=False, reports=False)
    assert [rule for rule, _, _ in alerts(world)] == ["AgentSilent"]
    await pass_time(world, made, agent, 30, asks=False)
    await pass_time(world, made, agent, 120, asks=True)
    assert [rule for rule, _, _ in alerts(world)] == ["AgentSilent"]


async def test_alert_of_a_silent_watcher_outlives_a_restart(world: World) -> None:
    """It goes on until the watcher asks, not until the collector forgets."""
    made, agent = await started(world)
    await pass_time(world, made, agent, 200, asks=False)
    world.kill()
    made = desk(world)
    await made.refresh()
    await pass_time(world, made, agent, 300, asks=False)
    assert alerts(world) == [("WatcherSilent", "collector", True)]
    await pass_time(world, made, agent, 10, asks=True)
    assert alerts(world) == [("WatcherSilent", "collector", False)]


async def test_watcher_that_is_no_longer_expected_ends_its_alert(world: World) -> None:
    """Revoked: its token is nobody's, its alert is over."""
    made, agent = await started(world)
    await pass_time(world, made, agent, 200, asks=False)
    now = world.clock.now()
    assert world.database.write_now(lambda c: revoke_watcher(c, "canh-1", by="an", now=now))
    await made.refresh()
    await world.turn(1)
    assert made.seen(TOKEN, 30) is None
    assert alerts(world) == [("WatcherSilent", "collector", False)]


async def test_last_question_is_stored(world: World) -> None:
    """The list of watchers says when each asked, to the minute."""
    made, agent = await started(world)
    await pass_time(world, made, agent, 120, asks=True)
    [row] = world.rows(watchers)
    assert (world.clock.now() - row["last_seen_at"]).total_seconds() < 90
