"""Prints what an agent costs its host, beside node_exporter on the same host at the same time.

Run: .venv/bin/python -m benchmarks.agent_footprint [--minutes N]   (as root: it counts pages)

Both do their work every 10 s. Measured are whole minutes after the first one, so that the checks
that run every 30 s and every minute have their share in the mean.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents import last_sent
from benchmarks.pages import pss_bytes, resident, running_the_same
from benchmarks.tls import server_files
from tests.acceptance.world import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
EXPORTER = "prometheus-node-exporter"
MINUTES, TURNS_PER_MINUTE = 3, 6
UNIT = "H29.1"
UNITS = f"code,name,kind,parent,region\n{UNIT},Văn phòng Tỉnh ủy,co_quan,,Trung tâm\n"
WHAT_EACH_DOES = """
wanwatch-agent, default settings, all checks on: reads its checks every 10 s (some every 30 s or
  every minute), keeps the report on disk with fdatasync, signs it with Ed25519 and sends it over
  one TLS connection to a collector on this host, keeps what the answer says with fdatasync.
  Nothing to read here: {absent}.
node_exporter, Debian's defaults: reads its collectors when it is scraped, here every 10 s over one
  connection of plain HTTP with gzip, as Prometheus does. It keeps, signs and encrypts nothing.
PSS is counted page by page: alone, as if no other Python process ran; beside a collector, as if
  the collector was the only one. Both share the C library and the like with what else runs here.
Bytes are of the bodies; TLS adds 22 to each record of the agent's.
"""


class Row(NamedTuple):
    """One line of the table; both in the same unit."""

    what: str
    unit: str
    agent: float
    exporter: float | None


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children that ended have used.

    Source: clock_getcpuclockid(3); its number is made of the process's, posix-timers.h.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(~pid << 3 | 2) + children


@contextmanager
def process(
    command: Sequence[str | Path], log: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """Run a process; it is ended by its id."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started.pid
    finally:
        started.terminate()
        started.wait(20)


class Exporter:
    """node_exporter, scraped as Prometheus does it: one connection, gzip."""

    def __init__(self, port: int) -> None:
        self.request = {
            "User-Agent": "Prometheus/2.42.0",
            "Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "Accept-Encoding": "gzip",
            "X-Prometheus-Scrape-Timeout-Seconds": "10",
        }
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.head_bytes = 0

    def scrape(self, *, packed: bool = True) -> bytes:
        """Return the body as it came."""
        headers = self.request if packed else {**self.request, "Accept-Encoding": "identity"}
        self._connection.request("GET", "/metrics", headers=headers)
        answer = self._connection.getresponse()
        lines = [*headers.items(), ("GET", "/metrics HTTP/1.1"), ("Host", self._connection.host)]
        lines += [*answer.getheaders(), ("HTTP/1.1", "200 OK")]
        self.head_bytes = sum(len(name) + len(value) + 4 for name, value in lines)
        return answer.read()


@contextmanager
def collector(directory: Path, public_key: str) -> Iterator[tuple[str, int, Path]]:
    """Run a collector that knows the agent; yield its address, its id and its certificate."""
    policy, port = directory / "policy", free_port()
    policy.mkdir()
    (policy / "units.csv").write_text(UNITS, encoding="utf-8")
    certificate, key = server_files(directory)
    where = ["--data", directory / "data", "--policy", policy]
    wanwatch = [sys.executable, "-m", "collector"]
    host = ["--host", "may-chu-1", "--unit", UNIT, "--public-key", public_key]
    add = [*wanwatch, "agents", "add", *host, *where]
    subprocess.run(add, cwd=ROOT, capture_output=True, check=True)
    tls = {"WANWATCH_TLS_CERTIFICATE": str(certificate), "WANWATCH_TLS_KEY": str(key)}
    command = [*wanwatch, "collector", *where, "--listen", f"127.0.0.1:{port}"]
    with process(command, directory / "collector.log", tls) as pid:
        wait_until(lambda: _listens(port), "the collector listens")
        yield f"https://127.0.0.1:{port}", pid, certificate


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def agent_command(data: Path, url: str) -> list[str]:
    """Return the command of the agent with its default settings."""
    return [sys.executable, "-m", "agents", "run", "--collector", url, "--data", str(data)]


def head_bytes(data: Path, log: Path) -> int:
    """Return the bytes in front of a report's body, of the agent's own first request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with process(agent_command(data, url), log):
            client, _ = listener.accept()
            with client:
                return client.recv(65536).index(b"\r\n\r\n") + 4


def public_key(data: Path) -> str:
    """Return the agent's key, making it at the first call."""
    command = [sys.executable, "-m", "agents", "identity", "--json", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return str(json.loads(done.stdout)["public_key"])


def checks_without_data() -> str:
    """Return the names of the checks that find nothing on this host."""
    command = [sys.executable, "-m", "agents", "selftest", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    seen = json.loads(done.stdout)
    return ", ".join(one["check"] for one in seen if not one["values"]) or "–"


def measure(directory: Path, minutes: int) -> list[Row]:
    """Run all three, and look at two of them for some minutes."""
    data, port = directory / "agent", free_port()
    with ExitStack() as stack:
        enter = stack.enter_context
        url, collector_pid, certificate = enter(collector(directory, public_key(data)))
        settings = {"WANWATCH_AGENT_CA_FILE": str(certificate)}
        agent = enter(process(agent_command(data, url), directory / "agent.log", settings))
        listen = f"--web.listen-address=127.0.0.1:{port}"
        exporter = enter(process([EXPORTER, listen], directory / "exporter.log"))
        wait_until(lambda: _listens(port), "node_exporter listens")
        scraped = Exporter(port)
        plain = scraped.scrape(packed=False)
        for _ in range(TURNS_PER_MINUTE):
            next_turn(data, scraped)
        before = cpu_seconds(agent), cpu_seconds(exporter)
        turns = [next_turn(data, scraped) for _ in range(minutes * TURNS_PER_MINUTE)]
        after = cpu_seconds(agent), cpu_seconds(exporter)
        unpacked = last_plain(data)
        python = running_the_same(agent)
        memory = [
            ("RSS", resident(agent).bytes, resident(exporter).bytes),
            ("PSS alone", pss_bytes(agent, without=python), pss_bytes(exporter, without=python)),
            (
                "PSS beside a collector",
                pss_bytes(agent, without=python - {collector_pid}),
                pss_bytes(exporter, without=python - {collector_pid}),
            ),
        ]
    cpu_ms = [1000 * (b - a) / len(turns) for a, b in zip(before, after, strict=True)]
    sent, packed, samples = zip(*turns, strict=True)
    lines = [line for line in plain.splitlines() if not line.startswith(b"#")]
    return [
        *(Row(what, "MiB", a / 2**20, b / 2**20) for what, a, b in memory),
        Row("CPU per collection", "ms", *cpu_ms),
        Row("bytes per collection, gzip", "", statistics.mean(sent), statistics.mean(packed)),
        Row(
            "  heads of request and answer",
            "",
            head_bytes(directory / "x", directory / "x.log"),
            scraped.head_bytes,
        ),
        Row("  without gzip", "", unpacked, len(plain)),
        Row("series per collection", "", statistics.mean(samples), len(lines)),
    ]


def next_turn(data: Path, exporter: Exporter) -> tuple[int, int, int]:
    """Wait for the agent's next report, then scrape; return bytes, bytes and samples."""
    before = _sent(data)

    def come() -> last_sent.LastSent | None:
        now = _sent(data)
        return now if now and now.is_accepted and (not before or now.seq > before.seq) else None

    report: last_sent.LastSent = wait_until(come, "a report is accepted", 60.0)
    samples = len(json.loads(report.text())["samples"])
    return len(report.body), len(exporter.scrape()), samples


def _sent(data: Path) -> last_sent.LastSent | None:
    with contextlib.suppress(ValueError):
        return last_sent.read(data)
    return None


def last_plain(data: Path) -> int:
    """Return the bytes of the last report before it was packed."""
    report = _sent(data)
    return len(report.text().encode()) if report else 0


def print_table(rows: list[Row]) -> None:
    """Print both and their ratio."""
    print(f"{'':<32} {'wanwatch-agent':>16} {'node_exporter':>16} {'ratio':>7}")
    for what, unit, own, peer in rows:
        name = f"{what} ({unit})" if unit else what
        digits = 1 if unit else 0
        ratio = f"{own / peer:.2f}" if peer else ""
        print(f"{name:<32} {own:>16,.{digits}f} {peer or 0:>16,.{digits}f} {ratio:>7}")


def main() -> None:
    """Measure, print the table and what each side does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=MINUTES)
    given = parser.parse_args()
    if shutil.which(EXPORTER) is None:
        sys.exit(f"{EXPORTER} is not installed: make setup-services")
    compileall.compile_dir(ROOT / "agents", quiet=1)  # as `make setup-agent` leaves it
    with tempfile.TemporaryDirectory() as directory:
        print_table(measure(Path(directory), given.minutes))
    print(WHAT_EACH_DOES.format(absent=checks_without_data()))


if __name__ == "__main__":
    main()
