"""The clock of a host is set by an hour, either way: no instant is wrong, nobody is called."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from collector import app
from tests.acceptance.tally import held, journal, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import World, running_world, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.world import Mailbox

HOUR = 3600.0
TOLERANCE_SECONDS = 1.5
# How long the clock is wrong each time: a few reports.
WRONG_SECONDS = 4.0
WITNESS = "test_true_time_seconds"


class Host:
    """What the test turns at the host: its clock, and which boot it says that this is.

    A witness writes the true time where the agent reads values that others write, so that each
    report carries when it was really made.
    """

    def __init__(self, directory: Path) -> None:
        self.shift_file, self.witnessed = directory / "shift", directory / "witness"
        self.proc = directory / "proc"
        self.witnessed.mkdir()
        self.shift(0.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._witness)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of its agent."""
        return {
            "SHIFT_FILE": str(self.shift_file),
            "WANWATCH_AGENT_TEXTFILE_DIRECTORY": str(self.witnessed),
        }

    def shift(self, seconds: float) -> None:
        """Set the clock to so many seconds more than is true."""
        part = self.shift_file.with_suffix(".part")
        part.write_text(str(seconds), encoding="ascii")
        part.replace(self.shift_file)

    def close(self) -> None:
        """Let the witness end."""
        self._stopping.set()
        self._thread.join()

    def _witness(self) -> None:
        while not self._stopping.wait(0.05):
            now = app.now().timestamp()
            part = self.witnessed / "part"
            part.write_text(f"{WITNESS} {now:.3f}\n", encoding="ascii")
            part.replace(self.witnessed / "witness.prom")


class Seen(NamedTuple):
    """One report with a witness: whose boot, and by how much its instant is wrong."""

    boot: str
    error_seconds: float


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host whose clock can be set."""
    with ExitStack() as until:
        made = Host(tmp_path)
        until.callback(made.close)
        yield made


@pytest.fixture
def shifted_world(tmp_path: Path, disk: Path, mailbox: Mailbox, host: Host) -> Iterator[World]:
    """A world whose agent lives by that clock."""
    world = World(tmp_path, disk, mailbox, environment=host.environment)
    world.agent_toml = "[check_every_seconds]\ntextfile = 1\n"
    world.programs["agent"] = [sys.executable, "-m", "tests.acceptance.shifted_agent"]
    yield from running_world(world)


def seen(world: World) -> list[Seen]:
    """Return how wrong the instants are by which the collector goes."""
    found = []
    for record, report in journal(world):
        offset = record.received_at.timestamp() - report["sent_at"]
        for name, _, value, at in report["samples"]:
            if name == WITNESS:
                found.append(Seen(report["boot"], abs(at + offset - value)))
    return found


def test_clock_steps_of_an_hour_move_no_sample_and_call_nobody(
    shifted_world: World, host: Host
) -> None:
    """While reports go out, and while they wait because the collector is away."""
    world, pause = shifted_world, threading.Event()
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    for hours in (1, -1, 0):
        host.shift(hours * HOUR)
        pause.wait(WRONG_SECONDS)
    world.end("collector")
    for hours in (1, 0, -1, 0, 1):
        pause.wait(WRONG_SECONDS)
        host.shift(hours * HOUR)
    world.start("collector")
    world.wait_ready()
    wait_until(lambda: held(world.agent_data) <= 1, "the spool is empty", 60)

    check_nobody_called(world)
    assert uncertain(world) == 0
    agent = world.identity("agent")["agent"]
    world.end_all()
    errors = [one.error_seconds for one in seen(world)]
    assert len(errors) > 8 * WRONG_SECONDS / 2
    found = tally(world, {agent: world.agent_data})
    found.check(f"clock of the host set by ±1 h, instants wrong by at most {max(errors):.2f} s")
    assert found.gone == 0
    assert max(errors) < TOLERANCE_SECONDS


def test_what_waited_over_a_restart_with_a_wrong_clock_is_marked(
    shifted_world: World, host: Host
) -> None:
    """Over a boot nothing measures the time but the clock: counted, and never taken for now."""
    world, pause = shifted_world, threading.Event()
    boot = Path("sys/kernel/random/boot_id")
    (host.proc / boot).parent.mkdir(parents=True)
    (host.proc / boot).write_text("00000000-0000-0000-0000-000000000001\n", encoding="ascii")
    world.start("collector")
    world.wait_ready()
    world.end("collector")
    host.shift(HOUR)
    world.environment["WANWATCH_AGENT_PROC"] = str(host.proc)
    world.fill()
    world.start("agent")
    wait_until(lambda: held(world.agent_data) >= 4, "reports wait")
    world.end("agent")
    del world.environment["WANWATCH_AGENT_PROC"]
    world.free()
    host.shift(0.0)
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    wait_until(lambda: held(world.agent_data) <= 1, "the spool is empty", 60)
    pause.wait(1.0)

    check_nobody_called(world)
    counted = uncertain(world)
    agent = world.identity("agent")["agent"]
    world.end_all()
    boots = Counter(report["boot"] for _, report in journal(world))
    found = tally(world, {agent: world.agent_data})
    found.check(f"clock wrong by 1 h before a restart, {counted} reports marked")
    assert found.gone == 0
    assert counted == min(boots.values()) >= 4


def check_nobody_called(world: World) -> None:
    """Neither an incident nor a mail nor an alert of silence; the host is heard."""
    assert hosts_on_time(world)
    assert world.mailbox.messages == []
    assert world.get("/api/v1/incidents")["items"] == []
    rules = [alert["rule"] for alert in world.get("/api/v1/alerts")["items"]]
    assert not [rule for rule in rules if "Silent" in rule or "Filesystem" in rule]
    assert "ERROR" not in world.log("collector")


def uncertain(world: World) -> int:
    """Return how many reports the collector marked."""
    name = "wanwatch_reports_clock_uncertain_total"
    found = re.search(rf"^{name} (\S+)$", world.text("/metrics"), re.MULTILINE)
    assert found is not None
    return int(float(found[1]))
