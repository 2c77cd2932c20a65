"""Prints how much one core takes in: this collector beside Prometheus as remote-write receiver.

Run: .venv/bin/python -m benchmarks.ingest [--hosts N] [--reports N] [--no-peer]

Both servers run alone on core 0; the client sends from core 1 what it made beforehand, over 64
kept-alive connections, one host in each request, every host's reports in their order, as fast as
answers come.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import remote_write
from benchmarks.alert_rules import write_rules
from benchmarks.load import Sent, send
from benchmarks.processes import Server, pin_this_process, running
from benchmarks.tls import server_files
from collector import app, settings
from collector.rules.rulebook import load_rulebook
from collector.simulation import enrolment
from collector.simulation.behaviour import series
from collector.simulation.effects import NO_EFFECT
from collector.simulation.identities import identity_of
from collector.simulation.province import make_province
from collector.simulation.reporter import Reporter
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.simulation.province import Province

HOSTS, REPORTS, INTERVAL_SECONDS, CONNECTIONS = 5_000, 12, 10, 64
WARM_REPORTS = 2  # the first bind every series to its rules; the measured ones are the usual case
WHAT_EACH_DOES = """
wanwatch: reads the HTTP request, verifies its Ed25519 signature, unpacks and checks the JSON,
  knows duplicates and clones, writes the report to its journal and waits for fdatasync, answers,
  judges it by the {rules} shipped rules. It keeps the newest values and an hour of 8 figures.
Prometheus: reads the HTTP request, unpacks snappy and protobuf, appends to its head and its
  write-ahead log (no fdatasync before the answer), evaluates 20 alerting rules every 10 s. It
  keeps the whole history.
"""


class Row(NamedTuple):
    """One line of the table; memory in MiB of PSS."""

    name: str
    reports_per_second: float
    samples_per_second: float
    samples_per_cpu_second: float
    p95_ms: float
    memory_mib: float
    refused: int


def measure(
    name: str, server: Server, queues: list[list[bytes]], samples: float, tls: ssl.SSLContext | None
) -> Row:
    """Send the first requests of every host, then measure the rest."""
    send(server.port, [q[:WARM_REPORTS] for q in queues], connections=CONNECTIONS, tls=tls)
    before = server.usage()
    sent = send(server.port, [q[WARM_REPORTS:] for q in queues], connections=CONNECTIONS, tls=tls)
    after = server.usage()
    good = sum(count for status, count in sent.statuses.items() if status < 300)
    return Row(
        name,
        good / sent.elapsed_seconds,
        good * samples / sent.elapsed_seconds,
        good * samples / (after.cpu_seconds - before.cpu_seconds),
        _p95(sent) * 1000,
        after.memory_bytes / (1 << 20),
        sum(sent.statuses.values()) - good,
    )


def report_queues(province: Province, reports: int) -> list[list[bytes]]:
    """Return each host's requests; they all present the first state, as a second lane does."""
    began_at, queues = time.time(), []
    for host in province.hosts:
        reporter, queue = Reporter(host, identity_of(host), "127.0.0.1"), []
        for number in range(reports):
            at = began_at + number * INTERVAL_SECONDS
            reporter.seq = number + 1
            queue.append(reporter.request(at, NO_EFFECT))
        queues.append(queue)
    return queues


def write_queues(province: Province, reports: int) -> list[list[bytes]]:
    """Return the same samples as remote-write requests."""
    began_at = time.time() - reports
    return [
        [remote_write.request(host, began_at + number, "127.0.0.1") for number in range(reports)]
        for host in province.hosts
    ]


@contextmanager
def collector(directory: Path, province: Province, *, is_tls: bool) -> Iterator[Server]:
    """Run a collector that knows the province."""
    data, port = directory / ("tls" if is_tls else "plain"), free_port()
    config = settings.load(None, {}, {"data": data})
    enrolment.write_province(config.policy_directory, province)
    enrolment.enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=app.now())
    environment = {}
    if is_tls:
        certificate, key = server_files(directory)
        environment = {"WANWATCH_TLS_CERTIFICATE": str(certificate), "WANWATCH_TLS_KEY": str(key)}
    command = [sys.executable, "-m", "collector", "collector", "--data", str(data)]
    scheme = "https" if is_tls else "http"
    with running(
        [*command, "--listen", f"127.0.0.1:{port}"],
        port,
        ready=f"{scheme}://127.0.0.1:{port}/-/ready",
        log=data / "log",
        environment=environment,
        context=ssl._create_unverified_context() if is_tls else None,
    ) as server:
        yield server


@contextmanager
def prometheus(directory: Path) -> Iterator[Server]:
    """Run Prometheus as a remote-write receiver with 20 alerting rules."""
    port, home = free_port(), directory / "prometheus"
    home.mkdir()
    config = write_rules(home)
    command = [
        *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={home / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"),
    ]
    ready = f"http://127.0.0.1:{port}/-/ready"
    limits = {"GOMAXPROCS": "1"}
    with running(command, port, ready=ready, log=home / "log", environment=limits) as server:
        yield server


def main() -> None:
    """Measure each server in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-tls", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    pin_this_process()
    province = make_province(1, units=150, hosts=given.hosts)
    samples = statistics.fmean(len(series(host.kind)) for host in province.hosts)
    rows = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIRECTORY")) as name:
        directory = Path(name)
        queues = report_queues(province, given.reports)
        for is_tls in (False, True)[: 1 if given.no_tls else 2]:
            title = "wanwatch, TLS" if is_tls else "wanwatch"
            tls = ssl._create_unverified_context() if is_tls else None
            with collector(directory, province, is_tls=is_tls) as server:
                rows.append(measure(title, server, queues, samples, tls))
        if not given.no_peer:
            queues = write_queues(province, given.reports)
            with prometheus(directory) as server:
                rows.append(measure("Prometheus", server, queues, samples, None))
    if given.json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
        return
    print_table(rows, given.hosts, samples)


def print_table(rows: list[Row], hosts: int, samples: float) -> None:
    """Print what was measured, and the ratio to the peer where it ran."""
    print(f"{hosts} hosts, {samples:.1f} samples a request, {hosts * samples:,.0f} series\n")
    columns = ("reports/s", "samples/s", "per CPU-s", "p95 ms", "PSS MiB", "refused", "x samples/s")
    print(f"{'':16}" + "".join(f"{column:>13}" for column in columns))
    peer = rows[-1] if rows[-1].name == "Prometheus" else None
    for row in rows:
        ratio = f"{row.samples_per_second / peer.samples_per_second:.2f}" if peer else "-"
        print(
            f"{row.name:16}{row.reports_per_second:13,.0f}{row.samples_per_second:13,.0f}"
            f"{row.samples_per_cpu_second:13,.0f}{row.p95_ms:13.1f}{row.memory_mib:13.0f}"
            f"{row.refused:13}{ratio:>13}"
        )
    print(WHAT_EACH_DOES.format(rules=len(load_rulebook(None).rules)))


def _p95(sent: Sent) -> float:
    return sorted(sent.latencies_seconds)[int(len(sent.latencies_seconds) * 0.95)]


if __name__ == "__main__":
    main()
