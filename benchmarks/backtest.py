"""Prints how fast rules are tried on the past: this program beside Prometheus over the same span.

Run: .venv/bin/python -m benchmarks.backtest [--hosts N] [--hours N] [--no-peer]

Host-days for each second of one processor core. A calm span is nearly all reading and judging;
the one with faults holds what people would have been told of as well.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from agents.segments import SegmentLog
from benchmarks import always
from benchmarks.alert_rules import RULES
from benchmarks.processes import running
from collector import app, settings
from collector.backtest.asking import of_journal
from collector.backtest.from_journal import JournalHistory
from collector.backtest.run import Span
from collector.backtest.work import Asked, backtest
from collector.rules.rulebook import load_rulebook
from collector.simulation import enrolment
from collector.simulation.effects import effect_of
from collector.simulation.faults import Fault, Where, strike
from collector.simulation.identities import identity_of
from collector.simulation.province import make_province
from collector.simulation.reporter import Reporter
from collector.stream import Kind, StreamRecord
from collector.stream.records import encode
from collector.wire import read
from collector.wire_json import read_labels
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.simulation.province import Province

HOSTS, HOURS, INTERVAL_SECONDS = 200, 3, 60
CHANNELS = """channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3]}
"""
WHAT_EACH_DOES = """
wanwatch: unpacks and reads every report as it was received, judges it by the {rules} shipped rules
  with hysteresis, `for` and flapping, explains silences by topology, opens and joins incidents by
  the procedure, pages, repeats and governs messages; a turn for each second of the span.
Prometheus: evaluates {peer} alerting expressions at each minute of the span (query_range over its
  own blocks, written beforehand, which is not counted). No `for`, no silence of hosts, no
  topology, no incidents, no pages.
"""


class Row(NamedTuple):
    """One line of the table."""

    name: str
    host_days_per_second: float
    cpu_seconds: float
    memory_mib: float
    found: str


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--hours", type=int, default=HOURS)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(Path(chosen.child[0]), *chosen.child[1:])
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        end = app.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
        start = end - timedelta(hours=chosen.hours)
        province = make_province(1, units=max(2, chosen.hosts // 4), hosts=chosen.hosts)
        prepare(data, province, start)
        rows = []
        for name, faults in (("wanwatch, a calm day", []), ("wanwatch, with faults", usual())):
            record(data, province, start, end, faults)
            rows.append(measure(name, data, start, end))
        if not chosen.no_peer:
            rows.append(peer(Path(folder), data, start, end, chosen.hosts))
    show(rows, chosen.hosts, chosen.hours)


def prepare(data: Path, province: Province, start: datetime) -> None:
    """Make the policy and the tables of a collector that knows the province."""
    config = settings.load(None, {}, {"data": data})
    config.policy_directory.mkdir(parents=True)
    (config.policy_directory / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    always.write_province(config.policy_directory, province)
    enrolment.enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=start)


def usual() -> list[Fault]:
    """Return what breaks in a few hours of a province: a line, some machines, some disks."""
    hour = 3_600.0
    return [
        Fault("link_cut", 0.5 * hour, 900, Where(region="Khu vực Bắc", hosts=None)),
        Fault("memory_fills", 1.0 * hour, 2_400, Where(kind="server", hosts=3)),
        Fault("power_off", 1.5 * hour, 1_200, Where(kind="server", hosts=2)),
        Fault("disk_fills", 2.0 * hour, 3_600, Where(hosts=5)),
        Fault("service_dies", 2.5 * hour, 1_800, Where(kind="server", hosts=3)),
    ]


def record(
    data: Path, province: Province, start: datetime, end: datetime, faults: list[Fault]
) -> None:
    """Write the journal that a collector would have written."""
    for old in (data / "journal").glob("*"):
        old.unlink()
    struck = strike(province, faults)
    reporters = [Reporter(host, identity_of(host), "x") for host in province.hosts]
    log = SegmentLog(data / "journal")
    for number, (at, reporter) in enumerate(_due(reporters, start, end), 1):
        elapsed = (at - start).total_seconds()
        effect = effect_of(struck.get(reporter.host.name, []), elapsed)
        if effect.is_off or effect.is_cut_off:
            continue
        body = reporter.request(at.timestamp(), effect).partition(b"\r\n\r\n")[2]
        reporter.seq += 1
        report = StreamRecord(Kind.REPORT, reporter.identity.agent, at, "", "", body)
        log.append([encode(report, number)])
    log.sync()
    log.close()


def _due(
    reporters: list[Reporter], start: datetime, end: datetime
) -> Iterator[tuple[datetime, Reporter]]:
    """Yield who reports when, spread over each interval."""
    spread = INTERVAL_SECONDS / max(1, len(reporters))
    for turn in range(int((end - start).total_seconds()) // INTERVAL_SECONDS):
        for place, reporter in enumerate(reporters):
            seconds = turn * INTERVAL_SECONDS + place * spread
            yield start + timedelta(seconds=seconds), reporter


def measure(name: str, data: Path, start: datetime, end: datetime) -> Row:
    """Try the rules in force in a process of its own and read what it says."""
    stamps = [start.isoformat(), end.isoformat()]
    command = [sys.executable, "-m", "benchmarks.backtest", "--child", str(data), *stamps]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    counts = answer["proposed"]["counts"]
    found = f"{counts['alerts']} alerts, {counts['incidents']} incidents, {counts['pages']} pages"
    seconds = answer["took_seconds"]
    return Row(name, answer["host_days"] / seconds, seconds, answer["mib"], found)


def child(data: Path, start: str, end: str) -> None:
    """Try the rules in force and print the answer; its seconds are those of the processor."""
    span = Span(datetime.fromisoformat(start), datetime.fromisoformat(end), timedelta(0))
    answer = backtest(
        settings.load(None, {}, {"data": data}),
        Asked(data / "policy", span, most_lines=0),
        of_journal(data),
        told=lambda _done, _of: None,
        monotonic=time.process_time,
    )
    most_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**answer, "mib": most_kib / 1024}))


def peer(folder: Path, data: Path, start: datetime, end: datetime, hosts: int) -> Row:
    """Let Prometheus evaluate its rules over the same samples, minute by minute."""
    write_samples(folder / "samples.om", data)
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "samples.om", "tsdb"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "prometheus.yml").write_text("global: {}\n", encoding="utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        "prometheus", f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, port, ready=f"{url}/-/ready", log=folder / "prometheus.log") as server:
        before, series = server.usage(), 0
        for expression, _ in RULES.values():
            form = {
                "query": expression,
                "start": str(start.timestamp()),
                "end": str(end.timestamp()),
                "step": str(INTERVAL_SECONDS),
            }
            answer = httpx.post(f"{url}/api/v1/query_range", data=form, timeout=120)
            series += len(answer.raise_for_status().json()["data"]["result"])
        after = server.usage()
    host_days = hosts * (end - start).total_seconds() / 86_400
    return Row(
        "Prometheus, expressions alone",
        host_days / (after.cpu_seconds - before.cpu_seconds),
        after.cpu_seconds - before.cpu_seconds,
        after.memory_bytes / (1 << 20),
        f"{series} series that are ever true",
    )


def write_samples(target: Path, data: Path) -> None:
    """Write what the journal holds as OpenMetrics, a family after the other."""
    families: dict[str, list[str]] = {}
    ends = app.now()
    for recorded in JournalHistory(data / "journal").read(ends - timedelta(days=30), ends):
        assert isinstance(recorded.body, bytes)
        for sample in read(recorded.body).samples.rows():
            pairs = [("agent", recorded.agent), *read_labels(bytes(sample.labels), "")]
            labels = ",".join(f'{name}="{value}"' for name, value in pairs)
            line = f"{sample.name}{{{labels}}} {sample.value!r} {sample.at:.3f}\n"
            families.setdefault(sample.name, []).append(line)
    with target.open("w", encoding="utf-8") as file:
        for lines in families.values():
            file.writelines(lines)
        file.write("# EOF\n")


def show(rows: list[Row], hosts: int, hours: int) -> None:
    """Print the table, and what a line does."""
    print(f"{hosts} hosts that report each {INTERVAL_SECONDS} s, {hours} hours")
    print(f"{'':32}{'host-days/s':>12}{'CPU s':>10}{'MiB':>8}  found")
    for row in rows:
        print(
            f"{row.name:32}{row.host_days_per_second:12.2f}{row.cpu_seconds:10.2f}"
            f"{row.memory_mib:8.0f}  {row.found}"
        )
    if len(rows) > 2:
        ratio = rows[0].host_days_per_second / rows[-1].host_days_per_second
        print(f"ratio to Prometheus: {ratio:.4f}")
    rules = len(load_rulebook(None).rules)
    print(WHAT_EACH_DOES.format(rules=rules, peer=len(RULES)))


if __name__ == "__main__":
    main()
