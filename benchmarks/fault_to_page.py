"""Prints how long a fault takes to reach a webhook: this product beside Prometheus + Alertmanager.

Run: .venv/bin/python -m benchmarks.fault_to_page [--quick]   (as root: it mounts small disks)

Both watch the same small disks of this host in the same run, each by its own agent
(node_exporter there). A fault is a disk that fills; it ends when the page is at the receiver.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from benchmarks.processes import running
from benchmarks.webhook import Webhook
from tests.acceptance.world import UNIT, UNITS, free_port, wait_until
from tests.conftest import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FULL_BYTES = 960 << 10
_DISK = re.compile(r"disk-(\d\d)")


class Mode(NamedTuple):
    """How both are set; None is the default of each."""

    name: str
    interval_seconds: int | None
    faults: int
    over_seconds: float
    wait_seconds: float


MODES = (Mode("at their defaults", None, 12, 60, 240), Mode("at 1 s", 1, 24, 36, 60))
WHAT_EACH_DOES = """
wanwatch: reports each 10 s (default) or 1 s; judged when it arrives; no wait to group.
Prometheus: scrape and evaluation each 60 s (default) or 1 s; Alertmanager waits 30 s (default) or
  0 s for a group, grouped by disk so that each fault pages by itself.
"arrival": from the collector's receipt of the value to the receiver. "beyond": the median less
  half of the interval at which each looks, which is the mean wait for the sample.
"""


class Times(NamedTuple):
    """Seconds from each fault to its page, and of ours from the value's arrival."""

    ours: list[float]
    peer: list[float]
    from_arrival: list[float]


def measure(mode: Mode) -> Times:
    """Fill one disk after the other while both watch; return what it took."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory, receiver = Path(name), Webhook()
        stack.callback(receiver.close)
        disks = [directory / f"disk-{number:02d}" for number in range(mode.faults)]
        for disk in disks:
            stack.enter_context(contextmanager(small_disk)(disk, size="1m"))
        database = stack.enter_context(ours(directory, disks, receiver.port, mode))
        stack.enter_context(peer(directory, receiver.port, mode))
        time.sleep(3 * (mode.interval_seconds or 10))
        filled = _fill_in_turn(disks, mode.over_seconds)
        wanted = 2 * len(disks)
        arrived = wait_until(
            lambda: found if len(found := _arrived(receiver)) >= wanted else None,
            "every page",
            mode.wait_seconds,
        )
        judged = _judged_at(database)
    by_us, by_peer = (
        [arrived[who, number] - filled[number] for number in range(len(disks))]
        for who in ("wanwatch", "alertmanager")
    )
    from_arrival = [arrived["wanwatch", n] - judged[n] for n in range(len(disks))]
    return Times(by_us, by_peer, from_arrival)


def _arrived(receiver: Webhook) -> dict[tuple[str, int], float]:
    """Return when a disk was first spoken of, by who spoke of it and its number."""
    arrived: dict[tuple[str, int], float] = {}
    for path, body, at in list(receiver.told):
        for number in _DISK.findall(body):
            arrived.setdefault((path, int(number)), at)
    return arrived


@contextmanager
def ours(directory: Path, disks: Sequence[Path], webhook: int, mode: Mode) -> Iterator[Path]:
    """Run a collector and an agent; give the database's path."""
    data, policy, port = directory / "data", directory / "policy", free_port()
    (policy / "rules").mkdir(parents=True)
    (policy / "units.csv").write_text(UNITS, encoding="utf-8")
    (policy / "rules" / "disks.yaml").write_text(yaml.safe_dump({"rules": list(_rules(disks))}))
    to = {"kind": "webhook", "url": f"http://127.0.0.1:{webhook}/wanwatch"}
    all_severities = ["S1", "S2", "S3", "S4"]
    recipient = {"name": "bench", "channel": "hook", "severities": all_severities}
    channels = {
        "channels": {"hook": to}, "recipients": [recipient], "quiet": None, "daily_test": None,
    }  # fmt: skip
    (policy / "channels.yaml").write_text(yaml.safe_dump(channels))
    where = ["--data", str(data), "--policy", str(policy)]
    agent = [sys.executable, "-m", "agents"]
    agent_data = ["--data", str(directory / "agent")]
    identity = [*agent, "identity", "--json", *agent_data]
    made = subprocess.run(identity, check=True, capture_output=True)
    key = json.loads(made.stdout)["public_key"]
    program = [sys.executable, "-m", "collector"]
    bound = ["--host", "may-1", "--unit", UNIT, "--public-key", key]
    subprocess.run([*program, "agents", "add", *bound, *where], check=True, capture_output=True)
    collector = [*program, "collector", *where, "--listen", f"127.0.0.1:{port}"]
    log = directory / "collector.log"
    address = f"http://127.0.0.1:{port}"
    with running(collector, port, ready=f"{address}/-/ready", log=log):
        command = [*agent, "run", *agent_data, "--collector", address]
        if mode.interval_seconds:
            command += ["--interval-seconds", str(mode.interval_seconds)]
        with (directory / "agent.log").open("wb") as agent_log:
            process = subprocess.Popen(command, stdout=agent_log, stderr=subprocess.STDOUT)
        try:
            yield data / "collector.sqlite3"
        finally:
            process.terminate()
            process.wait(20)


def _rules(disks: Sequence[Path]) -> Iterator[dict[str, object]]:
    for disk in disks:
        yield {
            "name": f"Full{disk.name.title().replace('-', '')}",
            "value": "ratio(node_filesystem_avail_bytes, node_filesystem_size_bytes)",
            "where": {"mountpoint": str(disk)},
            "critical": {"below": 0.10},
            "outcome": {"critical": "incident"},
            "class": "kt_qua_tai",
            "cause": "rule",
            "runbook": "filesystem-almost-full",
            "summary": {"vi": "{mountpoint} đầy", "en": "{mountpoint} is full"},
        }


@contextmanager
def peer(directory: Path, webhook: int, mode: Mode) -> Iterator[None]:
    """Run node_exporter, Prometheus and Alertmanager."""
    home = directory / "peer"
    home.mkdir()
    ports = [free_port() for _ in range(3)]
    exporter, server, manager = ports
    seconds = {} if mode.interval_seconds is None else {"group_wait": "0s"}
    route = {"receiver": "hook", "group_by": ["mountpoint"], **seconds}
    hook = {"url": f"http://127.0.0.1:{webhook}/alertmanager"}
    receivers = [{"name": "hook", "webhook_configs": [hook]}]
    (home / "alertmanager.yml").write_text(yaml.safe_dump({"route": route, "receivers": receivers}))
    expression = (
        f'node_filesystem_avail_bytes{{mountpoint=~"{directory}/disk-.*"}}'
        " / node_filesystem_size_bytes < 0.10"
    )
    groups = [{"name": "disks", "rules": [{"alert": "DiskFull", "expr": expression}]}]
    (home / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
    every = f"{mode.interval_seconds}s" if mode.interval_seconds else ""
    config = {
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [_targets(manager)]},
        "scrape_configs": [{"job_name": "node", **_targets(exporter)}],
    }
    if every:
        config["global"] = {"scrape_interval": every, "evaluation_interval": every}
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    listen = "--web.listen-address=127.0.0.1"
    commands = {
        exporter: (["prometheus-node-exporter", f"{listen}:{exporter}"], "/metrics"),
        manager: (
            [
                *("prometheus-alertmanager", f"--config.file={home / 'alertmanager.yml'}"),
                *(f"--storage.path={home / 'manager'}", f"{listen}:{manager}"),
                "--cluster.listen-address=",
            ],
            "/-/ready",
        ),
        server: (
            [
                *("prometheus", f"--config.file={home / 'prometheus.yml'}"),
                *(f"--storage.tsdb.path={home / 'data'}", f"{listen}:{server}"),
            ],
            "/-/ready",
        ),
    }
    with ExitStack() as stack:
        for port, (command, path) in commands.items():
            ready = f"http://127.0.0.1:{port}{path}"
            stack.enter_context(running(command, port, ready=ready, log=home / f"{port}.log"))
        yield


def _targets(port: int) -> dict[str, object]:
    return {"static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}


def _fill_in_turn(disks: Sequence[Path], over_seconds: float) -> list[float]:
    """Fill the disks at drawn instants; return when each was full."""
    draw = random.Random(1)
    pauses = [draw.expovariate(1) for _ in disks]
    filled = []
    for disk, pause in zip(disks, pauses, strict=True):
        time.sleep(pause * over_seconds / sum(pauses))
        (disk / "filler").write_bytes(bytes(FULL_BYTES))
        filled.append(time.time())
    return filled


def _judged_at(database: Path) -> dict[int, float]:
    """Return when the collector received the value that each alert fired on."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT labels, started_at FROM alerts").fetchall()
    found = {}
    for labels, started_at in rows:
        if disk := _DISK.search(labels):
            found[int(disk[1])] = started_at / 1_000_000
    return found


def main() -> None:
    """Measure each mode and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only at 1 s")
    given = parser.parse_args()
    columns = ("faults", "median", "p95", "most", "beyond", "x peer's median")
    print(f"{'seconds':44}" + "".join(f"{column:>10}" for column in columns))
    for mode in MODES[1:] if given.quick else MODES:
        times = measure(mode)
        waits = (mode.interval_seconds or 10, mode.interval_seconds or 60)
        peer_median = statistics.median(times.peer)
        _print(f"wanwatch {mode.name}", times.ours, waits[0], peer_median)
        _print("  from the value's arrival", times.from_arrival, 0, None)
        _print(f"Prometheus {mode.name}", times.peer, waits[1], peer_median)
    print(WHAT_EACH_DOES)


def _print(name: str, seconds: list[float], interval: float, peer: float | None) -> None:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    median = statistics.median(ordered)
    ratio = f"{median / peer:>10.3f}" if peer else f"{'-':>10}"
    print(
        f"{name:44}{len(ordered):>10}{median:>10.3f}{p95:>10.3f}{ordered[-1]:>10.3f}"
        f"{median - interval / 2:>10.3f}{ratio}"
    )


if __name__ == "__main__":
    main()
