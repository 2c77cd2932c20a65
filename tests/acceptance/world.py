"""The real processes on free ports, a real mail server, and a small disk to fill."""

from __future__ import annotations

import contextlib
import email
import email.policy
import gzip
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from aiosmtpd.controller import Controller

from agents import slots
from agents.segments import SegmentLog
from collector.stream import Kind
from collector.stream.records import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

ROOT = Path(__file__).parents[2]
_ports = itertools.cycle(range(20_000 + os.getpid() * 10 % 10_000, 32_000))
UNIT = "H29.1"
RULE = """
rules:
  - name: FilesystemAlmostFull
    value: ratio(node_filesystem_avail_bytes, node_filesystem_size_bytes)
    where: {{mountpoint: "{mountpoint}"}}
    critical: {{below: 0.10}}
    warning: {{below: 0.20}}
    for: 0s
    flapping: {{changes: 100, within: 30m, quiet_for: 10m}}
    class: kt_qua_tai
    impact: I3
    runbook: filesystem-almost-full
    summary: {{vi: "Ổ đĩa {{mountpoint}} chỉ còn {{value_percent}} trống",
              en: "{{mountpoint}} has only {{value_percent}} left"}}
"""
UNITS = f"code,name,kind,parent,region\n{UNIT},Văn phòng Tỉnh ủy,co_quan,,Trung tâm\n"
CHANNELS = """
channels:
  mail: {{kind: email, host: 127.0.0.1, port: {port}, from: wanwatch@example.vn}}
recipients:
  - {{name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}}
repeat: {{S1: {repeat}, S2: {repeat}, S3: {repeat}, S4: {repeat}}}
# These tests run at whatever hour it is.
quiet: null
daily_test: null
"""


def free_port() -> int:
    """Return a free port below those that the system gives to outgoing connections.

    One of those could be taken by any connection before our process listens on it, or again
    between a kill and the next start.
    """
    while True:
        port = next(_ports)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Return the first true answer of `condition`; fail with `what` when none came in time."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while True:
        if answer := condition():
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(0.02)


class Mailbox:
    """A real SMTP server that keeps what it accepted, with the instant of acceptance."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.on_accepted: Callable[[], None] = lambda: None
        self.arrived_at: list[float] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message; the name is what the SMTP server asks for."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.arrived_at.append(time.monotonic())
        self.messages.append(message)  # type: ignore[arg-type]
        self.on_accepted()
        return "250 OK"

    def subjects(self, start: str = "") -> list[str]:
        """Return the subjects in order of arrival that begin with `start`."""
        return [s for m in self.messages if (s := str(m["Subject"])).startswith(start)]

    def stop(self) -> None:
        """Stop the server."""
        self._controller.stop()


@dataclass
class World:
    """One collector, one agent, one disk; every process is ended by its id.

    Attributes:
        address: Where the collector listens.
        agents: The data directories of agents, by host: the first is `agent`, others may be added.
        before: What stands before the command of a process: another network.
        programs: What runs in the place of `python -m agents`: another clock.
        agent_toml: Settings of the agents beside those on their command line.
    """

    directory: Path
    disk: Path
    mailbox: Mailbox
    repeat: str = "1h"
    environment: dict[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"
    agents: dict[str, Path] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    programs: dict[str, list[str]] = field(default_factory=dict)
    agent_toml: str = ""
    data: Path = field(init=False)
    agent_data: Path = field(init=False)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = self.directory / "data"
        self.agent_data = self.agents["agent"] = self.directory / "agent"
        policy = self.directory / "policy"
        (policy / "rules").mkdir(parents=True)
        (policy / "units.csv").write_text(UNITS, encoding="utf-8")
        # What a month's end brings depends on the day the tests run: no duties here.
        (policy / "duties.yaml").write_text("duties: []\n", encoding="utf-8")
        (policy / "rules" / "disk.yaml").write_text(
            RULE.format(mountpoint=self.disk), encoding="utf-8"
        )
        self.write_channels()
        self.run("agents", "add", "--host", "may-chu-1", "--unit", UNIT, "--public-key", self.key())

    def write_channels(self) -> None:
        """Write channels.yaml with the mailbox as the only channel."""
        text = CHANNELS.format(port=self.mailbox.port, repeat=self.repeat)
        (self.directory / "policy" / "channels.yaml").write_text(text, encoding="utf-8")

    def key(self) -> str:
        """Return the agent's public key; the key pair is made at the first call."""
        return str(self.identity("agent")["public_key"])

    def identity(self, name: str) -> dict[str, str]:
        """Return the id and the public key of an agent; both are made at the first call."""
        command = [sys.executable, "-m", "agents", "identity", "--json"]
        where = ["--data", str(self.agents[name])]
        done = subprocess.run([*command, *where], cwd=ROOT, capture_output=True, check=True)
        return dict(json.loads(done.stdout))

    def add_agent(self, name: str) -> None:
        """Make one more agent's key and let it report; it is not started."""
        self.agents[name] = self.directory / name
        key = self.identity(name)["public_key"]
        self.run("agents", "add", "--host", name, "--unit", UNIT, "--public-key", key)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `wanwatch` sub-command on this world's data to its end."""
        where = ["--data", str(self.data)]
        if words[:2] == ("agents", "add"):
            where += ["--policy", str(self.directory / "policy")]
        return subprocess.run(
            [sys.executable, "-m", "collector", *words, *where],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
        )

    def check_config(self) -> subprocess.CompletedProcess[str]:
        """Run `wanwatch check-config` on this world's policy."""
        return subprocess.run(
            [*(sys.executable, "-m", "collector", "check-config"), self.directory / "policy"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    def start(self, name: str) -> None:
        """Start `collector` or `agent`; its output goes to a log file of its own."""
        place, usual = f"{self.address}:{self.port}", [sys.executable, "-m"]
        if name == "collector":
            command = [*usual, "collector", "collector", "--data", self.data]
            command += ["--policy", self.directory / "policy", "--listen", place]
        else:
            data = self.agent_data if name == "agent" else self.agents[name]
            command = [*self.programs.get(name, [*usual, "agents"]), "run", "--data", data]
            command += ["--interval-seconds", "1", "--collector", f"http://{place}"]
            if self.agent_toml:
                (self.directory / "agent.toml").write_text(self.agent_toml, encoding="utf-8")
                command += ["--config", self.directory / "agent.toml"]
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self.before.get(name, []), *map(str, command)],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start_all(self) -> None:
        """Start both and wait until the collector answers."""
        self.start("collector")
        self.wait_ready()
        self.start("agent")

    def wait_ready(self) -> None:
        """Wait until the collector says that it is ready."""
        process = self.processes["collector"]
        wait_until(lambda: self.is_ready() or process.poll() is not None, "collector ready")
        assert process.poll() is None, self.log("collector")[-2000:]

    def is_ready(self) -> bool:
        """Say whether the collector answers and is ready."""
        try:
            return httpx.get(f"http://{self.address}:{self.port}/-/ready", timeout=1).is_success
        except httpx.HTTPError:
            return False

    def end(self, name: str, number: int = signal.SIGTERM) -> int:
        """Send a signal to one process and return its exit code."""
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(15)

    def end_all(self) -> None:
        """End what still runs, the agents first."""
        for name in (*self.agents, "collector"):
            if name in self.processes:
                self.end(name)

    def log(self, name: str) -> str:
        """Return what a process has said so far."""
        path = self.directory / f"{name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def get(self, path: str) -> Any:
        """Return the JSON of a GET with the local token."""
        return self.request("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON of a POST with the local token."""
        return self.request("POST", path, json=body or {}, headers=_idempotency_key())

    def request(self, method: str, path: str, **rest: Any) -> Any:
        """Return the JSON of a request that must succeed."""
        token = (self.data / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", **rest.pop("headers", {})}
        url = f"http://{self.address}:{self.port}{path}"
        answer = httpx.request(method, url, headers=headers, timeout=10, **rest)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def text(self, path: str) -> str:
        """Return the text of a GET with the local token."""
        token = (self.data / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(
            f"http://{self.address}:{self.port}{path}", headers=headers, timeout=10
        ).text

    def agent_status(self) -> str:
        """Return what `wanwatch-agent status` prints."""
        command = [sys.executable, "-m", "agents", "status", "--data", str(self.agent_data)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout

    def acknowledged_sequences(self) -> set[int]:
        """Return the numbers that the agent knows to be with the collector."""
        ledger = json.loads(slots.read(self.agent_data / "ledger"))
        assert (ledger["dropped"], ledger["refused"]) == (0, 0)
        settled = (range(low, high + 1) for low, high in ledger["settled"])
        return set(range(1, ledger["oldest"])).union(*settled)

    def journalled_sequences(self) -> set[int]:
        """Return the numbers of this agent's reports that the collector's journal holds."""
        copy = self.directory / "copy-of-journal"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data / "journal", copy)
        records = (decode(raw.payload)[1] for raw in SegmentLog(copy).read())
        bodies = (r.body for r in records if r.kind is Kind.REPORT)
        return {json.loads(gzip.decompress(body))["seq"] for body in bodies}

    def fill(self) -> None:
        """Fill the small disk to 95 %."""
        size = os.statvfs(self.disk)
        (self.disk / "filler").write_bytes(bytes(int(size.f_blocks * size.f_frsize * 0.95)))

    def free(self) -> None:
        """Give the space back."""
        (self.disk / "filler").unlink(missing_ok=True)


def running_world(made: World) -> Iterator[World]:
    """End every process of a world when its test is over."""
    try:
        yield made
    finally:
        made.end_all()


def _idempotency_key() -> dict[str, str]:
    return {"Idempotency-Key": os.urandom(8).hex()}
