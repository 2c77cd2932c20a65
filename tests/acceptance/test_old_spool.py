"""A spool of 72 hours behind a live lane: live reports go first, the rest drains, none pages."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from agents.report import Event, Sample
from agents.spool import Spool, SpoolLimits
from collector import app
from tests.acceptance.tally import held, journal, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World

HOURS, EVERY_SECONDS = 75, 600.0
MADE = int(HOURS * 3600 / EVERY_SECONDS)
LIMIT_SECONDS = 72 * 3600.0
IN_TIME = int(LIMIT_SECONDS / EVERY_SECONDS)
# While the spool filled a disk was full; it has been free again for two days.
FULL_HOURS = range(20, 24)
# The collector grants one agent 600 a minute at the most, and a first answer comes at 100.
MOST_A_SECOND = 10.0
LIVE_WITHIN_SECONDS = 2.0


class Clock:
    """A clock that is turned, of a boot before this one."""

    def __init__(self, now: float) -> None:
        self.now, self.up = now, 0.0

    def forward(self, seconds: float) -> None:
        self.now, self.up = self.now + seconds, self.up + seconds


def disk(mountpoint: Path, free_ratio: float, at: float) -> list[Sample]:
    """Return what a report says of the disk that the rule watches."""
    labels = {"device": "tmpfs", "mountpoint": str(mountpoint), "fstype": "tmpfs"}
    return [
        Sample("node_filesystem_avail_bytes", labels, free_ratio * 4e6, at),
        Sample("node_filesystem_size_bytes", labels, 4e6, at),
    ]


def fill_spool(world: World, agent: str) -> None:
    """Let an agent that reaches nobody keep reports for three days, until half a turn ago."""
    clock = Clock(app.now().timestamp() - HOURS * 3600.0 + EVERY_SECONDS / 2)
    spool = Spool(
        world.agent_data,
        agent=agent,
        boot="the-boot-before",
        limits=SpoolLimits(max_age_seconds=LIMIT_SECONDS),
        now=lambda: clock.now,
        uptime=lambda: clock.up,
    )
    for number in range(MADE):
        is_full = number * EVERY_SECONDS / 3600 in FULL_HOURS
        events = [Event("login_failed", clock.now, {"user": "x"})] if number % 36 == 0 else []
        spool.add(disk(world.disk, 0.01 if is_full else 0.9, clock.now), events)
        clock.forward(EVERY_SECONDS)
    spool.close()


def counted(world: World, result: str) -> int:
    """Return how many requests at the door ended so."""
    found = re.search(
        rf'^wanwatch_reports_total{{result="{result}"}} (\S+)$',
        world.text("/metrics"),
        re.MULTILINE,
    )
    return int(float(found[1])) if found else 0


def test_three_days_drain_behind_live_reports_and_call_nobody(world: World) -> None:
    """Late by seconds: never. At the granted rate; accepted and dropped are what was sent."""
    agent = world.identity("agent")["agent"]
    fill_spool(world, agent)
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    begun = time.monotonic()
    wait_until(lambda: held(world.agent_data) <= 1, "the spool is empty", 110)
    drained_seconds = time.monotonic() - begun
    accepted, duplicates = counted(world, "accepted"), counted(world, "duplicate")
    assert hosts_on_time(world)
    rules = {alert["rule"] for alert in world.get("/api/v1/alerts")["items"]}
    assert rules <= {"SpoolDropping", "SpoolNotDraining"}  # what the agent says of its spool itself
    assert world.get("/api/v1/incidents")["items"] == []
    assert world.mailbox.messages == []
    world.end_all()

    late_by: list[float] = []
    backlog_at: list[float] = []
    for record, report in journal(world):
        at = record.received_at.timestamp()
        if report["seq"] <= MADE:
            backlog_at.append(at)
        else:
            made_at = max((sample[3] for sample in report["samples"]), default=report["sent_at"])
            late_by.append(at - made_at)
    found = tally(world, {agent: world.agent_data})
    found.check(
        f"72 h of reports behind a live lane, drained in {drained_seconds:.0f} s, "
        f"live reports at most {max(late_by):.2f} s old, {duplicates} duplicates"
    )
    assert duplicates == 0
    assert accepted <= found.arrived
    assert found.gone == MADE - IN_TIME  # older than 72 hours
    assert len(backlog_at) == IN_TIME
    assert max(late_by) < LIVE_WITHIN_SECONDS
    assert sorted(backlog_at) == backlog_at
    ten_seconds = (sum(0 <= b - a < 10.0 for b in backlog_at) for a in backlog_at)
    assert max(ten_seconds) <= MOST_A_SECOND * 10.0 * 1.1
    assert "Traceback" not in world.log("collector") + world.log("agent")
