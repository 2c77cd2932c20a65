"""The real agent as a process: it reports, obeys signals, survives kill -9, and is light."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import small_disk
from tests.integration.agents.collector_door import Door, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
MAX_PSS_KIB = 24 << 10


class Agents:
    """Starts agents and leaves none behind."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = data.parent / "agent.log"
        self._started: list[subprocess.Popen[bytes]] = []

    def run(self, url: str, *more: str) -> subprocess.Popen[bytes]:
        command = ["run", "--collector", url, "--data", str(self.data), "--interval-seconds", "1"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "agents", *command, *more], cwd=ROOT, stderr=log
            )
        self._started.append(process)
        return process

    def ask(self, *arguments: str, code: int = 0) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "agents", *arguments], cwd=ROOT, capture_output=True, text=True
        )
        assert ended.returncode == code, ended.stderr + ended.stdout
        return ended.stdout + ended.stderr

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Agents]:
    """Agents of one data directory."""
    agents = Agents(tmp_path / "data")
    yield agents
    agents.close()


def closed_port() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for the effect."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.02)


def content(body: dict[str, Any]) -> dict[str, Any]:
    """What must never differ between two requests of one number."""
    return {key: body[key] for key in ("agent", "boot", "samples", "events", "sections")}


class Collector:
    """Decides as the collector does: duplicates, the state of a key, everything received."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.received: dict[int, dict[str, Any]] = {}
        self.acknowledged: list[int] = []
        self.states = ["", ""]
        self.faults: list[str] = []
        door.default = self.answer

    def answer(self, request: Request) -> Reply:
        body = request.body
        seq = body["seq"]
        if body["state"] not in self.states:
            self.faults.append(f"{seq}: state {body['state']!r} is not one of {self.states}")
        if content(self.received.setdefault(seq, body)) != content(body):
            self.faults.append(f"{seq} came with other content")
        if body["oldest"] > seq:
            self.faults.append(f"{seq} is below its own oldest {body['oldest']}")
        self.states = [body["state"], f"state-{len(self.door.requests)}"]
        reply = Reply(body={"state": self.states[1], "plan": "p"})
        if seq in self.acknowledged:
            reply.body |= {"duplicate": True, "next": max(self.received) + 1}
        self.acknowledged.append(seq)
        return reply


def test_agent_reports_at_once_and_stops_when_told(agents: Agents, door: Door) -> None:
    """The first report goes at once, with its event; SIGTERM ends it cleanly."""
    process = agents.run(door.url)
    door.wait_for(lambda: door.requests)

    body = door.requests[0].body
    names = {sample[0] for sample in body["samples"]}
    assert {"node_load1", "node_memory_MemTotal_bytes", "wanwatch_check_success"} <= names
    assert [event["kind"] for event in body["events"]] == ["agent_started"]
    assert (body["v"], body["seq"], body["oldest"], body["state"]) == (1, 1, 1, "")

    door.wait_for(lambda: len(door.requests) == 3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert "agent stopped; 0 reports held" in agents.log.read_text()


def test_agent_says_goodbye_when_it_is_stopped(agents: Agents, door: Door) -> None:
    """One report, newest of all, that waits for nothing that is held."""
    door.replies = [Reply(503, {}, {"Retry-After": "60"})]
    process = agents.run(door.url)
    door.wait_for(lambda: door.requests)

    process.send_signal(signal.SIGTERM)
    assert process.wait(3) == 0

    # What was held may still follow it while the sender ends.
    (last,) = [
        request.body
        for request in door.requests
        if ("agent.goodbye", {"why": "stop"})
        in [(event["kind"], event["labels"]) for event in request.body["events"]]
    ]
    assert last["seq"] == max(request.body["seq"] for request in door.requests)
    assert last["oldest"] < last["seq"]


def test_agent_stops_within_three_seconds_of_a_collector_that_hangs(
    agents: Agents, door: Door
) -> None:
    """The report under way and the goodbye stay in the spool for the next start."""
    release = threading.Event()
    door.replies = [Reply(before=release.wait)]
    process = agents.run(door.url)
    door.wait_for(lambda: door.requests)

    process.send_signal(signal.SIGINT)
    code = process.wait(3.5)
    release.set()

    assert code == 0
    assert re.search(r"agent stopped; [2-5] reports held", agents.log.read_text())


def test_agent_stops_at_once_when_nobody_listens(agents: Agents) -> None:
    """One try for the goodbye, and it waits for the next start."""
    process = agents.run(closed_port())
    log = agents.log
    wait_for(lambda: "not delivered" in log.read_text())

    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert re.search(r"agent stopped; [2-9] reports held", log.read_text())


def test_agent_loses_no_acknowledged_report_however_often_it_is_killed(
    agents: Agents, door: Door
) -> None:
    """Ten times kill -9, half of them between receipt and answer, with a collector that sheds.

    Every number arrives, none comes with other content, and the state is always one that the
    collector handed out last or before.
    """
    collector = Collector(door)
    for round_number in range(10):
        process = agents.run(door.url)
        seen = len(door.requests)
        if round_number % 2:
            door.wait_for(lambda seen=seen: len(door.requests) >= seen + 1)

            def kill(request: Request, process: subprocess.Popen[bytes] = process) -> Reply:
                reply = collector.answer(request)
                reply.before = process.kill
                return reply

            door.default = kill
            process.wait()
            door.default = collector.answer
        else:
            door.replies = [Reply(503, {}, {"Retry-After": "0"})] * (round_number // 4)
            door.wait_for(lambda seen=seen, n=round_number: len(door.requests) >= seen + 1 + n // 4)
            process.kill()
            process.wait()

    process = agents.run(door.url)
    last = max(collector.received)
    door.wait_for(
        lambda: (
            door.requests[-1].body["oldest"] > last
            and set(collector.received) == set(range(1, max(collector.received) + 1))
        ),
        60,
    )

    assert collector.faults == []
    assert set(collector.acknowledged) >= set(range(1, last + 1))


def test_agent_reports_from_a_read_only_disk(tmp_path: Path, door: Door) -> None:
    """It starts, reports, says that its spool cannot be written, and stops cleanly.

    The numbers given meanwhile are not remembered: the next start gives them again, is told that
    they are used up, and sends the same content under numbers that are not.
    """
    collector = Collector(door)
    for disk in small_disk(tmp_path / "disk", size="4m"):
        own = Agents(disk / "data")
        own.log = tmp_path / "agent.log"
        try:
            for option in ("rw", "ro", "rw"):
                subprocess.run(["mount", "-o", f"remount,{option}", str(disk)], check=True)
                seen = len(door.requests)
                process = own.run(door.url)
                door.wait_for(lambda seen=seen: len(door.requests) == seen + 2)
                process.terminate()
                assert process.wait(5) == 0
                samples = [sample for r in door.requests for sample in r.body["samples"]]
                *_, writable = (v for name, _, v, _ in samples if name == "wanwatch_spool_writable")
                assert writable == (option == "rw")
        finally:
            own.close()

    accepted = [content(body) for body in collector.received.values()]
    assert all(content(request.body) in accepted for request in door.requests)


def test_agent_does_not_share_its_directory(agents: Agents, door: Door) -> None:
    """A second agent on the same key would be a clone: it ends with what is wrong."""
    agents.run(door.url)
    door.wait_for(lambda: door.requests)

    said = agents.ask("run", "--collector", door.url, "--data", str(agents.data), code=2)

    assert "another agent uses" in said


def test_agent_shows_exactly_what_it_sent(agents: Agents, door: Door) -> None:
    """`status` prints the last body, line by line or to the byte, and the answer to it."""
    known = json.loads(agents.ask("identity", "--data", str(agents.data), "--json"))
    agents.ask("status", "--data", str(agents.data), code=1)
    process = agents.run(door.url)
    door.wait_for(lambda: len(door.requests) == 2)
    process.terminate()
    process.wait()
    last = door.requests[-1]

    plain = agents.ask("status", "--data", str(agents.data))
    raw = agents.ask("status", "--data", str(agents.data), "--raw")
    as_json = json.loads(agents.ask("status", "--data", str(agents.data), "--json"))

    assert json.loads(raw) == last.body
    assert as_json["body"] == last.body
    assert known["agent"] == last.headers["x-agent"]
    for expected in (known["agent"], known["public_key"], "202 accepted", door.url):
        assert expected in plain
    for name, _, value, at in last.body["samples"]:
        assert re.search(rf"  {name}\b.* {re.escape(str(value))} @ {at}", plain)
    secret = (agents.data / "agent.key").read_text().strip()
    assert secret not in plain + raw + str(as_json) + agents.log.read_text()


def test_agent_tells_when_its_reports_do_not_arrive(agents: Agents, door: Door) -> None:
    """`status` is bad when the last answer was; the log has one line for it."""
    door.default = lambda request: Reply(401, {})
    process = agents.run(door.url)
    door.wait_for(lambda: len(door.requests) == 2)
    process.terminate()
    process.wait()

    plain = agents.ask("status", "--data", str(agents.data), code=1)

    assert "401: the collector does not know this key" in plain
    assert agents.log.read_text().count("not delivered: 401") == 1


def test_agent_tests_itself(agents: Agents) -> None:
    """`selftest` runs every check once and sends nothing."""
    plain = agents.ask("selftest", "--verbose")

    for name in ("clock", "cpu", "filesystem", "memory", "network", "services"):
        seen = rf"^ok     {name} +\d+\.\d+ s  (\d+ values|not booted with systemd)$"
        assert re.search(seen, plain, re.MULTILINE)
    assert re.search(r"^ {9}node_load1 \d", plain, re.MULTILINE)
    short = agents.ask("selftest")
    assert re.search(r" node_cpu_seconds_total ×\d+", short)
    found = {one["check"]: one for one in json.loads(agents.ask("selftest", "--json"))}
    assert {"node_load1"} <= {value["name"] for value in found["cpu"]["values"]}
    assert found["cpu"]["seconds"] < 5
    assert not agents.data.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--data", "{data}"], "setting 'collector' is missing"),
        (["run", "--collector", "nowhere", "--data", "{data}"], "setting 'collector' is 'nowhere'"),
        (
            ["run", "--collector", "http://a", "--data", "{data}", "--interval-seconds", "0"],
            "from 1",
        ),
        (["run", "--config", "{data}/no.toml"], "no.toml: No such file"),
        (["status", "--data", "{data}"], "no agent has run"),
        (["identity"], "setting 'data' is missing"),
        (["selftest", "--config", "{config}"], "names 'tea'; allowed are battery"),
        (["identity", "--data", "/proc/no"], "Is the data directory usable?"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_agent_says_what_is_wrong_with_its_configuration(
    agents: Agents, tmp_path: Path, arguments: list[str], message: str
) -> None:
    """Exit code 2 and one line with the setting, its value and what is allowed."""
    config = tmp_path / "agent.toml"
    config.write_text('data = "/tmp/x"\nchecks = ["tea"]\n')
    given = [text.format(data=agents.data, config=config) for text in arguments]

    assert message in agents.ask(*given, code=2)


def test_agent_explains_itself(agents: Agents) -> None:
    """`--help` has examples and the exit codes."""
    said = agents.ask("--help")

    assert "wanwatch-agent run --config" in said
    assert "exit codes: 0 fine, 1 the thing asked about is bad, 2" in said


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs smaps_rollup")
def test_agent_is_light(agents: Agents, door: Door) -> None:
    """At most 24 MiB of memory that it does not share, and nothing heavy imported."""
    process = agents.run(door.url)
    door.wait_for(lambda: len(door.requests) == 4)
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()

    found = re.search(r"^Pss: +(\d+) kB$", rollup, re.MULTILINE)

    assert found is not None
    assert int(found[1]) <= MAX_PSS_KIB
