"""Prints how fast alerts from outside are taken, durably, and told: beside an Alertmanager.

Run: .venv/bin/python -m benchmarks.alerts_in [--quick]

The same batches of 64, as Prometheus sends them, over the same number of connections, in turns to
the collector and to an Alertmanager of this machine in the same run. The collector answers when
they are on the disk; an Alertmanager keeps them in memory alone. Beside that: how long a critical
alert takes until its page is committed to the outbox.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

from benchmarks.processes import pin_this_process, running
from tests.acceptance.world import UNIT, UNITS, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.processes import Server

PATH = "/api/v2/alerts"
BATCH = 64
CONNECTIONS = 8
CHANNELS = """
channels: {hook: {kind: webhook, url: "http://127.0.0.1:9/never"}}
recipients: [{name: bench, channel: hook, severities: [S1, S2, S3, S4]}]
quiet: null
daily_test: null
"""
ALERTS = """
default: {cause: rule}
"""


class Taken(NamedTuple):
    """What one run over all connections took."""

    alerts: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Alerts in a second."""
        return self.alerts / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Alerts in a second of the server's processor."""
        return self.alerts / max(self.cpu_seconds, 0.01)


class Door(NamedTuple):
    """Where alerts are sent."""

    server: Server
    headers: dict[str, str]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.port}"


def batches(alerts: int, prefix: str, severity: str) -> list[bytes]:
    """Return the bodies for so many different alerts, each about as long as of node-mixin."""
    now = datetime.now(UTC)
    times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=4)).isoformat()}
    said = [
        {
            "labels": {
                "alertname": f"NodeFilesystemAlmostOutOfSpace{prefix}", "severity": severity,
                "instance": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}:9100", "job": "node",
                "unit": UNIT, "mountpoint": "/var", "device": "/dev/sda3", "fstype": "ext4",
            },
            "annotations": {
                "summary": "Filesystem has less than 3% space left.",
                "description": "Filesystem on /dev/sda3 has only 2.41% available space left.",
                "runbook_url": "https://runbooks.example/node/nodefilesystemalmostoutofspace",
            },
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=node_filesystem_avail",
            **times,
        }
        for n in range(alerts)
    ]  # fmt: skip
    return [
        json.dumps(said[start : start + BATCH]).encode() for start in range(0, alerts, BATCH)
    ]  # fmt: skip


async def pour(door: Door, bodies: Sequence[bytes], alerts: int) -> Taken:
    """Send all bodies over a few connections; every answer is 200."""
    waiting = list(reversed(bodies))
    before, begun = door.server.usage().cpu_seconds, time.perf_counter()

    async def connection() -> None:
        async with httpx.AsyncClient(headers=door.headers, timeout=60) as client:
            while waiting:
                answer = await client.post(door.url + PATH, content=waiting.pop())
                if answer.status_code == 503:
                    raise RuntimeError(f"shed: {answer.text}")
                answer.raise_for_status()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - begun
    return Taken(alerts, seconds, door.server.usage().cpu_seconds - before)


@contextmanager
def collector(directory: Path) -> Iterator[tuple[Door, Path]]:
    """Run the collector with a source of alerts; its door and its database."""
    data, policy, port = directory / "data", directory / "policy", free_port()
    policy.mkdir(parents=True)
    (policy / "units.csv").write_text(UNITS, encoding="utf-8")
    (policy / "channels.yaml").write_text(CHANNELS)
    (policy / "alerts.yaml").write_text(ALERTS)
    program = [sys.executable, "-m", "collector"]
    command = [*program, "collector", "--data", str(data), "--policy", str(policy),
               "--listen", f"127.0.0.1:{port}"]  # fmt: skip
    ready = f"http://127.0.0.1:{port}/-/ready"
    with running(command, port, ready=ready, log=directory / "collector.log") as server:
        add = [*program, "source", "add", "bench", "--alerts", "--data", str(data)]
        token = subprocess.run(add, check=True, capture_output=True, text=True).stdout.strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        yield Door(server, headers), data / "collector.sqlite3"


@contextmanager
def alertmanager(directory: Path) -> Iterator[Door]:
    """Run an Alertmanager that tells nobody."""
    command = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if command is None:
        raise SystemExit("alertmanager is not installed: apt install prometheus-alertmanager")
    file, port = directory / "am.yml", free_port()
    file.write_text("route: {receiver: nobody, group_by: [alertname]}\nreceivers: [{name: nobody}]")
    arguments = [
        command, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.path={directory / 'am'}", "--cluster.listen-address=",
    ]  # fmt: skip
    ready = f"http://127.0.0.1:{port}/-/ready"
    with running(arguments, port, ready=ready, log=directory / "am.log") as server:
        yield Door(server, {"Content-Type": "application/json"})


async def to_pages(door: Door, database: Path, count: int, every: float) -> list[float]:
    """Send critical alerts of different causes; return the seconds until each page is queued."""
    sent: dict[str, float] = {}
    queued: dict[str, float] = {}

    def look() -> None:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "select a.rule from outbox o join alerts a on a.incident = o.incident "
                "where a.rule like 'Page%'"
            )
            for (rule,) in rows:
                queued.setdefault(rule, time.perf_counter())

    async with httpx.AsyncClient(headers=door.headers, timeout=60) as client:
        for number in range(count):
            name = f"Page{number}"
            said = [{"labels": {"alertname": name, "severity": "critical", "unit": UNIT}}]
            sent[name] = time.perf_counter()
            (await client.post(door.url + PATH, json=said)).raise_for_status()
            until = sent[name] + every
            while time.perf_counter() < until:
                look()
                await asyncio.sleep(0.005)
        deadline = time.perf_counter() + 60
        while len(queued) < count and time.perf_counter() < deadline:
            look()
            await asyncio.sleep(0.005)
    if len(queued) < count:
        raise RuntimeError(f"{count - len(queued)} of {count} pages were never queued")
    return sorted(queued[name] - sent[name] for name in sent)


async def settled(door: Door) -> None:
    """Wait until what was taken is judged, so that the next round begins alike."""
    token = door.headers.get("Authorization")
    if token is None:
        return
    async with httpx.AsyncClient(headers=door.headers, timeout=60) as client:
        last, same = -1, 0
        while same < 3:
            found = len((await client.get(door.url + PATH, params={"active": "true"})).json())
            same = same + 1 if found == last else 0
            last = found
            await asyncio.sleep(0.3)


async def measure(
    ours: Door, peer: Door, database: Path, alerts: int, rounds: int, pages: int
) -> str:
    """Return the table."""
    by: dict[str, list[Taken]] = {"new": [], "again": [], "new there": [], "again there": []}
    for number in range(rounds):
        bodies = batches(alerts, f"R{number}", "warning")
        for kind in ("new", "again"):
            by[kind].append(await pour(ours, bodies, alerts))
            by[f"{kind} there"].append(await pour(peer, bodies, alerts))
            await settled(ours)
    calm = await to_pages(ours, database, pages, 0.1)
    lines = [
        f"{alerts} alerts in batches of {BATCH} over {CONNECTIONS} connections, median of {rounds}",
        f"{'':24}{'collector':>12}{'Alertmanager':>14}{'ratio':>8}{'  per CPU-second':>16}{'':>10}",
    ]  # fmt: skip
    for kind, said in (("new", "said first"), ("again", "said again")):
        mine, theirs = by[kind], by[f"{kind} there"]
        a, b = (statistics.median(t.per_second for t in side) for side in (mine, theirs))
        c, d = (statistics.median(t.per_cpu_second for t in side) for side in (mine, theirs))
        lines.append(f"{said:24}{a:12,.0f}{b:14,.0f}{a / b:8.2f}{c:16,.0f}{d:10,.0f}")
    p50, p95 = calm[len(calm) // 2], calm[int(len(calm) * 0.95)]
    lines.append(
        f"critical alert to its page in the outbox: median {p50 * 1e3:.0f} ms, "
        f"p95 {p95 * 1e3:.0f} ms ({len(calm)} alerts)"
    )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer alerts and rounds")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        pin_this_process()
        ours, database = stack.enter_context(collector(directory))
        peer = stack.enter_context(alertmanager(directory))
        alerts, rounds, pages = (5_120, 2, 30) if quick else (10_240, 4, 200)
        print(asyncio.run(measure(ours, peer, database, alerts, rounds, pages)))


if __name__ == "__main__":
    main()
