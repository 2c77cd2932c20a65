"""A simulated province against a real collector process: faults become what they should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.acceptance.world import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SIZE = ("--agents", "50", "--units", "12", "--interval", "1")
FAULTS = """
faults:
  - {kind: disk_fills, at: 1s, duration: 10m, where: {unit: MP.000, kind: server}}
  - {kind: link_cut, at: 3s, duration: 15s, where: {unit: MP.003, hosts: all}}
"""


def wanwatch(*words: str | Path) -> list[str]:
    """Return the command line of a sub-command."""
    return [sys.executable, "-m", "collector", *map(str, words)]


class Collector:
    """A real collector over a prepared directory."""

    def __init__(self, data: Path) -> None:
        self.data, self.url = data, f"http://127.0.0.1:{free_port()}"
        run(*("simulate", "--prepare", data), *SIZE)
        where = ("--data", data, "--listen", self.url.removeprefix("http://"))
        with (data / "log").open("wb") as log:
            command = wanwatch("collector", *where)
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        wait_until(self.is_ready, "the collector is ready")

    def is_ready(self) -> bool:
        """Say whether it answers."""
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=1).is_success
        except httpx.HTTPError:
            return False

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a listing."""
        token = (self.data / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{self.url}{path}", headers=headers, timeout=10)
        return list(answer.raise_for_status().json()["items"])

    def liveness(self, unit: str) -> set[str]:
        """Return how the hosts of a unit are."""
        return {a["liveness"] for a in self.items(f"/api/v1/agents?unit={unit}")}


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a sub-command to its end."""
    return subprocess.run(wanwatch(*words), cwd=ROOT, capture_output=True, text=True, timeout=60)


def disk_incidents(collector: Collector) -> list[dict[str, Any]]:
    """Return the incidents about the disk that fills."""
    return [i for i in collector.items("/api/v1/incidents") if "/var" in i["title"]]


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    """Give a collector that knows the province, and end it afterwards."""
    made = Collector(tmp_path / "data")
    yield made
    made.process.terminate()
    made.process.wait(15)


def test_simulation_has_every_report_taken_and_its_faults_found(
    collector: Collector, tmp_path: Path
) -> None:
    """A full disk is one incident; a cut line makes its hosts silent and then on time again."""
    faults = tmp_path / "drill.yaml"
    faults.write_text(FAULTS, encoding="utf-8")
    options = ("--duration", "0", "--faults", faults, "--json")
    command = wanwatch("simulate", "--data", collector.data, *SIZE, *options)
    driving = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: collector.liveness("MP.003") == {"on_time"}, "all have reported")
        wait_until(lambda: "silent" in collector.liveness("MP.003"), "the cut is seen")
        wait_until(lambda: collector.liveness("MP.003") == {"on_time"}, "the line is back")
        wait_until(lambda: disk_incidents(collector), "the full disk is an incident")
    finally:
        driving.terminate()
        printed, _ = driving.communicate(timeout=20)

    found = json.loads(printed)
    assert set(found["results"]) == {"202 accepted"}
    assert found["turns_without_report"] > 0
    assert driving.returncode == 0
    assert len(disk_incidents(collector)) == 1


def test_second_run_goes_on_where_the_first_stopped(collector: Collector) -> None:
    """Numbers and states are remembered: nobody looks cloned, nothing is a duplicate."""
    for _ in range(2):
        done = run(*("simulate", "--data", collector.data, *SIZE, "--duration", "2", "--json"))
        assert set(json.loads(done.stdout)["results"]) == {"202 accepted"}, done.stdout


def test_clone_is_refused_and_its_key_is_an_incident(collector: Collector, tmp_path: Path) -> None:
    """The door tells two machines with one key apart; every other host's reports are taken."""
    faults = tmp_path / "clone.yaml"
    faults.write_text("faults: [{kind: clone, at: 2s, duration: 1m}]\n", encoding="utf-8")
    options = ("--duration", "6", "--faults", faults, "--json")

    done = run("simulate", "--data", collector.data, *SIZE, *options)

    found = json.loads(done.stdout)
    assert set(found["clone_results"]) == {"409"}
    assert set(found["results"]) == {"202 accepted", "409"}
    assert done.returncode == 0
    [alert] = collector.items("/api/v1/alerts?rule=AgentCloned")
    assert alert["severity"] == "critical"


def test_simulation_is_not_enrolled_beside_real_agents(tmp_path: Path) -> None:
    """A real collector stays what it is unless somebody insists."""
    policy = tmp_path / "policy"
    (policy / "rules").mkdir(parents=True)
    (policy / "units.csv").write_text("code,name\nH29.1,Văn phòng Tỉnh ủy\n", encoding="utf-8")

    done = run("simulate", "--prepare", tmp_path, *SIZE)

    assert done.returncode == 2
    assert "not simulated" in done.stderr


def test_demonstration_leaves_another_directory_alone(tmp_path: Path) -> None:
    """Only what a demonstration made is ever deleted."""
    (tmp_path / "precious").write_text("x")

    done = run("demo", "--data", tmp_path)

    assert done.returncode == 2
    assert "no demonstration" in done.stderr
    assert (tmp_path / "precious").exists()
