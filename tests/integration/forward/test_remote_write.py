"""Samples in a real Prometheus and a real VictoriaMetrics: instants, what has gone, and outages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.forward.forwarding import Forwarding, make_forwarding
from collector.forward.settings import RemoteWrite
from collector.storage.forward import load_places
from tests.integration.collector.world import UNIT, Agent, Clock, World, disk
from tests.tsdb import Tsdb, free_port, prometheus, victoria_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = 'node_filesystem_avail_bytes{mountpoint="/"}'
DATA = 'node_filesystem_avail_bytes{mountpoint="/data"}'


@pytest.fixture(scope="module")
def tsdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsdb]:
    with prometheus(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


@pytest.fixture(params=["prometheus", "victoria-metrics"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tsdb]:
    start = prometheus if request.param == "prometheus" else victoria_metrics
    with start(tmp_path / "tsdb") as server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


def forwarding(world: World, *receivers: tuple[str, str], **more: object) -> Forwarding:
    settings = [
        RemoteWrite.model_validate({"name": name, "url": url, **more}) for name, url in receivers
    ]
    return make_forwarding(
        settings,
        world.database,
        world.stream,
        world.fleet,
        now=world.clock.now,
        monotonic=world.clock.monotonic,
        jitter=lambda: 1.0,
    )


async def send_all(made: Forwarding, most_turns: int = 200) -> None:
    """Let every sender work until it has nothing to do, or its receiver is away."""
    for sender in made.senders:
        for _ in range(most_turns):
            if await made.turn(sender):
                break


async def pass_time(
    world: World, made: Forwarding, agent: Agent, seconds: int, *, mounts: tuple[str, ...] = ("/",)
) -> list[float]:
    """Report every ten seconds and send on; return the instants."""
    instants = []
    for _ in range(seconds // 10):
        world.clock.advance(10)
        samples = [one for mount in mounts for one in disk(0.5, mount)]
        assert (await agent.send(world, *samples)).status == 202
        instants.append(world.clock.now().timestamp())
        await send_all(made)
    return instants


async def test_samples_arrive_with_their_labels_and_instants(
    world: World, receiver: Tsdb, tmp_path: Path
) -> None:
    """What was read when is what a query finds; a wrong clock of the agent cancels out."""
    agent = Agent("a-1", world.clock)
    agent.clock_error_seconds = 3_600.0
    world.enrol(agent)
    made = forwarding(world, ("tsdb", receiver.write_url), labels={"region": "Đông"})
    instants = await pass_time(world, made, agent, 60)
    receiver.flush()
    at = world.clock.now().timestamp()
    [found] = receiver.query(ROOT, at)
    assert found["metric"] == {
        "__name__": "node_filesystem_avail_bytes",
        "device": "/dev/sda1",
        "fstype": "ext4",
        "host": "máy-a-1",
        "instance": f"{UNIT}/máy-a-1",
        "job": "node",
        "mountpoint": "/",
        "region": "Đông",
        "unit": UNIT,
    }
    assert receiver.raw(ROOT, at, 100) == [(one, 50.0) for one in instants]
    await made.close()
    assert made.senders[0].counts["samples"] == 12
    assert made.senders[0].why == ""


async def test_what_goes_away_is_gone_at_once(world: World, receiver: Tsdb) -> None:
    """A file system that is unmounted, then a host that falls silent: no value for five minutes."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    made = forwarding(world, ("tsdb", receiver.write_url))
    await pass_time(world, made, agent, 120, mounts=("/", "/data"))
    unmounted_at = world.clock.now().timestamp()
    await pass_time(world, made, agent, 60)
    receiver.flush()
    at = world.clock.now().timestamp()
    assert receiver.value(ROOT, at) == 50.0
    assert receiver.value(DATA, unmounted_at + 5) == 50.0
    assert receiver.value(DATA, at) is None
    silent_at = at
    for _ in range(12):
        world.clock.advance(10)
        await send_all(made)
    receiver.flush()
    assert receiver.value(ROOT, silent_at + 5) == 50.0
    assert receiver.value(ROOT, silent_at + 60) is None
    assert made.senders[0].counts["markers"] == 4
    await pass_time(world, made, agent, 20)
    receiver.flush()
    assert receiver.value(ROOT, world.clock.now().timestamp()) == 50.0
    await made.close()


async def test_dead_receiver_catches_up_and_costs_the_other_nothing(
    world: World, tmp_path: Path, tsdb: Tsdb
) -> None:
    """Ten minutes away: nothing is lost, nothing twice, and the other receiver never waited."""
    agent, port = Agent("outage", world.clock), free_port()
    world.enrol(agent)
    urls = ("dead", f"http://127.0.0.1:{port}/api/v1/write"), ("alive", tsdb.write_url)
    made = forwarding(world, *urls, samples_per_request=100)
    selector = 'node_filesystem_avail_bytes{host="máy-outage"}'
    instants = await pass_time(world, made, agent, 600)
    at = world.clock.now().timestamp()
    assert [when for when, _ in tsdb.raw(selector, at, 700)] == instants
    dead, alive = made.senders
    assert (alive.counts["samples"], alive.why) == (120, "")
    assert dead.counts["samples"] == 0
    assert dead.why
    assert world.stream.bytes_after(dead.sent) > 5_000
    with prometheus(tmp_path / "late", port=port) as late:
        await send_all(made)
        assert [when for when, _ in late.raw(selector, at, 700)] == instants
    assert (dead.counts["samples"], dead.lost, dead.why) == (120, 0, "")
    assert world.stream.bytes_after(dead.sent) == 0
    await made.close()


async def test_collector_that_was_killed_goes_on_where_it_was(world: World, tsdb: Tsdb) -> None:
    """After a start what was not sent is sent, and what went away meanwhile is gone."""
    agent = Agent("restart", world.clock)
    world.enrol(agent)
    made = forwarding(world, ("tsdb", tsdb.write_url))
    before = await pass_time(world, made, agent, 120, mounts=("/", "/data"))
    await made.close()
    for _ in range(3):  # durable, and not sent when the process ends
        world.clock.advance(10)
        await agent.send(world, *disk(0.5))
        before.append(world.clock.now().timestamp())
    await world.stop()
    world.start()
    world.enrol(agent)
    stored = world.database.read_now(load_places)
    assert stored["tsdb"].sent.number < world.stream.end.number
    made = forwarding(world, ("tsdb", tsdb.write_url))
    after = await pass_time(world, made, agent, 60)
    at = world.clock.now().timestamp()
    host = '{host="máy-restart",mountpoint="/"}'
    found = tsdb.raw(f"node_filesystem_avail_bytes{host}", at, 1_000)
    assert [when for when, _ in found] == before + after
    gone = 'node_filesystem_avail_bytes{host="máy-restart",mountpoint="/data"}'
    assert tsdb.value(gone, at) is None
    assert tsdb.value(gone, before[11]) == 50.0
    await made.close()


async def test_late_data_lands_between_what_was_there(world: World, tsdb: Tsdb) -> None:
    """What an agent kept while its line was cut completes the history: the live lane went first.

    Meanwhile it was said to have gone, and what is late is as evenly spaced as a scrape.
    """
    agent = Agent("late", world.clock)
    world.enrol(agent)
    made = forwarding(world, ("tsdb", tsdb.write_url))
    instants = await pass_time(world, made, agent, 30)
    kept = []
    for _ in range(12):
        world.clock.advance(10)
        agent.seq += 1
        kept.append((agent.seq, world.clock.now().timestamp()))
        await send_all(made)
    assert made.senders[0].counts["markers"] == 2
    world.clock.advance(10)
    assert (await agent.send(world, *disk(0.5))).status == 202
    instants.append(world.clock.now().timestamp())
    now = world.clock.now().timestamp()
    for number, at in kept:
        body = agent.body(*disk(0.25), seq=number, ago_seconds=now - at)
        assert (await agent.post(world.door, body)).status == 202
    await send_all(made)
    found = tsdb.raw('node_filesystem_avail_bytes{host="máy-late"}', now, 1_000)
    assert [when for when, _ in found] == sorted(instants + [at for _, at in kept])
    assert made.senders[0].counts["refused"] == 0
    await made.close()
