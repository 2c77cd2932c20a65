"""Prints what polling devices by SNMP costs: this agent beside Debian's snmp_exporter.

Run: .venv/bin/python -m benchmarks.snmp [--devices N] [--minutes N] [--quick] [--no-peer]

Simulated devices (snmpsim, a few processes, each device at an address of its own) are on core 1.
On core 0 are, in the same minutes, this agent and snmp_exporter, which Prometheus would scrape:
each asks every device for the same values once a minute.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from benchmarks.agent_footprint import cpu_seconds
from benchmarks.processes import CLIENT_CORES, SERVER_CORES, pin_this_process, running
from benchmarks.snmp_devices import KINDS, MIX, asked_of, count_asked, snmprec, values_of
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
EXPORTER = "prometheus-snmp-exporter"
DEVICES, MINUTES, SIMULATORS = 700, 2, 4
# The poller begins with a third of the devices each minute; then each has been asked once more.
WARM_MINUTES = 4
PORT, TURNS_PER_MINUTE, SCRAPERS = 16_100, 6, 24
READY_SECONDS = 120.0
# Rows of one GETBULK for the exporter: one more than the largest table here, its best; as it comes.
BEST_REPETITIONS, USUAL_REPETITIONS = 4, 25
WHAT_EACH_DOES = """
wanwatch-agent: its scheduler and the probe `snmp` once a minute for each device: who it is, its
  families' leaves and tables, their evaluation (rates, states, names), the report as JSON, gzip.
  The rules are the collector's: benchmarks.ingest measures them, with all it does besides.
snmp_exporter: a scrape a minute for each device over plain HTTP with gzip: the same leaves and
  tables by a module of its configuration, as plain figures; rates and states are left to queries.
  Its module says how many rows a GETBULK has: here one more than the largest table, which this
  agent finds out by itself; below, the 25 that its generator writes.
Both share core 0; the simulators and who scrapes are on core 1.
"""


class Device(NamedTuple):
    """One simulated device; its kind is its community."""

    address: str
    kind: str


class Row(NamedTuple):
    """One poller."""

    name: str
    polls: int
    wrong: int
    cpu_ms: float
    memory_mib: float
    values: float


def devices(count: int) -> list[Device]:
    """Return so many, mixed as in a province."""
    return [
        Device(f"127.1.{number // 250}.{number % 250 + 1}", MIX[number % len(MIX)])
        for number in range(count)
    ]


@contextmanager
def simulators(all_devices: Sequence[Device], directory: Path) -> Iterator[None]:
    """Serve every device from a few processes."""
    records = directory / "records"
    records.mkdir()
    for kind, found in KINDS.items():
        (records / f"{kind}.snmprec").write_text(snmprec(found), encoding="utf-8")
    started = []
    try:
        for number in range(SIMULATORS):
            mine = all_devices[number::SIMULATORS]
            if mine:
                started.append(simulator(mine, records, directory / f"cache-{number}"))
        for process in started:
            wait_for(process, "Listening at")
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def simulator(mine: Sequence[Device], records: Path, cache: Path) -> subprocess.Popen[bytes]:
    """Start one process."""
    cache.mkdir()
    me = ["--process-user=root", "--process-group=root"] if os.geteuid() == 0 else []
    where = [f"--data-dir={records}", f"--cache-dir={cache}", f"--variation-modules-dir={cache}"]
    ends = [f"--agent-udpv4-endpoint={one.address}:{PORT}" for one in mine]
    program = Path(sys.executable).with_name("snmpsim-command-responder")
    core = ",".join(map(str, sorted(CLIENT_CORES)))
    command = ["taskset", "--cpu-list", core, str(program), *me, *where, *ends]
    log = (cache / "log").open("wb")
    return subprocess.Popen(command, stdout=log, stderr=log)


def wait_for(process: subprocess.Popen[bytes], said: str) -> None:
    """Return when a process's log says something."""
    command = process.args
    assert isinstance(command, list)
    cache = next(one for one in command if one.startswith("--cache-dir=")).partition("=")[2]
    deadline = time.monotonic() + READY_SECONDS
    while said not in (Path(cache) / "log").read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((Path(cache) / "log").read_text(errors="replace")[-2000:])
        time.sleep(0.2)


def poll_by_agent(
    name: str, all_devices: Sequence[Device], directory: Path, minutes: int, *more: str
) -> Row:
    """Measure this agent once it has found out what the devices are."""
    asks = [
        {
            "probe": "snmp",
            "every_seconds": 60,
            "params": {
                "target": f"device-{number}",
                "address": one.address,
                "credentials": one.kind,
                "port": PORT,
            },
        }
        for number, one in enumerate(all_devices)
    ]
    plan = directory / "plan.json"
    plan.write_text(json.dumps({"tag": "1", "asks": asks}), encoding="utf-8")
    core = ",".join(map(str, sorted(SERVER_CORES)))
    command = ["taskset", "--cpu-list", core, sys.executable, "-m", "benchmarks.snmp_poller"]
    process = subprocess.Popen([*command, str(plan), *more], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        for _ in range(WARM_MINUTES * TURNS_PER_MINUTE):
            json.loads(process.stdout.readline())
        before, total = cpu_seconds(process.pid), Counter[str]()
        for _ in range(minutes * TURNS_PER_MINUTE):
            total.update(json.loads(process.stdout.readline()))
        used = cpu_seconds(process.pid) - before
        memory = psutil.Process(process.pid).memory_full_info().pss / 2**20
    finally:
        process.terminate()
        process.wait(20)
    polls = total["polls"]
    wrong = polls - total["right"]
    return Row(name, polls, wrong, 1000 * used / polls, memory, total["samples"] / polls)


def exporter_config(repetitions: int) -> str:
    """Return a module for each kind of device that asks for what this agent asks for."""
    return json.dumps({kind: module(kind, repetitions) for kind in KINDS})  # JSON is YAML, too


def module(kind: str, repetitions: int) -> Mapping[str, object]:
    """Return one module."""
    records, asked = KINDS[kind], asked_of(KINDS[kind])
    values = values_of(records)
    metrics = []
    for oid in [*asked.leaves, *asked.tables]:
        is_table = oid in asked.tables
        found = [v for key, v in values.items() if key == oid or key.startswith(f"{oid}.")]
        is_number = not found or isinstance(found[0], int)
        metric: dict[str, object] = {
            "name": "v" + oid.removesuffix(".0").replace(".", "_"),
            "oid": oid if is_table else oid.removesuffix(".0"),
            "type": "gauge" if is_number else "DisplayString",
            "help": "A value.",
        }
        if is_table:
            metric["indexes"] = [{"labelname": "row", "type": "gauge"}]
        metrics.append(metric)
    return {
        "walk": list(asked.tables), "get": list(asked.leaves), "metrics": metrics, "version": 2,
        "max_repetitions": repetitions, "timeout": "1s", "retries": 1,
        "auth": {"community": kind},
    }  # fmt: skip


def poll_by_exporter(
    name: str, all_devices: Sequence[Device], directory: Path, minutes: int, repetitions: int
) -> Row:
    """Measure the exporter, scraped evenly over each minute; the first is not counted."""
    config, port = directory / "snmp.yml", free_port()
    config.write_text(exporter_config(repetitions), encoding="utf-8")
    command = [EXPORTER, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
    url, log = f"http://127.0.0.1:{port}/", directory / "exporter.log"
    with running(command, port, ready=url, log=log) as server:
        scrape_all(all_devices, url, 1)
        before = server.usage()
        found = scrape_all(all_devices, url, minutes)
        after = server.usage()
    used, good = after.cpu_seconds - before.cpu_seconds, [one for one in found if one]
    wrong, per_poll = len(found) - len(good), 1000 * used / len(found)
    values = sum(good) / max(1, len(good))
    return Row(name, len(found), wrong, per_poll, after.memory_bytes / 2**20, values)


def at_once(
    name: str,
    peer: tuple[str, int] | None,
    all_devices: Sequence[Device],
    directory: Path,
    minutes: int,
    *more: str,
) -> list[Row]:
    """Measure this agent and the exporter in the same minutes, so that both meet the same host."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(poll_by_agent, name, all_devices, directory, minutes, *more)]
        if peer is not None:
            time.sleep(60.0 * (WARM_MINUTES - 1))
            given = (peer[0], all_devices, directory, minutes, peer[1])
            calls.append(pool.submit(poll_by_exporter, *given))
        return [call.result() for call in calls]


def scrape_all(all_devices: Sequence[Device], url: str, minutes: int) -> list[int]:
    """Scrape each device once a minute; return how many values each gave, 0 where it failed."""
    gap = 60.0 / len(all_devices)
    next_at = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SCRAPERS) as pool:
        waiting = []
        for one in [*all_devices] * minutes:
            time.sleep(max(0.0, next_at - time.monotonic()))
            next_at += gap
            waiting.append(pool.submit(scrape, url, one))
        return [one.result() for one in waiting]


def scrape(url: str, device: Device) -> int:
    """Return how many values of its own a device's page has."""
    given = urllib.parse.urlencode({"target": f"{device.address}:{PORT}", "module": device.kind})
    try:
        with urllib.request.urlopen(f"{url}snmp?{given}", timeout=20) as answer:
            lines = answer.read().splitlines()
    except OSError:
        return 0
    return sum(line.startswith(b"v1_") for line in lines)


def print_table(rows: Sequence[Row], count: int) -> None:
    """Print every poller, and its CPU time as a share of the exporter's."""
    peer = next((row for row in rows if row.name == "snmp_exporter"), None)
    asked = sum(count_asked(KINDS[one.kind]) for one in devices(count)) / count
    print(f"{count} devices, {asked:.0f} values of each a minute on average")
    print(
        f"{'':<24}{'polls':>8}{'wrong':>7}{'CPU ms/poll':>13}{'devices/CPU s':>15}"
        f"{'MiB PSS':>9}{'series':>8}{'of exporter':>13}"
    )
    for row in rows:
        share = f"{row.cpu_ms / peer.cpu_ms:.2f}" if peer else ""
        print(
            f"{row.name:<24}{row.polls:>8,}{row.wrong:>7,}{row.cpu_ms:>13.2f}"
            f"{1000 / row.cpu_ms:>15,.0f}{row.memory_mib:>9.1f}{row.values:>8.1f}{share:>13}"
        )


def main() -> None:
    """Measure, print the table and what each side does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--minutes", type=int, default=MINUTES)
    parser.add_argument("--quick", action="store_true", help="21 devices, one minute")
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    count, minutes = (21, 1) if given.quick else (given.devices, given.minutes)
    has_peer = not given.no_peer and shutil.which(EXPORTER) is not None
    pin_this_process()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        known = devices(count)
        stack.enter_context(simulators(known, directory))
        few = known[: max(1, count // 7)]
        best = ("snmp_exporter", BEST_REPETITIONS) if has_peer else None
        usual = ("snmp_exporter as usual", USUAL_REPETITIONS) if has_peer else None
        rows = at_once("wanwatch-agent", best, known, directory, minutes)
        rows += at_once("agent without gufo-snmp", usual, few, directory, 1, "--pysnmp")
        print_table(rows, count)
    if not has_peer:
        print(f"{EXPORTER} was not measured: make setup-services installs it")
    print(WHAT_EACH_DOES)


if __name__ == "__main__":
    main()
