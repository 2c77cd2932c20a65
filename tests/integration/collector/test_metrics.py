"""/metrics: every expected host is 0 or 1, and promtool has nothing to say about the names."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from collector.connections import Connections
from collector.identity.enrolment_door import EnrolmentDoor
from collector.metrics.metrics import Counted, ServiceMetrics
from collector.watch_desk import WatchDesk
from tests.conftest import missing
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


def page(world: World) -> str:
    registry = CollectorRegistry()
    parts = ServiceMetrics(
        fleet=world.fleet,
        door=world.door,
        judge=world.judge,
        cycle=world.cycle,
        journal=world.stream,
        vitals=world.vitals,
        counted=Counted(
            messages={("mail", "sent"): 1},
            incidents={("S3", "canh_bao"): 2},
            overdue={"duty": 1},
            sessions={("live", "A"): 1},
        ),
        enrolment=EnrolmentDoor(monotonic=world.clock.monotonic),
        connections=Connections(16, 4),
        watch=WatchDesk(
            world.database,
            world.fleet,
            world.judge,
            now=world.clock.now,
            monotonic=world.clock.monotonic,
        ),
    )
    registry.register(parts)
    return generate_latest(registry).decode()


async def a_morning(world: World) -> None:
    """One host that is fine, one silent, one never heard, one asleep, one alert."""
    fine, silent, asleep = (Agent(name, world.clock) for name in ("fine", "silent", "asleep"))
    world.enrol(fine)
    world.enrol(silent)
    world.enrol(asleep, presence="sometimes")
    world.enrol(Agent("never", world.clock))
    for agent in (silent, asleep):
        await agent.send(world, *disk(0.5))
    for _ in range(5):
        await fine.send(world, *disk(0.01))
        await fine.post(world.door, fine.body())
        await world.pass_time(10)


async def test_every_expected_host_is_up_or_down(world: World) -> None:
    """Silence is an explicit 0; a laptop that sleeps is not expected."""
    await a_morning(world)
    lines = page(world).splitlines()
    up = sorted(line for line in lines if line.startswith("wanwatch_agent_up"))
    assert up == [
        'wanwatch_agent_up{host="máy-fine",unit="H42.01"} 1.0',
        'wanwatch_agent_up{host="máy-never",unit="H42.01"} 0.0',
        'wanwatch_agent_up{host="máy-silent",unit="H42.01"} 0.0',
    ]


async def test_when_a_host_was_last_heard_is_told_whether_it_is_up_or_not(world: World) -> None:
    """From it a scraper sees for how long; a host that was never heard has no instant."""
    await a_morning(world)
    name = "wanwatch_agent_last_seen_timestamp_seconds"
    seen = {
        line.split('host="')[1].split('"')[0]: float(line.split()[-1])
        for line in page(world).splitlines()
        if line.startswith(name + "{")
    }
    assert set(seen) == {"máy-fine", "máy-silent", "máy-asleep"}
    assert seen["máy-fine"] - seen["máy-silent"] == 40


async def test_what_came_and_what_was_refused_is_counted(world: World) -> None:
    """Every way in which a request ends has a number, alerts have theirs."""
    await a_morning(world)
    lines = set(page(world).splitlines())
    assert {
        'wanwatch_reports_total{result="accepted"} 7.0',
        'wanwatch_reports_total{result="duplicate"} 5.0',
        'wanwatch_reports_total{result="shed_disk"} 0.0',
        'wanwatch_alerts{severity="critical",state="firing"} 2.0',
        "wanwatch_reports_waiting 0.0",
        "wanwatch_journal_behind 0.0",
        "wanwatch_reports_lost_total 0.0",
    } <= lines


async def test_promtool_accepts_the_page(world: World) -> None:
    """Names, units and help are as Prometheus wants them."""
    promtool = shutil.which("promtool")
    if promtool is None:
        missing("promtool is not installed")
    await a_morning(world)
    checked = await asyncio.to_thread(
        subprocess.run,
        [promtool, "check", "metrics"],
        input=page(world),
        text=True,
        capture_output=True,
    )
    assert (checked.returncode, checked.stderr, checked.stdout) == (0, "", "")
