"""The database is locked, or gone: reports go on being taken; what fired is told once."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.tally import held, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import World, running_world, wait_until
from tests.postgres import PostgresServer, run_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.world import Mailbox

LOCKED_SECONDS = GONE_SECONDS = 20.0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test's own, to be stopped and started."""
    folder = Path(tempfile.mkdtemp(prefix="wanwatch-pg-"))
    try:
        yield from run_server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_world(
    tmp_path: Path, disk: Path, mailbox: Mailbox, server: PostgresServer
) -> Iterator[World]:
    """A world whose collector keeps its tables there."""
    environment = {"WANWATCH_DATABASE_URL": server.new_database()}
    yield from running_world(World(tmp_path, disk, mailbox, environment=environment))


def fault(world: World, begin: Callable[[], None], end: Callable[[], None], seconds: float) -> int:
    """Let a disk fill while the database cannot be written; return how many reports were taken.

    The agent holds at most the reports of a moment throughout: each is acknowledged as it comes.
    """
    pause = threading.Event()
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    begin()
    until, before = time.monotonic() + seconds, taken(world)
    world.fill()
    most_held = 0
    while time.monotonic() < until:
        most_held = max(most_held, held(world.agent_data))
        pause.wait(0.2)
    taken_meanwhile = taken(world) - before
    assert most_held <= 3
    assert world.mailbox.messages == []
    end()
    return taken_meanwhile


def taken(world: World) -> int:
    """Return how many reports the agent knows to be with the collector."""
    return len(world.acknowledged_sequences())


def told_once(world: World, name: str, taken_meanwhile: int) -> None:
    """One incident, one page, its end; the desk turns; every report is in the journal."""
    wait_until(lambda: world.mailbox.messages, "a page", 60)
    wait_until(lambda: healthy(world), "the collector is healthy")
    (incident,) = world.get("/api/v1/incidents")["items"]
    world.post(f"/api/v1/incidents/{incident['code']}/ack")
    world.free()
    wait_until(lambda: world.mailbox.subjects("ĐÃ KHÔI PHỤC"), "its end is told", 60)
    assert len(world.get("/api/v1/incidents")["items"]) == 1
    words = [str(m["Subject"]).split(" · ")[0] for m in world.mailbox.messages]
    assert words == ["MỚI", "ĐÃ KHÔI PHỤC"]
    agent = world.identity("agent")["agent"]
    world.end_all()
    found = tally(world, {agent: world.agent_data})
    found.check(f"{name}, {taken_meanwhile} reports taken meanwhile")
    assert found.gone == 0
    assert taken_meanwhile > 10


def healthy(world: World) -> bool:
    """Say whether whole turns of desk and evaluation ended lately."""
    return world.text("/-/healthy") == "ok\n"


def test_locked_sqlite_delays_a_page_and_loses_nothing(world: World) -> None:
    """Another connection holds the right to write for twenty seconds."""
    other = []

    def lock() -> None:
        connection = sqlite3.connect(world.data / "collector.sqlite3", isolation_level=None)
        other.append(connection)
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("BEGIN IMMEDIATE")

    def unlock() -> None:
        with closing(other.pop()) as connection:
            connection.execute("ROLLBACK")

    taken_meanwhile = fault(world, lock, unlock, LOCKED_SECONDS)
    told_once(world, f"SQLite locked for {LOCKED_SECONDS:g} s", taken_meanwhile)


def test_stopped_postgresql_delays_a_page_and_loses_nothing(
    postgres_world: World, server: PostgresServer
) -> None:
    """It crashes and comes back after twenty seconds."""
    taken_meanwhile = fault(postgres_world, server.stop, server.start, GONE_SECONDS)
    told_once(postgres_world, f"PostgreSQL gone for {GONE_SECONDS:g} s", taken_meanwhile)
