"""What sources say: taken durably, merged, told once, ended, and kept over a restart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.alerts_in.matchers import LabelMatcher
from collector.alerts_in.routes_file import read_outside
from collector.alerts_in.sources import Source
from collector.alerts_in.wire import Form
from collector.source_tokens import Source as Stored
from collector.storage.mutes import NewMute, add_mute, load_mutes
from collector.storage.schema import alerts, incidents, outbox, outside_alerts
from collector.storage.sources import add_source
from collector.stream import StreamUnavailable
from collector.targets.targets_file import read_targets
from tests.integration.collector.world import UNIT, Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.alerts_in.door import Said
    from tests.postgres import PostgresServer

PROM, OTHER = Source("prom"), Source("other")
POLICY = """
routes:
  - {name: lines, matchers: ['alertname=~".*Down"'], unreachable: true, class: kt_duong_truyen}
"""
TARGETS = """
targets:
  - {name: tuyen-bac, vi: Tuyến phía Bắc, en: Northern line, address: 192.0.2.1}
units: [{unit: H42.02, via: [tuyen-bac]}]
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    yield from opened(World(tmp_path, clock), clock)


@pytest.fixture
def on_postgresql(tmp_path: Path, clock: Clock, postgres_server: PostgresServer) -> Iterator[World]:
    yield from opened(World(tmp_path, clock, url=postgres_server.new_database()), clock)


def opened(made: World, clock: Clock) -> Iterator[World]:
    made.outside_policy = read_outside(POLICY)
    made.database.write_now(
        lambda c: [
            add_source(c, Stored(s.id, None, frozenset({"alerts"})), s.id, by="an", now=clock.now())
            for s in (PROM, OTHER)
        ]
    )
    made.enrol(Agent("may-1", clock), host="db01")
    made.kill()
    yield made
    made.database.close()


async def say(
    world: World, *said: dict[str, Any], source: Source = PROM, form: Form = Form.API
) -> Said:
    body: Any = list(said)
    if form is Form.WEBHOOK:
        body = {"version": "4", "groupKey": "{}:{}", "alerts": body}
    return await world.alerts_door.accept(source, form, json.dumps(body).encode())


def alert(name: str = "DiskFull", **labels: Any) -> dict[str, Any]:
    times = {key: labels.pop(key) for key in ("startsAt", "endsAt", "annotations", "status")
             if key in labels}  # fmt: skip
    return {"labels": {"alertname": name, "severity": "critical", **labels}, **times}


def at(world: World, seconds: float) -> str:
    return (world.clock.now() + timedelta(seconds=seconds)).isoformat()


def firing(world: World) -> list[str]:
    return sorted(row["rule"] for row in world.rows() if row["resolved_at"] is None)


async def stored(world: World) -> None:
    """Let turns pass until the tables know everything, however slow they are."""
    await world.turn(6)
    while len(world.judge.pending) or world.book.has_news:
        await world.cycle.settle()
        await world.turn(6)
    await world.cycle.settle()


async def test_alert_is_told_once_however_often_it_is_said(world: World) -> None:
    """One row, one incident, one page; a lease that is renewed goes on."""
    for _ in range(10):
        assert (await say(world, alert(host="db01"))).status == 200
        await world.turn()
        world.clock.advance(60)

    (row,) = world.rows()
    assert (row["agent"], row["host"], row["unit"]) == ("may-1", "db01", UNIT)
    assert (row["source"], row["severity"]) == ("prom", "critical")
    assert len(world.incidents()) == len(world.rows(outbox)) == 1


async def test_alert_ends_when_nobody_says_it_again(world: World) -> None:
    """Five minutes without a word are the end; the incident has recovered and stays open."""
    await say(world, alert())
    await world.turn()
    assert firing(world) == ["DiskFull"]

    await world.turn(301)

    assert firing(world) == []
    assert world.incidents()[0]["recovered_at"] is not None


async def test_end_of_what_was_never_said_is_recorded_and_told_to_nobody(world: World) -> None:
    """Prometheus' first evaluation after its start may be known by its end alone."""
    ended = alert(startsAt=at(world, -300), endsAt=at(world, 0))
    for _ in range(3):  # it says an end for a quarter of an hour
        assert (await say(world, ended)).status == 200
        await world.turn()
        world.clock.advance(65)

    (row,) = world.rows()
    assert row["resolved_at"] is not None
    assert world.incidents() == world.rows(outbox) == []


async def test_sources_do_not_end_each_others_alerts(world: World) -> None:
    """The same labels of two sources are two alerts of one incident."""
    await say(world, alert(host="db01"))
    await say(world, alert(host="db01"), source=OTHER)
    await world.turn()
    await say(world, alert(host="db01", endsAt=at(world, 0)), source=OTHER)
    await world.turn()

    assert [(r["source"], r["resolved_at"] is None) for r in world.rows()] == [
        ("prom", True), ("other", False)
    ]  # fmt: skip
    (incident,) = world.incidents()
    assert incident["recovered_at"] is None


async def test_batch_with_mistakes_keeps_what_is_right(world: World) -> None:
    """As Alertmanager: 400, and the valid ones are stored."""
    said = await say(world, alert(), {"labels": {}}, alert("B", endsAt="yesterday"), alert("C"))
    await world.turn()

    assert said.status == 400
    assert "at least one label pair" in said.error
    assert "yesterday" not in said.error
    assert firing(world) == ["C", "DiskFull"]


async def test_notification_holds_longer_than_an_alert_that_is_sent_again(world: World) -> None:
    """What Alertmanager notifies it repeats after hours; its end has no time of its own."""
    zero = "0001-01-01T00:00:00Z"
    await say(world, alert(status="firing", endsAt=zero), form=Form.WEBHOOK)
    await world.pass_time(4 * 3600, step_seconds=600)
    assert firing(world) == ["DiskFull"]

    await say(world, alert(status="resolved", endsAt=zero), form=Form.WEBHOOK)
    await world.turn()
    assert firing(world) == []


async def test_nothing_is_lost_or_told_again_over_a_restart(world: World) -> None:
    """Accepted and not judged: judged afterwards. Told: neither again nor ended."""
    await say(world, alert("Before"))
    await world.turn(6)
    await say(world, alert("Accepted"))
    world.clock.advance(900)  # longer than any lease
    world.kill()
    await world.turn()

    assert firing(world) == ["Accepted", "Before"]
    assert len(world.rows()) == 2
    assert len(world.incidents()) == 1
    await world.turn(301)
    assert firing(world) == []
    assert len(world.rows(outside_alerts)) == 2
    await world.turn(3_700)
    await world.turn(6)
    assert world.rows(outside_alerts) == []


async def test_tables_of_postgresql_keep_the_same(on_postgresql: World) -> None:
    """New, said again, ended, told by one for many, and all of it over a restart."""
    world = on_postgresql
    said = [
        alert("Many", severity="warning", host=f"h{n}", annotations={"summary": f"{n}"})
        for n in range(50)
    ]
    await say(world, *said, alert("Kept", host="db01"))
    await stored(world)
    await say(world, *({**one, "annotations": {"summary": "again"}} for one in said))
    await stored(world)
    world.kill()
    await say(world, *({**one, "endsAt": at(world, 0)} for one in said))
    await stored(world)

    assert firing(world) == ["Kept"]
    assert {row["summary_vi"] for row in world.rows() if row["rule"] == "Many"} == {"again"}
    assert len(world.rows(outside_alerts)) == 51


async def test_end_that_came_before_a_kill_is_not_lost(world: World) -> None:
    """A resolve is durable, too."""
    await say(world, alert())
    await world.turn(6)
    await say(world, alert(endsAt=at(world, 0)))
    world.kill()
    await world.turn()

    assert firing(world) == []
    assert len(world.rows()) == 1


async def test_source_that_is_revoked_says_nothing_after_a_restart(world: World) -> None:
    """What it said ends."""
    await say(world, alert(endsAt=at(world, 9_000)))
    await say(world, alert("Kept", endsAt=at(world, 9_000)), source=OTHER)
    await world.turn(6)
    world.database.write_now(
        lambda c: c.exec_driver_sql("update sources set revoked_at = 1 where name = 'prom'")
    )
    world.kill()
    await world.turn()

    assert firing(world) == ["Kept"]


async def test_hosts_behind_a_line_are_explained_by_it(world: World) -> None:
    """Topology holds for what others see as well: one is told, the others are recorded."""
    world.targets = read_targets(TARGETS)
    world.fleet.set_targets(world.targets)
    down = [alert("InstanceDown", unit="H42.02", instance=f"10.0.0.{n}:9100") for n in range(40)]
    assert (await say(world, *down)).status == 200
    await world.turn(5)
    await say(world, alert("LineDown", target="tuyen-bac"))
    await world.pass_time(30)

    rows = world.rows()
    assert {r["suppressed"] for r in rows if r["rule"] == "InstanceDown"} == {"parent"}
    (line,) = (r for r in rows if r["rule"] == "LineDown")
    assert (line["suppressed"], line["agent"]) == ("", "target:tuyen-bac")
    assert len(world.incidents()) == len(world.rows(outbox)) == 1

    world.kill()
    world.fleet.set_targets(world.targets)
    await world.pass_time(60)
    assert len(world.incidents()) == len(world.rows(outbox)) == 1

    # The end of the line is told late, and those of the hosts in a group of their own after it.
    await say(world, alert("LineDown", target="tuyen-bac", endsAt=at(world, -45)))
    await world.pass_time(50)
    await say(world, *({**one, "endsAt": at(world, -90)} for one in down))
    await world.pass_time(3)
    assert firing(world) == []
    assert len(world.incidents()) == 1


async def test_hosts_of_one_unit_that_nobody_explains_are_one_incident(world: World) -> None:
    """Of hosts that are not enrolled nobody knows the line: their unit is told once."""
    down = [alert("InstanceDown", unit="H42.02", instance=f"10.0.0.{n}:9100") for n in range(40)]
    await say(world, *down)
    await world.pass_time(30)

    (incident,) = world.incidents()
    assert incident["unit"] == "H42.02"


async def test_silence_by_matchers_keeps_from_telling_until_its_end(world: World) -> None:
    """A matcher sees the labels as they came; afterwards what still holds is told."""
    now = world.clock.now()
    matchers = (LabelMatcher("mountpoint", "=~", "/var.*"),)
    new = NewMute("silence", "", "", "", "dọn đĩa", "", now, now + timedelta(hours=1), "", matchers)
    world.database.write_now(lambda c: add_mute(c, new, "person:an", now))
    mutes = world.database.read_now(lambda c: load_mutes(c, now))
    world.outages.muting.load(mutes)
    world.outages.muting.follow(now)
    # Two classes of host faults, neither of the worst severity.
    await say(world, alert(mountpoint="/var/log", host="db01"), alert("Cpu", host="db01"))
    await world.turn()

    assert {r["rule"]: r["suppressed"] for r in world.rows()} == {"DiskFull": "silence", "Cpu": ""}
    world.outages.muting.load([])
    world.outages.muting.follow(now)
    world.outages.remute(now)
    await world.turn()
    assert {r["suppressed"] for r in world.rows()} == {""}


async def test_shedding_is_said_and_ends_nothing(world: World) -> None:
    """503 with when to come again; what we refused to hear is not over because of that."""
    await say(world, alert())
    await world.turn()
    world.vitals.disk_free_ratio = 0.01
    await world.turn(200)
    said = await say(world, alert())
    assert (said.status, said.retry_after_seconds) == (503, 15)
    await world.turn(200)
    assert firing(world) == ["DiskFull"]

    world.vitals.disk_free_ratio = 1.0
    await world.turn(200)
    assert firing(world) == []


async def test_nothing_is_acknowledged_that_the_journal_did_not_take(world: World) -> None:
    """A disk that refuses is a 503."""

    def refuse(_record: object, _stored: object, failed: Any) -> None:
        failed(StreamUnavailable("journal: no space"))

    world.stream.submit = refuse
    said = await say(world, alert())
    await world.turn()

    assert said.status == 503
    assert world.rows(alerts) == world.rows(incidents) == []


async def test_large_notification_is_one_request_and_does_not_stop_the_turns(world: World) -> None:
    """Twenty thousand alerts of one group come as one body of megabytes."""
    words = {"summary": "the host gives no answer", "description": "x" * 60}
    many = [
        alert("Down", status="firing", unit="H42.02", instance=f"h{n}", annotations=words)
        for n in range(20_000)
    ]
    for one in many:
        one["labels"]["severity"] = "warning"
    said = await say(world, *many, form=Form.WEBHOOK)

    assert said.status == 200
    turns = 0
    while world.door.accepted:
        await world.turn()
        turns += 1
    assert turns >= 10
    assert len(world.book) == 20_000
    assert world.alerts_door.waiting == 0
