"""Samples of other programs at the door: joined to the inventory, judged, journalled, bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cramjam
import pytest
from sqlalchemy import select, update

from collector.forward import proto
from collector.identity.desk import IdentityDesk
from collector.identity.knocks import Knocks
from collector.liveness import Liveness
from collector.rates import Rates
from collector.samples_in.door import Said, SamplesDoor
from collector.source_tokens import Source
from collector.storage.schema import agents, alerts
from collector.storage.source_hosts import host_id
from tests.integration.collector.world import UNIT, Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = Source("prometheus-1", UNIT, frozenset({"samples"}), "server", 15)
OTHER = Source("prometheus-2", "H42.02", frozenset({"samples"}), "server", 15)
DISK = {"device": "/dev/sda1", "fstype": "ext4", "mountpoint": "/"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    made.enrol(Agent("a-1", made.clock))
    yield made
    made.database.close()


def door(world: World, most_hosts: int = 500) -> SamplesDoor:
    desk = IdentityDesk(
        world.database,
        world.fleet,
        world.judge,
        Knocks([]),
        Rates(world.vitals),
        now=world.clock.now,
    )
    return SamplesDoor(
        world.door,
        world.fleet,
        world.database,
        world.vitals,
        refresh=desk.refresh,
        most_hosts=most_hosts,
        now=world.clock.now,
        monotonic=world.clock.monotonic,
    )


def request(
    *series: tuple[str, dict[str, str], float], at: float, instance: str = "m:9100"
) -> bytes:
    """Encode a request with one sample of each series."""
    parts = []
    for name, labels, value in series:
        told = {"__name__": name, "instance": instance, "job": "node", **labels}
        content = b"".join(proto.label(*pair) for pair in sorted(told.items()))
        stamp = proto.timestamp(round(at * 1000))
        content += proto.sample_head(stamp) + proto.double(value) + stamp
        parts.append(b"\x0a" + proto.size(len(content)) + content)
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def node(world: World, free_ratio: float = 0.5, busy: float = 0.1, **rest: Any) -> bytes:
    """Encode what a scrape of a node_exporter brings now."""
    at = world.clock.now().timestamp()
    seconds = at % 1_000_000
    return request(
        ("up", {}, 1.0),
        ("node_cpu_seconds_total", {"cpu": "0", "mode": "user"}, busy * seconds),
        ("node_cpu_seconds_total", {"cpu": "0", "mode": "idle"}, (1 - busy) * seconds),
        ("node_filesystem_avail_bytes", DISK, free_ratio * 100),
        ("node_filesystem_size_bytes", DISK, 100.0),
        at=at,
        **rest,
    )


async def scrape(world: World, made: SamplesDoor, seconds: int, **what: Any) -> None:
    """Bring a scrape every fifteen seconds and let the collector judge it."""
    for _ in range(seconds // 15):
        await world.pass_time(15, 5)
        assert await made.take(SOURCE, node(world, **what)) == Said(204)
    await world.turn()


def firing(world: World) -> list[tuple[str, str]]:
    return [
        (row["rule"], row["severity"]) for row in world.rows(alerts) if row["resolved_at"] is None
    ]


async def test_host_joins_the_inventory_and_the_same_rules_fire_on_it(world: World) -> None:
    """A full disk and a busy processor of a host without our agent; then it falls silent."""
    made = door(world)
    await scrape(world, made, 60)
    host = world.fleet.hosts[host_id(SOURCE, "m")]
    assert (host.host, host.unit, host.kind, host.interval_seconds) == ("m", UNIT, "server", 15)
    assert host.is_approved
    assert host.liveness is Liveness.ON_TIME
    assert firing(world) == []
    await scrape(world, made, 2_700, free_ratio=0.02, busy=0.97)
    assert ("FilesystemAlmostFull", "critical") in firing(world)
    assert ("CpuHigh", "warning") in firing(world)
    await scrape(world, made, 1_800)
    assert firing(world) == []
    for _ in range(12):  # the exporter died, and Prometheus goes on telling that it tries
        await world.pass_time(15, 5)
        at = world.clock.now().timestamp()
        dead = request(("up", {}, 0.0), ("scrape_duration_seconds", {}, 10.0), at=at)
        assert (await made.take(SOURCE, dead)).status == 204
    assert host.liveness is Liveness.SILENT


async def test_what_was_acknowledged_is_judged_after_a_kill(world: World) -> None:
    """204 means durable: the process dies at once, and the next one knows it."""
    made = door(world)
    await scrape(world, made, 30)
    before = world.clock.now()
    world.clock.advance(15)
    assert (await made.take(SOURCE, node(world, free_ratio=0.25))).status == 204
    world.kill()
    host = world.fleet.hosts[host_id(SOURCE, "m")]
    [(_, latest)] = host.latest_of("node_filesystem_avail_bytes")
    assert latest.value == 25.0
    assert latest.at > before
    assert (host.received.lost, host.last_report_at) == (0, world.clock.now())
    again = door(world)
    await scrape(world, again, 30)
    assert host.received.lost == 0


async def test_two_sources_with_one_name_of_a_host_are_two_hosts(world: World) -> None:
    """A token speaks for its own unit alone, whatever a label says."""
    made = door(world)
    at = world.clock.now().timestamp()
    lie = request(("node_load1", {"unit": UNIT, "host": "x"}, 1.0), at=at, instance="m:9100")
    assert (await made.take(SOURCE, node(world))).status == 204
    assert (await made.take(OTHER, lie)).status == 204
    own, other = (world.fleet.hosts[host_id(one, "m")] for one in (SOURCE, OTHER))
    await world.turn()
    assert (own.unit, other.unit) == (UNIT, "H42.02")
    assert other.latest_of("node_load1")[0][0] == (("job", "node"), ("unit", UNIT))
    assert own.latest_of("node_load1") == []


async def test_name_of_a_host_with_an_agent_waits_for_a_person(world: World) -> None:
    """A token cannot take the place of a host that reports by its own key."""
    made = door(world)
    taken = await made.take(SOURCE, node(world, instance="máy-a-1:9100"))
    assert taken.status == 204
    host = world.fleet.hosts[host_id(SOURCE, "máy-a-1")]
    assert not host.is_approved
    row = world.database.read_now(
        lambda c: c.execute(select(agents).where(agents.c.id == host.agent)).one()
    )
    assert (row.doubt, row.token) == ("name_taken", "source:prometheus-1")


async def test_refusals_say_why_and_what_is_good_is_stored(world: World) -> None:
    """Malformed: 400. A revoked host and absurd instants: 400 with the rest stored."""
    made = door(world)
    nonsense = await made.take(SOURCE, b"\x05hello")
    assert (nonsense.status, nonsense.retry_after_seconds) == (400, None)
    assert "snappy" in nonsense.reason
    wrong = await made.take(SOURCE, bytes(cramjam.snappy.compress_raw(b"\x0a\xff\xff")))
    assert (wrong.status, "byte" in wrong.reason) == (400, True)
    long = await made.take(
        SOURCE,
        request(
            ("node_load1", {}, 1.0), ("node_load5", {"x": "y" * 200}, 1.0),
            at=world.clock.now().timestamp(),
        ),
    )  # fmt: skip
    assert long.status == 400
    assert "1 samples are stored; not taken: 1 for their labels" in long.reason
    old = await made.take(SOURCE, request(("node_load1", {}, 1.0), at=1_000_000.0))
    assert (old.status, "31 days" in old.reason) == (400, True)
    agent = host_id(SOURCE, "m")
    now = world.clock.now()
    revoked = update(agents).where(agents.c.id == agent).values(revoked_at=now)
    world.database.write_now(lambda c: c.execute(revoked))
    world.fleet.remove(agent)
    gone = await made.take(SOURCE, node(world))
    assert (gone.status, "revoked" in gone.reason) == (400, True)
    assert agent not in world.fleet.hosts


async def test_source_brings_no_more_hosts_than_it_may(world: World) -> None:
    """One host beyond what a source may bring is refused; the others report on."""
    made = door(world, most_hosts=3)
    at = world.clock.now().timestamp()
    told = [("node_load1", {"instance": f"m-{n}:9100"}, 1.0) for n in range(4)]
    said = await made.take(SOURCE, request(*told, at=at))
    assert (said.status, "one too many" in said.reason) == (400, True)
    brought = [host for host in world.fleet.hosts.values() if host.agent.startswith("s-")]
    assert len(brought) == 3
    assert made.samples["prometheus-1", "taken"] == 3


async def test_shortage_and_floods_are_answered_503(world: World) -> None:
    """Not 429, which most senders take for never; the sender keeps it and comes again."""
    made = door(world)
    world.vitals.disk_free_ratio = 0.01
    shed = await made.take(SOURCE, node(world))
    assert (shed.status, shed.retry_after_seconds) == (503, 30)
    world.vitals.disk_free_ratio = 1.0
    empty = bytes(cramjam.snappy.compress_raw(b""))
    answers = [await made.take(SOURCE, empty) for _ in range(700)]
    flooded = [one for one in answers if one.status != 204]
    assert {one.status for one in flooded} == {503}
    assert made.requests["prometheus-1", "rate_limited"] == len(flooded) > 50
