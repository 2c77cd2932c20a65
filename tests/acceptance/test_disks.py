"""A full disk and a read-only disk, on either side: nothing lost, nothing crashed, all healed."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.acceptance.tally import held, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import World, wait_until
from tests.conftest import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.world import Mailbox


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Path]:
    """A second real file system, for one side's data."""
    yield from small_disk(tmp_path / "tight", size="24m")


@pytest.fixture
def tight_world(tmp_path: Path, disk: Path, mailbox: Mailbox, tight: Path) -> Iterator[World]:
    """A world whose data can be moved to the tight disk."""
    made = World(tmp_path, disk, mailbox)
    try:
        yield made
    finally:
        made.end_all()


def fill_up(directory: Path) -> None:
    """Leave no byte free."""
    with (directory / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1 << 12)):
            pass


def newest_report(world: World) -> str:
    """Return when the collector last accepted a report of the only host."""
    return str(world.get("/api/v1/agents")["items"][0]["last_report_at"])


def test_collector_with_a_full_disk_acknowledges_nothing_and_heals(
    tight_world: World, tight: Path
) -> None:
    """No 202 without a durable journal; when there is room again the agent's backlog arrives."""
    world = tight_world
    shutil.move(world.data, tight / "data")
    world.data = tight / "data"
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    fill_up(tight)
    wait_until(lambda: "503" in world.agent_status(), "the agent is told to come again")
    (tight / "ballast").unlink()
    stopped_at = newest_report(world)
    wait_until(lambda: newest_report(world) > stopped_at, "reports are accepted again", 90)
    wait_until(lambda: not world.acknowledged_sequences() - world.journalled_sequences(), "all", 60)

    assert world.get("/api/v1/agents")["items"][0]["lost_reports"] == 0
    assert "Traceback" not in world.log("collector") + world.log("agent")
    agent = world.identity("agent")["agent"]
    wait_until(lambda: held(world.agent_data) <= 1, "the spool is empty", 60)
    world.end_all()
    tally(world, {agent: world.agent_data}).check("collector's disk full")


def test_agent_with_a_full_disk_reports_from_memory(tight_world: World, tight: Path) -> None:
    """The host stays on the page, which shows that its spool cannot be written."""
    world = tight_world
    shutil.move(world.agent_data, tight / "agent")
    world.agent_data = tight / "agent"
    fill_up(tight)
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    first = newest_report(world)
    wait_until(lambda: newest_report(world) > first, "and goes on reporting")

    assert "Traceback" not in world.log("agent")


def test_agent_on_a_read_only_disk_reports_from_memory(tight_world: World, tight: Path) -> None:
    """A disk that became read-only is no silence."""
    world = tight_world
    shutil.move(world.agent_data, tight / "agent")
    world.agent_data = tight / "agent"
    subprocess.run(["mount", "-o", "remount,ro", str(tight)], check=True)
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    first = newest_report(world)
    wait_until(lambda: newest_report(world) > first, "and goes on reporting")

    assert "Traceback" not in world.log("agent")


def test_collector_on_a_read_only_disk_does_not_start_and_says_why(
    tight_world: World, tight: Path
) -> None:
    """Exit code 2 and the reason; the agent meanwhile keeps its reports."""
    world = tight_world
    shutil.move(world.data, tight / "data")
    world.data = tight / "data"
    subprocess.run(["mount", "-o", "remount,ro", str(tight)], check=True)
    world.start("collector")

    assert world.processes.pop("collector").wait(30) == 2
    assert "read-only" in world.log("collector").lower()
    assert "Traceback" not in world.log("collector")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{world.port}/-/ready")
