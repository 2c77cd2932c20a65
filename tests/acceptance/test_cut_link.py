"""The line is cut and comes back, again and again under load: every report arrives exactly once."""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
import shutil
import subprocess
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.tally import held, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import World, running_world, wait_until
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.world import Mailbox

CUTS = 6
SEED = 20261126
HOSTS = ("agent", "may-chu-2", "may-chu-3", "may-chu-4")


class Line:
    """A pair of virtual cards between here and a network of the agents' own."""

    def __init__(self, until: ExitStack) -> None:
        if os.geteuid() != 0 or shutil.which("ip") is None:
            missing("a line to cut needs root and the command ip")
        number = os.getpid() % 16_000
        self.space, here = f"wanwatch-{number}", f"ww{number}"
        net = f"10.{200 + number % 50}.{number // 50 % 250}"
        self.here, self.there = f"{net}.1", f"{net}.2"
        added = subprocess.run(["ip", "netns", "add", self.space], capture_output=True, text=True)
        if added.returncode != 0:
            missing(f"no network namespace: {added.stderr.strip()}")
        until.callback(self.run, "netns", "delete", self.space)
        self.run("link", "add", here, "type", "veth", "peer", "name", "far", "netns", self.space)
        self.run("address", "add", f"{self.here}/24", "dev", here)
        self.run("link", "set", here, "up")
        self.run("-n", self.space, "address", "add", f"{self.there}/24", "dev", "far")
        self.set("up")

    def run(self, *words: str) -> None:
        """Run `ip`."""
        subprocess.run(["ip", *words], check=True)

    def set(self, state: str) -> None:
        """Cut the line at the agents' end (`down`), or mend it (`up`)."""
        self.run("-n", self.space, "link", "set", "far", state)


@pytest.fixture
def line() -> Iterator[Line]:
    """A line that works; it is taken away again."""
    with ExitStack() as until:
        yield Line(until)


@pytest.fixture
def far_world(tmp_path: Path, disk: Path, mailbox: Mailbox, line: Line) -> Iterator[World]:
    """A world whose agents are at the other end of the line."""
    inside = ["ip", "netns", "exec", line.space]
    before = dict.fromkeys(HOSTS, inside)
    yield from running_world(World(tmp_path, disk, mailbox, address=line.here, before=before))


def test_cut_line_loses_and_doubles_nothing(far_world: World, line: Line) -> None:
    """Six cuts of up to five seconds in four agents' reports: all there, nobody called."""
    world, chance, pause = far_world, random.Random(SEED), threading.Event()
    for host in HOSTS[1:]:
        world.add_agent(host)
    names = {world.identity(name)["agent"]: world.agents[name] for name in HOSTS}
    world.start("collector")
    world.wait_ready()
    for host in HOSTS:
        world.start(host)
    wait_until(lambda: hosts_on_time(world), "all hosts report")

    most_held = 0
    for _ in range(CUTS):
        pause.wait(chance.uniform(0.5, 3.0))
        line.set("down")
        pause.wait(chance.uniform(1.0, 5.0))
        most_held = max(most_held, *(held(data) for data in names.values()))
        line.set("up")
    wait_until(lambda: all(held(d) <= 1 for d in names.values()), "the spools are empty", 60)
    assert hosts_on_time(world)
    agents = world.get("/api/v1/agents")["items"]
    assert [agent["lost_reports"] for agent in agents] == [0] * len(HOSTS)
    assert world.mailbox.messages == []
    world.end_all()

    found = tally(world, names)
    found.check(f"line cut {CUTS} times, at most {most_held} reports held")
    assert most_held > 2
    assert found.gone == 0
    assert "Traceback" not in world.log("collector") + "".join(map(world.log, HOSTS))
