"""Kill and start at every point that can be reached: nothing acknowledged is lost or told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.storage.schema import outbox
from tests.integration.collector.outages import Province
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from collector.stream import Bookmark, StreamRecord


class Killed(Exception):
    """The process ended here."""


class Fate:
    """Ends the process at the n-th of all the points where it may."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.points: list[str] = []
        self.is_dead = False

    def point(self, name: str) -> None:
        self.points.append(name)
        self.left -= 1
        if self.left == 0:
            self.is_dead = True
        if self.is_dead:
            raise Killed(name)


class MortalStream:
    """A stream in a process that may end before, at and after each append."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self.inner, self.fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def submit(
        self,
        record: StreamRecord,
        stored: Callable[[Bookmark], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.fate.point("before append")

        def alive(following: Bookmark) -> None:
            self.fate.point("durable, nobody knows")
            stored(following)
            self.fate.point("before the answer")

        self.inner.submit(record, alive, failed)


class MortalDatabase:
    """A database whose client may end before, in and after each transaction."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self.inner, self.fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def write(self, fn: Callable[[Any], Any]) -> Any:
        self.fate.point("before the transaction")

        def mortal(connection: Any) -> Any:
            result = fn(connection)
            self.fate.point("before the commit")
            return result

        result = await self.inner.write(mortal)
        self.fate.point("after the commit")
        return result


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


def make_mortal(world: World, fate: Fate) -> None:
    world.stream = MortalStream(world.stream, fate)
    world.database = MortalDatabase(world.database, fate)
    world.build()


async def deliver(world: World, agent: Agent, ratio: float) -> None:
    """Send one report as an honest agent would: again until it is acknowledged, then a turn."""
    agent.seq += 1
    for attempt in range(3):
        state = agent.state
        try:
            answer = await agent.post(world.door, agent.body(*disk(ratio)))
            if world_is_dead(world):  # what it would have answered, nobody heard
                agent.state = state
                raise Killed
            assert answer.status == 202
            await world.turn()
        except Killed:
            answer = None
        if world_is_dead(world):
            world.kill()
            if answer is None:
                continue
        assert attempt < 2
        return


def world_is_dead(world: World) -> bool:
    return isinstance(world.stream, MortalStream) and world.stream.fate.is_dead


async def scenario(world: World, agent: Agent) -> None:
    """Fine, full, full, room again, each followed by ten seconds."""
    for ratio in (0.5, 0.01, 0.01, 0.5, 0.5):
        await deliver(world, agent, ratio)
        await world.turn(6)
        if world_is_dead(world):
            world.kill()
        world.clock.advance(4)
    await world.turn(6)


def promises_hold(world: World, agent: Agent) -> None:
    rows, found = world.rows(), world.incidents()
    assert [(r["rule"], r["resolved_at"] is not None) for r in rows] == [
        ("FilesystemAlmostFull", True)
    ]
    assert len(found) == 1
    assert found[0]["recovered_at"] is not None
    assert not found[0]["ended"]
    assert found[0]["pages_sent"] <= 1
    host = world.fleet.hosts[agent.name]
    assert host.received.ranges == ((1, agent.seq),)
    assert host.received.lost == 0
    assert host.handed.allows(agent.state)


async def test_scenario_without_a_kill_reaches_every_point(world: World) -> None:
    """The count of points that the next test kills at; it shrinks only when code goes away."""
    agent, fate = Agent("a-1", world.clock), Fate(0)
    world.enrol(agent)
    make_mortal(world, fate)
    await scenario(world, agent)
    promises_hold(world, agent)
    assert len(fate.points) >= 25
    assert len(set(fate.points)) == 6


@pytest.mark.parametrize("at", range(1, 40))
async def test_kill_at_any_point_loses_nothing_and_tells_nothing_twice(
    world: World, at: int
) -> None:
    """One alert row, one incident, every acknowledged number received, no clone verdict."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    make_mortal(world, Fate(at))
    await scenario(world, agent)
    promises_hold(world, agent)


async def test_alert_that_fires_before_the_stop_keeps_firing_after_it(world: World) -> None:
    """The same row, not a new one, and no second incident."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    await world.stop()
    world.clock.advance(20)
    world.start()
    await world.turn(1)
    await agent.send(world, *disk(0.01))
    await world.turn(1)

    assert [row["resolved_at"] for row in world.rows()] == [None]
    assert len(world.incidents()) == 1


async def test_resolve_that_happened_while_we_were_down_is_found(world: World) -> None:
    """The first live report after the start is the evidence."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    world.kill()
    world.clock.advance(600)
    await world.turn(1)
    assert world.rows()[0]["resolved_at"] is None
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    assert world.rows()[0]["resolved_at"] is not None


async def test_nobody_is_paged_for_our_own_restart(world: World) -> None:
    """Hosts that were fine before an hour's stop have their time to speak again."""
    agents = [Agent(f"a-{n}", world.clock) for n in range(5)]
    for agent in agents:
        world.enrol(agent)
        await agent.send(world, *disk(0.5))
    await world.turn(6)
    await world.stop()
    world.clock.advance(3_600)
    world.start()
    await world.pass_time(75)  # the longest pause of an agent, and a little
    for _ in range(3):
        for agent in agents[1:]:
            await agent.send(world, *disk(0.5))
        await world.pass_time(10)
    assert [row["agent"] for row in world.rows()] == ["a-0"]


async def test_silence_that_lasted_through_a_restart_is_the_same_alert(world: World) -> None:
    """Settling neither resolves an old silence nor raises it again."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.5))
    await world.turn()
    await world.pass_time(60)
    assert len(world.rows()) == 1
    world.kill()
    await world.pass_time(200)
    assert [(row["rule"], row["resolved_at"]) for row in world.rows()] == [("AgentSilent", None)]


@pytest.mark.parametrize("is_killed", [True, False])
async def test_silence_ends_as_an_alert_when_nobody_expects_the_host(
    world: World, is_killed: bool
) -> None:
    """Off hours is no alert, neither for a running collector nor for one that starts then."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.5))
    await world.turn()
    await world.pass_time(60)
    assert world.rows()[0]["resolved_at"] is None
    world.enrol(agent, presence="sometimes")
    if is_killed:
        world.kill()
    world.judge.inventory_changed(world.clock.now())
    await world.pass_time(100)
    assert world.rows()[0]["resolved_at"] is not None


async def test_pending_alert_goes_on_waiting_over_a_restart(world: World) -> None:
    """Half of its `for` before the kill, half of it after."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    labels = {"device": "/dev/sda1", "mountpoint": "/", "fstype": "ext4"}
    for second in range(0, 70, 10):
        if second == 40:
            world.kill()
        await agent.send(world, ("node_filesystem_readonly", labels, 1.0))
        await world.turn()
        assert bool(world.rows()) is (second >= 60)
        world.clock.advance(10)


async def test_values_and_history_are_there_after_a_restart(world: World) -> None:
    """The page of a host is not empty because we were restarted."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    for _ in range(10):
        await agent.send(world, *disk(0.5), ("wanwatch_cpu_used_ratio", {}, 0.25))
        await world.turn(60)
    world.kill()

    host = world.fleet.hosts["a-1"]
    hour = host.indicators["cpu_used_ratio"].last_hour(world.clock.now().timestamp())
    assert sum(value is not None for value in hour) == 10
    assert host.latest["wanwatch_cpu_used_ratio", ()].value == 0.25
    assert world.replayed.past >= 9


async def test_alert_whose_rule_or_host_is_gone_ends_at_the_start(world: World) -> None:
    """Nothing fires for ever because nobody is left to resolve it."""
    from collector.rules.rulebook import rulebook_of

    one, two = Agent("a-1", world.clock), Agent("a-2", world.clock)
    for agent in (one, two):
        world.enrol(agent)
        await agent.send(world, *disk(0.01))
    await world.turn(1)
    rules = [rule for rule in world.rulebook.rules if rule.name != "FilesystemAlmostFull"]
    world.rulebook = rulebook_of(rules)
    world.kill()
    await world.turn(1)
    assert all(row["resolved_at"] is not None for row in world.rows())


async def test_journal_that_lost_records_is_counted(world: World) -> None:
    """What was dropped before it was judged is known by number."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.5))
    await world.turn(6)
    for _ in range(4):
        await agent.send(world, *disk(0.5))
    log = world.stream._log
    file = log._path(log.end.segment)
    content = bytearray(file.read_bytes())
    second = content.index(b"WWR1", content.index(b"WWR1", 10) + 4)
    content[second + 30] ^= 0xFF
    file.write_bytes(content)
    world.kill()
    assert (world.replayed.lost, world.replayed.new) == (1, 3)


async def test_first_start_on_an_old_journal_raises_nothing(world: World) -> None:
    """A new database beside an old journal: all of it is history, the next report decides."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.01))
    world.database.close()
    (world.directory / "c.sqlite3").unlink()
    world.start()
    world.enrol(agent)
    await world.turn(1)
    assert world.rows() == []
    agent.oldest = 1
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    assert len(world.rows()) == 1


async def test_flapping_is_remembered_over_a_restart(world: World) -> None:
    """Two changes before a kill and three after it are five: one incident that says so."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    for number, ratio in enumerate((0.01, 0.5, 0.01, 0.5, 0.01)):
        if number in (2, 3):
            world.kill()
        await agent.send(world, *disk(ratio))
        await world.turn(20)
    assert [row["flapping"] for row in world.rows() if row["resolved_at"] is None] == [True]
    assert len(world.incidents()) == 1

    world.kill()
    await agent.send(world, *disk(0.5))
    await world.turn(20)
    assert any(row["resolved_at"] is None for row in world.rows())  # it must be quiet first
    for _ in range(62):
        await agent.send(world, *disk(0.5))
        await world.turn(10)
    disks = [row for row in world.rows() if row["rule"] == "FilesystemAlmostFull"]
    assert all(row["resolved_at"] is not None for row in disks)
    assert len(world.incidents()) == 1


async def test_line_that_flaps_is_one_incident_that_says_so(world: World) -> None:
    """A cut of a minute every three minutes, with a restart of ours in between."""
    province = Province(world)
    province.add("H42.01", "router", "server", "mail")
    province.add("H42.02", "h0", "h1", "h2", "h3")
    await province.live(60)
    for number in range(4):
        province.cut = province.of("H42.01")
        await province.live(80)
        if number == 1:
            world.kill()
            await province.live(60)
        province.cut = set()
        await province.live(100)
    (incident,) = world.incidents()
    told = [row for row in world.rows() if row["rule"] == "UnitSilent"]
    assert any(row["flapping"] or row["resolved_at"] is None for row in told)
    assert incident["recovered_at"] is None
    assert sum(word == "MỚI" for word in first_words(world)) == 1


def first_words(world: World) -> list[str]:
    return [row["subject"].split(" · ")[0] for row in world.rows(outbox)]
