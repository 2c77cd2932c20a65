"""Prints how a collector on one core bears many agents: TLS, signatures, a connection for each.

Run: .venv/bin/python -m benchmarks.fleet_load [AGENTS …]   (default 1000 5000 10000 20000)

The real collector runs on core 0, `wanwatch simulate` on core 1; every agent reports each 10 s
about 60 samples for two minutes. As root for more agents than a process may have files open.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from benchmarks.processes import Usage, pin_this_process, running
from benchmarks.tls import server_files
from collector import app, settings
from collector.simulation import enrolment
from collector.simulation.province import make_province
from tests.acceptance.world import free_port

AGENTS = (1_000, 5_000, 10_000, 20_000)
INTERVAL_SECONDS, SECONDS, UNITS, SEED = 10, 120, 150, 7
FILES_BESIDE = 1_000
MIB = 1 << 20


class Row(NamedTuple):
    """What one run came to; memory of the collector at its end."""

    agents: int
    result: dict[str, Any]
    cpu_ratio: float
    memory_bytes: int

    def line(self) -> str:
        """Return it as the table has it."""
        counts = self.result["results"]
        accepted = counts.get("202 accepted", 0)
        refused = sum(counts.values()) - accepted
        return (
            f"{self.agents:>8}{self.result['reports_per_second']:>10.0f}{accepted:>10}"
            f"{refused:>9}{self.result['answer_p50_ms']:>9.1f}{self.result['answer_p95_ms']:>9.1f}"
            f"{self.result['answer_max_ms']:>9.1f}{self.result['with_connecting_p95_ms']:>9.0f}{self.cpu_ratio:>8.2f}"
            f"{self.memory_bytes / MIB:>9.0f}{self.memory_bytes / self.agents / 1024:>8.0f}"
            f"{self.result['cpu_ratio']:>8.2f}"
        )


def measure(agents: int, directory: Path) -> Row:
    """Enrol a province of so many agents and let it report."""
    data, port = directory / f"{agents}", free_port()
    province = make_province(SEED, units=UNITS, hosts=agents)
    config = settings.load(None, {}, {"data": data})
    enrolment.write_province(config.policy_directory, province)
    enrolment.enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=app.now())
    certificate, key = server_files(data)
    environment = {"WANWATCH_TLS_CERTIFICATE": str(certificate), "WANWATCH_TLS_KEY": str(key)}
    program, where = [sys.executable, "-m", "collector"], ["--data", str(data)]
    address = f"https://127.0.0.1:{port}"
    context = httpx.create_ssl_context(verify=str(certificate))
    with running(
        [*program, "collector", *where, "--listen", f"127.0.0.1:{port}"],
        port,
        ready=f"{address}/-/ready",
        log=data / "log",
        environment=environment,
        context=context,
    ) as server:
        size = ("--agents", str(agents), "--units", str(UNITS), "--seed", str(SEED))
        how = ("--collector", address, "--ca-file", str(certificate), "--duration", str(SECONDS))
        simulator = subprocess.Popen(
            [*program, "simulate", *where, *size, *how, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        before = server.usage()
        most = _watch(simulator, server.usage)
        output = simulator.communicate()[0]
        after = server.usage()
    result = json.loads(output)
    cpu_seconds = after.cpu_seconds - before.cpu_seconds
    return Row(agents, result, cpu_seconds / result["elapsed_seconds"], most)


def _watch(simulator: subprocess.Popen[bytes], usage: Any) -> int:
    """Return the most memory seen while the simulator runs."""
    most = 0
    while True:
        found: Usage = usage()
        most = max(most, found.memory_bytes)
        try:
            simulator.wait(5)
        except subprocess.TimeoutExpired:
            continue
        return most


def _possible(sizes: list[int]) -> list[int]:
    """Allow this process and its children as many open files as agents, as far as one may."""
    wanted = max(sizes) + FILES_BESIDE
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        most = hard - FILES_BESIDE
        print(f"a process may have {hard} files open here: at most {most} agents\n")
        return sorted({min(size, most) for size in sizes})
    return sizes


def main() -> None:
    """Measure each size and print the table."""
    sizes = _possible([int(word) for word in sys.argv[1:]] or list(AGENTS))
    pin_this_process()
    print(
        f"{'agents':>8}{'reports/s':>10}{'accepted':>10}{'refused':>9}{'p50 ms':>9}{'p95 ms':>9}"
        f"{'most ms':>9}{'connect':>9}{'CPU':>8}{'PSS MiB':>9}{'KiB each':>8}{'sim CPU':>8}"
    )
    with tempfile.TemporaryDirectory() as name:
        for agents in sizes:
            print(measure(agents, Path(name)).line(), flush=True)


if __name__ == "__main__":
    main()
