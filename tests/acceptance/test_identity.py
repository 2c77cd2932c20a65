"""A host's key from its token to its end, with the real programs and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agents import slots
from tests.acceptance.world import ROOT, UNIT, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World


class Machine:
    """Another machine of the unit: its data directory and the agent's commands on it."""

    def __init__(self, world: World, data: Path) -> None:
        self.world, self.data = world, data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.world.port}"

    def ask(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "agents", *words, "--data", str(self.data)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=stdin)

    def enrol(self, token: str, *more: str) -> dict[str, Any]:
        words = ("enrol", "--token-file", "-", "--collector", self.url, "--json", *more)
        done = self.ask(*words, stdin=token)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def start(self, name: str) -> None:
        command = ["agents", "run", "--data", self.data, "--interval-seconds", "1"]
        with (self.world.directory / f"{name}.log").open("ab") as log:
            self.world.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *map(str, command), "--collector", self.url],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self, name: str) -> None:
        self.world.end(name)


@pytest.fixture
def machine(world: World, tmp_path: Path) -> Machine:
    """A machine beside a running collector."""
    world.start("collector")
    world.wait_ready()
    return Machine(world, tmp_path / "machine")


def agent_of(world: World, agent: str) -> dict[str, Any]:
    found: dict[str, Any] = world.get(f"/api/v1/agents/{agent}")
    return found


def reported(world: World, agent: str) -> bool:
    return agent_of(world, agent)["liveness"] == "on_time"


def test_machine_is_let_in_watched_changed_and_shut_out(world: World, machine: Machine) -> None:
    """Token, approval, a new key under a running agent, revocation: one command each."""
    token = world.run("enrol", "token", "--unit", UNIT).stdout.strip()
    place = machine.enrol(token, "--host", "may-tram-7")
    agent = place["agent"]
    assert (place["unit"], place["host"], place["is_approved"]) == (UNIT, "may-tram-7", False)
    assert machine.enrol(token) == place
    try:
        machine.start("machine")
        wait_until(lambda: reported(world, agent), "the waiting machine's reports are taken")
        assert agent_of(world, agent)["standing"] == "pending"
        assert world.run("agents", "approve", "--unit", UNIT).stdout.split() == [agent]
        assert agent_of(world, agent)["standing"] == "approved"

        before = json.loads(machine.ask("identity", "--json").stdout)
        done = machine.ask("rotate-key", "--collector", machine.url)
        assert done.returncode == 0, done.stderr
        after = json.loads(machine.ask("identity", "--json").stdout)
        assert after["agent"] == before["agent"] == agent
        assert after["public_key"] != before["public_key"]
        seen = agent_of(world, agent)["last_report_at"]
        wait_until(
            lambda: agent_of(world, agent)["last_report_at"] > seen, "reports by the new key"
        )

        done = world.run("agents", "revoke", agent, "--reason", "thanh lý")
        assert done.returncode == 0, done.stderr
        wait_until(lambda: "401" in machine.ask("status").stdout, "the revoked key is nobody's")
        unknown = wait_until(lambda: world.get("/api/v1/agents/unknown"), "it is on the list")
        assert [(row["agent"], row["host"]) for row in unknown] == [(agent, "may-tram-7")]
    finally:
        machine.stop("machine")
    assert agent_of(world, agent)["lost_reports"] == 0
    assert {row["rule"] for row in world.get("/api/v1/alerts?agent=" + agent)["items"]} <= {
        "FilesystemAlmostFull"
    }


def test_restored_machine_is_quarantined_said_and_attached_again(
    world: World, machine: Machine
) -> None:
    """A disk that went back in time: one incident, no data, one command, and nothing is lost."""
    token = world.run("enrol", "token", "--unit", UNIT, "--host", "may-ao-1").stdout.strip()
    agent = machine.enrol(token)["agent"]
    snapshot = machine.data.with_name("snapshot")
    machine.start("machine")
    try:
        wait_until(lambda: reported(world, agent), "it reports")
    finally:
        machine.stop("machine")
    shutil.copytree(machine.data, snapshot)
    machine.start("machine")
    try:
        wait_until(lambda: len(settled(machine)) > 8, "it reports more")
    finally:
        machine.stop("machine")
    shutil.rmtree(machine.data)
    snapshot.rename(machine.data)

    machine.start("machine")
    try:
        wait_until(lambda: agent_of(world, agent)["standing"] == "quarantined", "it is quarantined")
        [alert] = wait_until(
            lambda: world.get("/api/v1/alerts?rule=AgentCloned")["items"], "the alert is there"
        )
        assert (alert["host"], alert["outcome"]) == ("may-ao-1", "incident")
        wait_until(lambda: world.mailbox.subjects("MỚI"), "somebody is told")
        assert world.run("agents", "--unit", UNIT).returncode == 1
        done = world.run("agents", "reattach", agent)
        assert done.returncode == 0, done.stderr
        wait_until(
            lambda: world.get("/api/v1/alerts?rule=AgentCloned&state=resolved")["items"],
            "it goes on and the alert ends",
        )
        wait_until(lambda: "202" in machine.ask("status").stdout, "data flows", seconds=70)
        wait_until(lambda: "queue       0" in machine.ask("status").stdout, "all that it kept")
    finally:
        machine.stop("machine")
    found = agent_of(world, agent)
    assert (found["standing"], found["lost_reports"]) == ("approved", 0)
    assert world.run("agents", "reattach", agent).returncode == 1


def test_copy_of_a_machine_begins_anew_with_a_key_of_its_own(
    world: World, machine: Machine
) -> None:
    """What the copy brought along is put aside, not sent as another's."""
    token = world.run("enrol", "token", "--unit", UNIT, "--uses", "2").stdout.strip()
    first = machine.enrol(token, "--host", "may-goc")
    copy = Machine(world, machine.data.with_name("copy"))
    shutil.copytree(machine.data, copy.data)
    second = copy.enrol(token, "--host", "may-ban-sao", "--new-key")
    assert second["agent"] != first["agent"]
    assert (copy.data / "old-1" / "agent.key").read_bytes() == (
        machine.data / "agent.key"
    ).read_bytes()


def settled(machine: Machine) -> range:
    ledger = json.loads(slots.read(machine.data / "ledger"))
    return range(1, ledger["oldest"])
