"""Prints what sending samples on costs: our sender beside Prometheus' own, to the same receiver.

Run: .venv/bin/python -m benchmarks.samples_out [--hosts N] [--reports N] [--no-peer] [--json]

A receiver that keeps nothing runs on core 1. Our sender runs on core 0 over a journal that was
filled beforehand. Prometheus runs on core 0 with GOMAXPROCS=1 and takes the same samples by remote
write, once with `remote_write` to that receiver and once without: the difference of processor time
is its sender's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents.segments import SegmentLog
from benchmarks import remote_write
from benchmarks.load import send
from benchmarks.processes import CLIENT_CORES, SERVER_CORES, running
from collector.fleet import AgentRow, Fleet
from collector.forward.holders import Holders
from collector.forward.receiver import HttpReceiver
from collector.forward.sender import Place, Sender
from collector.forward.settings import RemoteWrite
from collector.ranges import Received
from collector.simulation.behaviour import series
from collector.simulation.effects import NO_EFFECT
from collector.simulation.identities import identity_of
from collector.simulation.province import make_province
from collector.simulation.reporter import Reporter
from collector.states import Handed
from collector.stream import Bookmark, Kind, StreamRecord
from collector.stream.journal import Journal
from collector.stream.records import encode
from tests.tsdb import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.simulation.province import Province

HOSTS, REPORTS, INTERVAL_SECONDS, CONNECTIONS = 500, 40, 10, 16
BEGINNING = Bookmark(1, 0, 1)
CONFIG = """
global: {{scrape_interval: 1h}}
storage: {{tsdb: {{out_of_order_time_window: 1d}}}}
{remote}
"""
REMOTE = "remote_write: [{{url: 'http://127.0.0.1:{port}/write', queue_config: {{max_shards: 4}}}}]"
# Longer than Prometheus waits for a request to become full (batch_send_deadline, 5 s).
SETTLED_SECONDS = 6.0


class Row(NamedTuple):
    """One line of the table."""

    name: str
    samples: int
    samples_per_second: float
    cpu_seconds_per_million: float
    bytes_per_sample: float


def filled_journal(directory: Path, province: Province, reports: int) -> Journal:
    """Return a journal with so many reports of every host, in the order of their instants."""
    log, number, began_at = SegmentLog(directory / "journal"), 0, time.time()
    reporters = [Reporter(host, identity_of(host), "127.0.0.1") for host in province.hosts]
    for turn in range(reports):
        at = began_at + turn * INTERVAL_SECONDS
        payloads = []
        for reporter in reporters:
            reporter.seq = turn + 1
            body = reporter.request(at, NO_EFFECT).partition(b"\r\n\r\n")[2]
            received_at = datetime.fromtimestamp(at, UTC)
            agent = reporter.identity.agent
            number += 1
            record = StreamRecord(Kind.REPORT, agent, received_at, "", "", body)
            payloads.append(encode(record, number))
        log.append(payloads)
    log.sync()
    return Journal(log, now=lambda: datetime.now(UTC))


def fleet_of(province: Province) -> Fleet:
    """Return the hosts as the inventory has them."""
    fleet = Fleet(started_at=datetime.now(UTC), monotonic=time.monotonic)
    for host in province.hosts:
        identity = identity_of(host)
        fleet.add(
            AgentRow(
                identity.agent, host.unit, host.name, "server", "always", b"", 10, None, "",
                Received(), Handed(),
            )
        )  # fmt: skip
    return fleet


def ours(directory: Path, province: Province, reports: int, port: int) -> Row:
    """Send a filled journal as fast as the receiver answers."""
    journal, fleet = filled_journal(directory, province, reports), fleet_of(province)
    settings = RemoteWrite(name="null", url=f"http://127.0.0.1:{port}/write")
    sender = Sender(
        settings,
        HttpReceiver(settings),
        journal,
        Holders(fleet),
        Place(BEGINNING, BEGINNING),
        now=lambda: datetime.now(UTC),
        jitter=lambda: 0.5,
    )
    os.sched_setaffinity(0, SERVER_CORES)
    began_at, cpu = time.perf_counter(), time.process_time()
    while sender.turn() == 0.0:
        pass
    elapsed, cpu = time.perf_counter() - began_at, time.process_time() - cpu
    os.sched_setaffinity(0, CLIENT_CORES)
    count, sent_bytes = sender.counts["samples"], sender.counts["bytes"]
    assert sender.sent == journal.end, "not everything was sent"
    return Row("wanwatch", count, count / elapsed, cpu / count * 1e6, sent_bytes / count)


@contextmanager
def receiver(directory: Path) -> Iterator[int]:
    """Run the receiver that keeps nothing; it is moved to the other core."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.null_receiver", str(port)]
    ready = f"http://127.0.0.1:{port}/"
    with running(command, port, ready=ready, log=directory / "null.log") as server:
        server.process.cpu_affinity(list(CLIENT_CORES))
        yield port


def theirs(directory: Path, province: Province, reports: int, port: int) -> Row:
    """Let Prometheus take the same samples with and without sending them on."""
    # Ahead of the clock: what is older than its start Prometheus does not send on.
    began_at = time.time() + INTERVAL_SECONDS * 2
    queues = [
        [
            remote_write.request(host, began_at + number * INTERVAL_SECONDS, "127.0.0.1")
            for number in range(reports)
        ]
        for host in province.hosts
    ]
    alone, _, _ = _prometheus(directory / "alone", queues)
    before = _got_bytes(port)
    sending, elapsed, count = _prometheus(
        directory / "sending", queues, REMOTE.format(port=port)
    )  # fmt: skip
    cpu = sending - alone
    size = (_got_bytes(port) - before) / count
    return Row("Prometheus", int(count), count / elapsed, cpu / count * 1e6, size)


def _prometheus(
    home: Path, queues: list[list[bytes]], remote: str = ""
) -> tuple[float, float, float]:
    """Return the processor seconds, the seconds until everything was sent on, and how much."""
    is_sending = bool(remote)
    home.mkdir()
    config, port = home / "prometheus.yml", free_port()
    config.write_text(CONFIG.format(remote=remote), encoding="utf-8")
    command = [
        *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={home / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"),
    ]
    ready = f"http://127.0.0.1:{port}/-/ready"
    limits = {"GOMAXPROCS": "1"}
    with running(command, port, ready=ready, log=home / "log", environment=limits) as server:
        before, began_at = server.usage().cpu_seconds, time.perf_counter()
        sent = send(port, queues, connections=CONNECTIONS)
        refused = sum(n for status, n in sent.statuses.items() if status >= 300)
        assert refused == 0, sent.statuses
        got, elapsed = 0.0, time.perf_counter() - began_at
        while is_sending and (now_got := _sent(port)) != got:
            got, elapsed = now_got, time.perf_counter() - began_at
            time.sleep(SETTLED_SECONDS)
        return server.usage().cpu_seconds - before, elapsed, got


def _sent(port: int) -> float:
    """Return how many samples a Prometheus has sent on."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    name = "prometheus_remote_storage_samples_total{"
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def _got_bytes(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        return int(answer.read().split()[1])


def main() -> None:
    """Measure each sender in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.sched_setaffinity(0, CLIENT_CORES)
    province = make_province(1, units=150, hosts=given.hosts)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIRECTORY")) as name:
        directory = Path(name)
        with receiver(directory) as port:
            rows = [ours(directory, province, given.reports, port)]
            if not given.no_peer:
                rows.append(theirs(directory, province, given.reports, port))
    if given.json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
        return
    samples = statistics.fmean(len(series(host.kind)) for host in province.hosts)
    print(f"{given.hosts} hosts, {samples:.1f} samples a report, {given.reports} reports of each\n")
    columns = ("samples", "samples/s", "CPU s/million", "bytes/sample", "x CPU")
    print(f"{'':12}" + "".join(f"{column:>15}" for column in columns))
    peer = rows[-1]
    for row in rows:
        print(
            f"{row.name:12}{row.samples:15,}{row.samples_per_second:15,.0f}"
            f"{row.cpu_seconds_per_million:15.2f}{row.bytes_per_sample:15.1f}"
            f"{row.cpu_seconds_per_million / peer.cpu_seconds_per_million:15.2f}"
        )
    print(
        "\nwanwatch reads its journal (CRC, gzip, JSON), labels, sorts and packs; one connection.\n"
        "Prometheus: samples/s holds taking them in as well; CPU is the difference of two runs."
    )


if __name__ == "__main__":
    main()
