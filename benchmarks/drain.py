"""Prints how a province's agents hand over what they kept through an outage, all at once.

Run: .venv/bin/python -m benchmarks.drain [--agents N] [--hours H] [--interval S]

The real collector on core 0, the agents in one process on core 1 (plain HTTP). Each agent comes
back with every report of the outage; its live lane goes first and at its interval, the backlog
beside it, oldest first, at the pace that the collector's answers name.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from array import array
from pathlib import Path
from typing import NamedTuple

import uvloop

from agents import delivery
from agents.delivery import Verdict
from benchmarks.always import write_province
from benchmarks.processes import Server, pin_this_process, running
from collector import app, settings
from collector.simulation import enrolment
from collector.simulation.connection import Address, Connection
from collector.simulation.dice import draw
from collector.simulation.effects import NO_EFFECT
from collector.simulation.identities import identity_of
from collector.simulation.province import make_province
from collector.simulation.reporter import Reporter
from tests.acceptance.world import free_port

SEED, UNITS, BEFORE_SECONDS, CONNECT_SECONDS = 7, 150, 60.0, 10.0
HOUR = 3_600


class Agent:
    """One agent after an outage: it numbered `held` reports meanwhile and goes on from there."""

    def __init__(self, reporter: Reporter, held: int, interval: float, began_at: float) -> None:
        self.reporter, self.interval, self.began_at = reporter, interval, began_at
        self.next_kept, self.next_live = 1, held + 1
        self.held = held
        self.per_minute = delivery.BACKLOG_PER_MINUTE

    @property
    def is_drained(self) -> bool:
        """Say whether nothing of the outage is left."""
        return self.next_kept > self.held

    def request(self, seq: int, at: float) -> bytes:
        """Return the report of a number; what was kept tells of its own instant."""
        self.reporter.seq = seq
        self.reporter.oldest = min(self.next_kept, seq)
        return self.reporter.request(at, NO_EFFECT)


class Figures(NamedTuple):
    """What one run came to."""

    drained_seconds: float
    live_before: array[float]
    live_during: array[float]
    refused: int


async def run(agents: list[Agent], address: Address) -> Figures:
    """Let all come back and hand over everything; return the figures."""
    before, during = array("d"), array("d")
    refused, began_at = [0], time.monotonic()
    drained = asyncio.Event()
    left = [len(agents)]
    stop = asyncio.Event()

    async def send(agent: Agent, connection: Connection, seq: int, at: float) -> bool:
        answer = await connection.send(agent.request(seq, at))
        outcome = delivery.after(answer, failures=0, is_first_attempt=False, jitter=0.0)
        if outcome.verdict is Verdict.KEEP:
            refused[0] += 1
            await asyncio.sleep(outcome.wait_seconds)
            return False
        agent.reporter.state = outcome.state or agent.reporter.state
        agent.per_minute = outcome.backlog_per_minute
        return True

    async def live(agent: Agent, connection: Connection, lock: asyncio.Lock) -> None:
        due = began_at + draw(agent.reporter.host.name, "back") * CONNECT_SECONDS
        while not stop.is_set():
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            async with lock:
                asked_at, is_open = time.monotonic(), connection.is_open
                if await send(agent, connection, agent.next_live, time.time()):
                    agent.next_live += 1
                if is_open:
                    (during if not drained.is_set() else before).append(time.monotonic() - asked_at)
            due += agent.interval

    async def backlog(agent: Agent, connection: Connection, lock: asyncio.Lock) -> None:
        await asyncio.sleep(CONNECT_SECONDS * (1 + draw(agent.reporter.host.name, "kept")))
        while not agent.is_drained:
            age = (agent.held - agent.next_kept + 1) * agent.interval
            async with lock:
                if await send(agent, connection, agent.next_kept, agent.began_at - age):
                    agent.next_kept += 1
            await asyncio.sleep(60.0 / agent.per_minute)
        left[0] -= 1
        if not left[0]:
            drained.set()

    tasks = []
    for agent in agents:
        connection, lock = Connection(address), asyncio.Lock()
        tasks += [asyncio.create_task(work(agent, connection, lock)) for work in (live, backlog)]
    await drained.wait()
    seconds = time.monotonic() - began_at
    await asyncio.sleep(BEFORE_SECONDS)
    stop.set()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Figures(seconds, before, during, refused[0])


def measure(agents: int, hours: float, interval: int, data: Path) -> None:
    """Run it and print the table."""
    port, held = free_port(), int(hours * HOUR / interval)
    province = make_province(SEED, units=UNITS, hosts=agents)
    config = settings.load(None, {}, {"data": data})
    write_province(config.policy_directory, province)
    enrolment.enrol(config, province, interval_seconds=interval, now=app.now())
    command = [sys.executable, "-m", "collector", "collector", "--data", str(data)]
    ready = f"http://127.0.0.1:{port}/-/ready"
    listen = ["--listen", f"127.0.0.1:{port}"]
    with running([*command, *listen], port, ready=ready, log=data / "log") as server:
        address, began_at = Address("127.0.0.1", port), time.time()
        made = [
            Agent(Reporter(host, identity_of(host), str(address)), held, interval, began_at)
            for host in province.hosts
        ]
        before = server.usage()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = runner.run(run(made, address))
        _print(figures, made, server, before.cpu_seconds)
    _print_tables(data)


def _print(figures: Figures, made: list[Agent], server: Server, cpu_before: float) -> None:
    reports = sum(agent.held for agent in made)
    usage = server.usage()
    print(f"{'agents':34}{len(made):>12,}")
    print(f"{'reports kept by all':34}{reports:>12,}")
    print(f"{'drained after, s':34}{figures.drained_seconds:>12.0f}")
    print(f"{'backlog a second':34}{reports / figures.drained_seconds:>12.0f}")
    for name, values in (("meanwhile", figures.live_during), ("afterwards", figures.live_before)):
        ordered = sorted(values)
        p95 = ordered[int(len(ordered) * 0.95)] if ordered else 0.0
        print(f"{'live answers ' + name + ', p95 ms':34}{p95 * 1000:>12.1f}")
    print(f"{'answers that put off':34}{figures.refused:>12,}")
    seconds = figures.drained_seconds + BEFORE_SECONDS
    print(f"{'collector, CPU':34}{(usage.cpu_seconds - cpu_before) / seconds:>12.2f}")
    print(f"{'collector, PSS MiB':34}{usage.memory_bytes / (1 << 20):>12.0f}")


def _print_tables(data: Path) -> None:
    """Say what the collector's own tables hold after its end."""
    with sqlite3.connect(f"file:{data}/collector.sqlite3?mode=ro", uri=True) as connection:
        lost, gaps = connection.execute(
            "SELECT sum(lost_reports), sum(ranges LIKE '%],[%') FROM agents"
        ).fetchone()
        incidents = connection.execute("SELECT count(*) FROM incidents").fetchone()[0]
        pages = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
    print(f"{'counted lost':34}{lost:>12}")
    print(f"{'agents with gaps':34}{gaps:>12}")
    print(f"{'incidents':34}{incidents:>12}")
    print(f"{'pages':34}{pages:>12}")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=5_000)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--interval", type=int, default=60)
    given = parser.parse_args()
    pin_this_process()
    with tempfile.TemporaryDirectory() as name:
        measure(given.agents, given.hours, given.interval, Path(name))


if __name__ == "__main__":
    main()
