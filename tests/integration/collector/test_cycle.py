"""Door, journal, judge, tables and desk together: from a sample to an incident and back."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.liveness import Liveness
from collector.rules.rulebook import rulebook_of
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.rules.rules import Rule


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
def agent(world: World) -> Agent:
    made = Agent("a-1", world.clock)
    world.enrol(made)
    return made


def states(world: World) -> list[tuple[str, str, bool]]:
    return [(row["rule"], row["severity"], row["resolved_at"] is None) for row in world.rows()]


async def stored(world: World, mountpoint: str) -> None:
    """Wait until the tables have an alert about a mount point."""
    while True:
        with world.changes.subscribe() as news:
            if any(mountpoint in row["labels"] for row in world.rows()):
                return
            await news.next()


async def test_full_disk_becomes_one_incident_and_recovers(world: World, agent: Agent) -> None:
    """Fault, alert, incident; room again, recovered; closed by nobody."""
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    assert world.rows() == []

    await agent.send(world, *disk(0.01))
    await world.turn(1)
    alert, incident = world.rows()[0], world.incidents()[0]
    assert (alert["rule"], alert["severity"], alert["outcome"]) == (
        *("FilesystemAlmostFull", "critical", "incident"),
    )
    assert alert["incident"] == incident["id"]
    assert alert["summary_vi"] == "Ổ đĩa / của máy-a-1 chỉ còn 1,0 % trống"
    assert alert["summary_en"] == "File system / of máy-a-1 has only 1.0 % free"
    assert (alert["value"], alert["revision"]) == ("0.01", world.rulebook.revision)
    assert incident["class_code"] == "kt_qua_tai"

    await agent.send(world, *disk(0.5))
    await world.turn(1)
    assert states(world) == [("FilesystemAlmostFull", "critical", False)]
    assert world.incidents()[0]["recovered_at"] is not None
    assert not world.incidents()[0]["ended"]


async def test_two_disks_of_one_host_are_one_incident(world: World, agent: Agent) -> None:
    """One cause, one incident; two alerts inside."""
    await agent.send(world, *disk(0.01), *disk(0.02, "/srv"))
    await world.turn(1)

    assert len(world.rows()) == 2
    assert len({row["fingerprint"] for row in world.rows()}) == 2
    assert len(world.incidents()) == 1


async def test_warning_goes_on_the_worklist_and_rises_to_an_incident(
    world: World, agent: Agent
) -> None:
    """One alert row all the way; when it eases it stays the incident it became."""
    for ratio, severity, outcome, count in (
        (0.08, "warning", "worklist", 0),
        (0.04, "critical", "incident", 1),
        (0.08, "warning", "incident", 1),
    ):
        await agent.send(world, *disk(ratio))
        await world.turn(10)
        row = world.rows()[0]
        assert (row["severity"], row["outcome"], len(world.incidents())) == (
            *(severity, outcome, count),
        )
    assert len(world.rows()) == 1


async def test_workstation_never_becomes_an_incident_by_itself(world: World) -> None:
    """Everything on workstations is worklist."""
    pc = Agent("pc", world.clock)
    world.enrol(pc, kind="workstation")
    await pc.send(world, *disk(0.0))
    await world.turn(1)
    assert [row["outcome"] for row in world.rows()] == ["worklist"]
    assert world.incidents() == []


async def test_arrival_is_judged_at_once(world: World, agent: Agent) -> None:
    """An arrival wakes the loop: the incident is stored although no clock moves meanwhile."""
    await world.turn()
    loop = asyncio.create_task(world.cycle.run())
    for number in range(5):
        mountpoint = f"/data{number}"
        await agent.send(world, *disk(0.01, mountpoint))
        await stored(world, mountpoint)
    loop.cancel()


async def test_silence_is_an_alert_after_three_intervals_and_resolves(
    world: World, agent: Agent
) -> None:
    """Silent after three intervals, told after the hold, resolved by its next report."""
    await agent.send(world, *disk(0.5))
    await world.turn()
    await world.pass_time(29)
    assert world.fleet.hosts["a-1"].liveness is Liveness.LATE
    await world.pass_time(2)
    assert world.fleet.hosts["a-1"].liveness is Liveness.SILENT
    await world.pass_time(18)
    assert world.rows() == []
    await world.pass_time(2)
    assert states(world) == [("AgentSilent", "critical", True)]

    await agent.send(world, *disk(0.5))
    await world.turn(1)
    assert states(world) == [("AgentSilent", "critical", False)]
    assert len(world.incidents()) == 1


async def test_laptop_that_sleeps_is_no_alert(world: World) -> None:
    """Presence `sometimes`: silence is its own state and raises nothing."""
    laptop = Agent("lap", world.clock)
    world.enrol(laptop, presence="sometimes", kind="server")
    await laptop.send(world, *disk(0.5))
    await world.turn()
    await world.pass_time(60)
    assert world.rows() == []
    assert world.fleet.hosts["lap"].liveness is Liveness.OFF_HOURS


async def test_stopped_process_believes_no_silence(world: World, agent: Agent) -> None:
    """After our own standstill every agent has its time again."""
    await agent.send(world, *disk(0.5))
    await world.turn()
    await world.turn(3_600)
    assert world.rows() == []
    await world.pass_time(99)  # two intervals, the longest pause of an agent, the hold
    assert world.rows() == []
    await world.pass_time(3)
    assert len(world.rows()) == 1


@pytest.mark.parametrize("step_seconds", [3_600, -3_600])
async def test_own_clock_that_is_set_changes_nothing(
    world: World, agent: Agent, step_seconds: int
) -> None:
    """An hour forward makes nobody silent, an hour back stops no judging and no timer."""
    labels = {"device": "/dev/sda1", "mountpoint": "/", "fstype": "ext4"}
    read_only = ("node_filesystem_readonly", labels, 1.0)
    for _ in range(4):
        await agent.send(world, *disk(0.5), read_only)
        await world.pass_time(10)
    world.clock.at += timedelta(seconds=step_seconds)
    await world.turn(1)
    assert world.rows() == []
    await agent.send(world, *disk(0.01), read_only)
    await world.turn(1)
    assert states(world) == [("FilesystemAlmostFull", "critical", True)]
    for _ in range(2):
        await world.pass_time(9)
        await agent.send(world, *disk(0.5), read_only)
        await world.turn(1)
    assert states(world) == [
        ("FilesystemAlmostFull", "critical", False),
        ("FilesystemReadOnly", "critical", True),
    ]


@pytest.mark.parametrize("step_seconds", [3_600, -3_600])
@pytest.mark.parametrize("is_between", [True, False])
async def test_silence_is_found_in_time_although_our_clock_was_set(
    world: World, agent: Agent, step_seconds: int, is_between: bool
) -> None:
    """Also when the last report came just before or just after the clock was set."""
    await agent.send(world, *disk(0.5))
    await world.pass_time(5)
    if not is_between:
        await agent.send(world, *disk(0.5))
    world.clock.at += timedelta(seconds=step_seconds)
    if is_between:
        await agent.send(world, *disk(0.5))
    await world.pass_time(49)
    assert world.rows() == []
    await world.pass_time(3)
    assert states(world) == [("AgentSilent", "critical", True)]


async def test_late_report_fills_history_and_raises_nothing(world: World, agent: Agent) -> None:
    """The backlog completes the hour; what it shows no longer holds."""
    await agent.send(world, *disk(0.5), ("wanwatch_cpu_used_ratio", {}, 0.2))
    await world.turn()
    await agent.send(world, *disk(0.0), ("wanwatch_cpu_used_ratio", {}, 0.7), ago_seconds=600.0)
    await world.turn(1)

    assert world.rows() == []
    hour = (
        world.fleet.hosts["a-1"]
        .indicators["cpu_used_ratio"]
        .last_hour(world.clock.now().timestamp())
    )
    assert hour[-1] == pytest.approx(0.2)
    assert hour[-11] == pytest.approx(0.7)
    assert world.judge.late_reports == 1


async def test_old_report_first_after_an_outage_raises_nothing(world: World, agent: Agent) -> None:
    """Also when no live report has come yet, an hour-old value says nothing of now."""
    await agent.send(world, *disk(0.0), ago_seconds=3_600.0)
    await world.turn(1)
    assert world.rows() == []


async def test_for_fires_by_time_without_waiting_for_the_next_report(world: World) -> None:
    """`for: 1m` ends on the second, not on the next report's arrival."""
    slow = Agent("slow", world.clock)
    world.enrol(slow, interval_seconds=50)
    labels = {"device": "/dev/sda1", "mountpoint": "/", "fstype": "ext4"}
    await slow.send(world, ("node_filesystem_readonly", labels, 1.0))
    await world.pass_time(50)
    await slow.send(world, ("node_filesystem_readonly", labels, 1.0))
    await world.pass_time(9)
    assert world.rows() == []
    await world.pass_time(2)
    assert states(world) == [("FilesystemReadOnly", "critical", True)]


async def test_series_that_is_gone_ends_its_alert(world: World, agent: Agent) -> None:
    """An unmounted disk is not full any more; a silent host's disk still is."""
    await agent.send(world, *disk(0.01, "/usb"), *disk(0.5))
    await world.turn(10)
    await agent.send(world, *disk(0.01, "/usb"), *disk(0.5))
    await world.turn()
    for _ in range(40):
        await world.turn(10)
        await agent.send(world, *disk(0.5))
    await world.turn()
    assert states(world) == [("FilesystemAlmostFull", "critical", False)]


async def test_alerts_of_a_silent_host_stay(world: World, agent: Agent) -> None:
    """No data is no recovery."""
    await agent.send(world, *disk(0.01))
    await world.turn()
    await world.pass_time(900, step_seconds=5)
    assert states(world) == [
        ("FilesystemAlmostFull", "critical", True),
        ("AgentSilent", "critical", True),
    ]


async def test_absent_metric_is_an_alert_of_a_host_that_reports(world: World, agent: Agent) -> None:
    """Ten minutes of reports without the basic figures."""
    for _ in range(75):
        await agent.send(world, *disk(0.5))
        await world.turn(10)
    assert ("HostDataMissing", "warning", True) in states(world)

    await agent.send(world, ("wanwatch_cpu_used_ratio", {}, 0.1))
    for _ in range(7):
        await world.turn(10)
        await agent.send(world, ("wanwatch_cpu_used_ratio", {}, 0.1))
    await world.turn()
    assert ("HostDataMissing", "warning", False) in states(world)


async def test_database_gone_keeps_everything_and_goes_on(world: World, agent: Agent) -> None:
    """A locked store delays alerts; it loses none and stops nothing."""
    await agent.send(world, *disk(0.5))
    await world.turn(6)
    file = world.directory / "c.sqlite3"
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    world.database.engine.dispose()
    with world.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    original = world.database.write

    async def impatient(fn):  # type: ignore[no-untyped-def]
        raise sqlite3.OperationalError("database is locked")

    world.database.write = impatient
    await agent.send(world, *disk(0.01))
    result = await world.turn(1)
    assert (result.pending, "locked" in result.error) == (1, True)
    await agent.send(world, *disk(0.0))
    assert (await world.turn(1)).judged == 1
    lock.execute("ROLLBACK")
    lock.close()
    world.database.write = original
    await world.pass_time(3)

    assert world.cycle.error == ""
    assert states(world) == [("FilesystemAlmostFull", "critical", True)]
    assert len(world.incidents()) == 1


async def test_alert_that_came_and_went_unstored_is_history_alone(
    world: World, agent: Agent
) -> None:
    """Nobody is paged for what no longer holds when the store is back."""
    original = world.database.write

    async def gone(fn):  # type: ignore[no-untyped-def]
        raise ConnectionError("server closed the connection")

    world.database.write = gone
    await agent.send(world, *disk(0.01))
    await world.turn(1)
    await agent.send(world, *disk(0.5))
    await world.turn(1)
    world.database.write = original
    await world.pass_time(4)

    assert states(world) == [("FilesystemAlmostFull", "critical", False)]
    assert world.incidents() == []


async def test_desk_that_fails_on_one_alert_does_not_stop_the_others(
    world: World, agent: Agent
) -> None:
    """The others are stored; the failed one is tried again until it is."""
    other = Agent("a-2", world.clock)
    world.enrol(other)
    desk = world.cycle._writer._desk
    original = desk.alert_fired

    def choosy(tx, cause, now):  # type: ignore[no-untyped-def]
        if cause.host == "máy-a-1":
            raise LookupError("no such class")
        return original(tx, cause, now)

    desk.alert_fired = choosy  # type: ignore[method-assign]
    await agent.send(world, *disk(0.01))
    await other.send(world, *disk(0.01))
    result = await world.turn(1)
    assert (result.pending, result.error) == (1, "LookupError: no such class")
    assert [row["agent"] for row in world.rows()] == ["a-2"]

    desk.alert_fired = original  # type: ignore[method-assign]
    await world.pass_time(2)
    assert sorted(row["agent"] for row in world.rows()) == ["a-1", "a-2"]


async def test_own_disk_is_judged_like_any_other(world: World) -> None:
    """Below ten per cent the collector pages for itself."""
    world.cycle.note_disk(0.5)
    world.cycle.note_disk(0.09)
    await world.turn(1)
    row = world.rows()[0]
    assert (row["rule"], row["agent"], row["outcome"]) == (
        *("CollectorDiskLow", "collector", "incident"),
    )


async def test_new_rules_keep_what_is_firing_and_end_what_is_gone(
    world: World, agent: Agent
) -> None:
    """A reload is no new alert; a rule that is gone ends its alerts."""
    await agent.send(world, *disk(0.01), *disk(0.5, "/srv"))
    await world.turn(1)
    started_at = world.rows()[0]["started_at"]

    world.cycle.adopt(rulebook_of(world.rulebook.rules[:-1]))
    await agent.send(world, *disk(0.01), *disk(0.5, "/srv"))
    await world.turn(1)
    assert [(r["started_at"], r["resolved_at"]) for r in world.rows()] == [(started_at, None)]

    def kept(rule: Rule) -> bool:
        return rule.name != "FilesystemAlmostFull"

    world.cycle.adopt(rulebook_of(filter(kept, world.rulebook.rules)))
    await world.turn(1)
    assert states(world) == [("FilesystemAlmostFull", "critical", False)]


async def test_watchers_learn_what_changed(world: World, agent: Agent) -> None:
    """Ids of what changed, after it is stored, in one batch."""
    with world.changes.subscribe() as news:
        await agent.send(world, *disk(0.01))
        await world.turn(1)
        batch = await news.next()
    assert batch["host"] == {"a-1"}
    assert batch["unit"] == {"H42.01"}
    assert (len(batch["alert"]), len(batch["incident"])) == (1, 1)
