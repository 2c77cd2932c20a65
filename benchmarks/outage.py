"""Prints what many units that fall silent at once cost people: incidents, pages, and how long.

Run: .venv/bin/python -m benchmarks.outage [AGENTS]   (default 5000)

The real collector on core 0 and the simulated agents (10 s, plain HTTP) on core 1. Lines are cut
within ten seconds of each other and come back two minutes later, in the same order. Everybody is
expected around the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

from benchmarks.always import write_province
from benchmarks.processes import pin_this_process, running
from benchmarks.webhook import Webhook
from collector import app, settings
from collector.simulation import enrolment
from collector.simulation.province import ROOT, make_province
from tests.acceptance.world import free_port

AGENTS, INTERVAL_SECONDS, SEED = 5_000, 10, 7
CUT_AT, CUT_WITHIN, CUT_FOR, AFTERWARDS = 60.0, 10.0, 120.0, 120.0


class Scenario(NamedTuple):
    """How many of how many units are cut."""

    units: int
    cut: int


SCENARIOS = (Scenario(300, 1), Scenario(300, 150), Scenario(151, 150))


def channels(webhook: Webhook) -> str:
    """Return a channels.yaml that tells a webhook everything."""
    url = f"http://127.0.0.1:{webhook.port}/"
    recipient = {"name": "bench", "channel": "hook", "severities": ["S1", "S2", "S3", "S4"]}
    return yaml.safe_dump(
        {
            "channels": {"hook": {"kind": "webhook", "url": url}},
            "recipients": [recipient],
            "quiet": None,
            "daily_test": None,
        }
    )


def measure(scenario: Scenario, agents: int, data: Path) -> list[str]:
    """Cut the lines, let them come back; return the cells of the table."""
    pager, port = Webhook(), free_port()
    province = make_province(SEED, units=scenario.units, hosts=agents)
    config = settings.load(None, {}, {"data": data})
    policy = config.policy_directory
    policy.mkdir(parents=True)
    (policy / "channels.yaml").write_text(channels(pager))
    write_province(policy, province)
    enrolment.enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=app.now())
    codes = [unit.code for unit in province.units if unit.code != ROOT][-scenario.cut :]
    faults = [
        {
            "kind": "link_cut",
            "at": f"{CUT_AT + CUT_WITHIN * number / len(codes):.0f}s",
            "duration": f"{CUT_FOR:.0f}s",
            "where": {"unit": code, "hosts": "all"},
        }
        for number, code in enumerate(codes)
    ]
    (data / "faults.yaml").write_text(yaml.safe_dump({"faults": faults}))
    program, where = [sys.executable, "-m", "collector"], ["--data", str(data)]
    listen = ["--listen", f"127.0.0.1:{port}"]
    ready = f"http://127.0.0.1:{port}/-/ready"
    size = ("--agents", str(agents), "--units", str(scenario.units), "--seed", str(SEED))
    seconds = CUT_AT + CUT_WITHIN + CUT_FOR + AFTERWARDS
    how = ("--duration", f"{seconds:.0f}", "--faults", str(data / "faults.yaml"), "--json")
    with running([*program, "collector", *where, *listen], port, ready=ready, log=data / "log"):
        simulator = subprocess.Popen(
            [*program, "simulate", *where, *size, *how],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        began_at = time.time()
        resolved_at = _watch(simulator, data, port, began_at + CUT_AT + CUT_WITHIN + CUT_FOR)
        incidents = _get(data, port, "/api/v1/incidents?state=open")["items"]
    pager.close()
    told = [(told.at - began_at, json.loads(told.body)) for told in pager.told]
    pages = [(at, body) for at, body in told if body["kind"] == "page"]
    last = max((at for at, _ in pages), default=CUT_AT) - CUT_AT
    after = "never" if resolved_at is None else f"{resolved_at - began_at - CUT_AT - CUT_FOR:.0f}"
    return [
        *(f"{scenario.cut} of {scenario.units}", str(len(incidents)), str(len(pages))),
        *(f"{last:.0f}", after, "; ".join(sorted({body["subject"] for _, body in pages}))[:90]),
    ]


def _watch(
    simulator: subprocess.Popen[bytes], data: Path, port: int, back_at: float
) -> float | None:
    """Return when nothing fired any more after the lines were back."""
    resolved_at = None
    while simulator.poll() is None:
        time.sleep(1)
        if time.time() > back_at and resolved_at is None:
            is_open = _get(data, port, "/api/v1/alerts?state=firing&limit=1")["items"]
            resolved_at = None if is_open else time.time()
    return resolved_at


def _get(data: Path, port: int, path: str) -> dict[str, Any]:
    token = (data / "cli.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=20)
    answer.raise_for_status()
    return dict(answer.json())


def main() -> None:
    """Measure each scenario and print the table."""
    agents = int(sys.argv[1]) if sys.argv[1:] else AGENTS
    pin_this_process()
    titles = ("units cut", "incidents", "pages", "last page s", "resolved s", "what was told")
    print("".join(f"{title:>13}" for title in titles[:5]) + "  " + titles[5])
    with tempfile.TemporaryDirectory() as name:
        for number, scenario in enumerate(SCENARIOS):
            cells = measure(scenario, agents, Path(name) / str(number))
            print("".join(f"{cell:>13}" for cell in cells[:5]) + "  " + cells[5], flush=True)
    print("\nlast page: after the first line was cut; resolved: after the first line was back")


if __name__ == "__main__":
    main()
