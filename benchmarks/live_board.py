"""Prints what a live board of 200 points costs and how soon it shows what agents report.

Run: .venv/bin/python -m benchmarks.live_board [--points N] [--seconds N] [--quick]

The real collector runs on core 0 behind plain HTTP; agents and those who look run on core 1. Every
point's agent reports its codec and path once a second; each viewer holds the board's stream, as a
browser does. Beside it, on the same reports: the same collector whose page is fetched every two
seconds, and Prometheus, which scrapes each second and is queried every two.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import re
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import uvloop

from benchmarks.board_agents import (
    BRIDGE,
    CONFERENCE,
    VALUES,
    Agents,
    number_of,
    points,
    targets_text,
)
from benchmarks.board_peer import Exporter, prometheus
from benchmarks.processes import Server, pin_this_process, running
from collector import app, settings
from collector.simulation import enrolment
from collector.simulation.province import make_province
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from collector.simulation.province import SimulatedHost

POINTS, SECONDS, WARM_SECONDS, EVERY_SECONDS, POLL_SECONDS = 200, 30.0, 8.0, 1.0, 2.0
_SHOWN_MS = re.compile(r"(\d+) ms")
_BOARD = re.compile(r"data-board='([^']*)'")
QUERY = '{__name__=~"wanwatch_.*"}'
WHAT_IT_SAYS = """
latency: from an agent's sending of a report to the first answer at a viewer that shows its value,
  or a newer one of the point; with every report another value. CPU: of one core, reports included.
"no viewer": what the same reports cost while nobody looks. bytes: to one viewer, not compressed.
refused: reports that were told to come later: the loop was late. x: median beside the first one's.
Prometheus: its instant query returns all series of the points; it judges and stores no log.
"""


class Shown(NamedTuple):
    """One value at a viewer: the point, its delay in ms, and when it came (monotonic)."""

    point: int
    shown_ms: int
    at: float


class Viewer:
    """What one who looks has received; only the first is read for values."""

    def __init__(self, *, reads: bool) -> None:
        self.reads, self.bytes, self.shown = reads, 0, list[Shown]()

    def faces(self, faces: list[dict[str, object]], at: float) -> None:
        """Note the tiles of an event or a page: what changed of them."""
        for face in faces:
            cells = face.get("c", {})
            assert isinstance(cells, dict)
            if "path" in cells and (found := _SHOWN_MS.search(cells["path"]["t"])):
                order = face["o"]
                assert isinstance(order, int)
                self.shown.append(Shown(order, int(found[1]), at))


class Row(NamedTuple):
    """One line of the table."""

    name: str
    latencies_seconds: list[float]
    cpu_ratio: float
    bytes_per_minute: float
    refused: int

    def line(self, first: Row) -> str:
        """Return it as the table has it, its median latency beside the first row's."""
        values = sorted(self.latencies_seconds)
        if not values:
            sizes = f"{self.cpu_ratio:>8.2f}{self.bytes_per_minute / 1024:>12,.0f}{self.refused:>9}"
            return f"{self.name:44}{'-':>10}{'-':>10}{'-':>10}{sizes}{'-':>8}"
        p95 = values[int(len(values) * 0.95)]
        of_first = statistics.median(values) / statistics.median(first.latencies_seconds)
        return (
            f"{self.name:44}{statistics.median(values):>10.3f}{p95:>10.3f}{values[-1]:>10.3f}"
            f"{self.cpu_ratio:>8.2f}{self.bytes_per_minute / 1024:>12,.0f}{self.refused:>9}"
            f"{of_first:>8.2f}"
        )


async def stream(client: httpx.AsyncClient, path: str, viewer: Viewer) -> None:
    """Hold the stream of a board until cancelled."""
    async with client.stream("GET", path, timeout=None) as answer:
        answer.raise_for_status()
        rest = b""
        async for piece in answer.aiter_raw():
            at = time.monotonic()
            viewer.bytes += len(piece)
            if not viewer.reads:
                continue
            *events, rest = (rest + piece).split(b"\n\n")
            for event in events:
                data = json.loads(event.partition(b"data: ")[2] or b"{}")
                viewer.faces(data.get("tiles", []), at)


async def poll(client: httpx.AsyncClient, path: str, viewer: Viewer) -> None:
    """Fetch the whole board every two seconds until cancelled."""
    next_at = time.monotonic()
    while True:
        answer = await client.get(path)
        at = time.monotonic()
        viewer.bytes += len(answer.content)
        if viewer.reads:
            found = _BOARD.search(answer.text)
            assert found is not None, answer.text[:300]
            viewer.faces(json.loads(html.unescape(found[1]))["first"]["tiles"], at)
        next_at += POLL_SECONDS
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))


async def query(client: httpx.AsyncClient, path: str, viewer: Viewer) -> None:
    """Ask Prometheus for everything every two seconds until cancelled."""
    next_at = time.monotonic()
    while True:
        answer = await client.get(path, params={"query": QUERY})
        at = time.monotonic()
        viewer.bytes += len(answer.content)
        if viewer.reads:
            for one in answer.json()["data"]["result"]:
                metric = one["metric"]
                if metric["__name__"] == "wanwatch_stamp_delay_seconds":
                    order, ms = int(metric["target"][5:]), round(float(one["value"][1]) * 1000)
                    viewer.shown.append(Shown(order, ms, at))
        next_at += POLL_SECONDS
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))


def latencies(agents: Agents | Exporter, viewer: Viewer) -> list[float]:
    """Return for every report how long it took until it, or a newer one, was shown."""
    told: dict[int, list[tuple[int, float]]] = {}
    for one in agents.told:
        told.setdefault(one.point, []).append((one.number, one.at))
    reached: dict[int, int] = {}
    found = []
    for shown in viewer.shown:
        sent = [one for one in told.get(shown.point, []) if one[1] <= shown.at]
        if not sent:
            continue
        upto = number_of(shown.shown_ms, sent[-1][0])
        first = reached.get(shown.point)
        if first is not None:
            found += [shown.at - at for number, at in sent if first < number <= upto]
        reached[shown.point] = max(upto, first or 0)
    return found


async def measured(
    name: str,
    server: Server,
    agents: Agents | Exporter,
    look: Callable[[Viewer], Awaitable[None]],
    viewers: int,
    seconds: float,
    *,
    changing: int = 1,
) -> Row:
    """Let agents report and people look for a while; the beginning does not count."""
    looking = [Viewer(reads=number == 0) for number in range(viewers)]
    agents.told.clear()
    agents.statuses.clear()
    running_agents = asyncio.create_task(
        agents.run(WARM_SECONDS + seconds, EVERY_SECONDS, changing=changing)
    )
    await asyncio.sleep(WARM_SECONDS / 2)
    tasks = [asyncio.ensure_future(look(viewer)) for viewer in looking]
    await asyncio.sleep(WARM_SECONDS / 2)
    before, bytes_before, at = server.usage(), sum(one.bytes for one in looking), time.monotonic()
    await asyncio.sleep(seconds - 2.0)
    took = time.monotonic() - at
    after, bytes_after = server.usage(), sum(one.bytes for one in looking)
    await running_agents
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    each = (bytes_after - bytes_before) / took * 60 / max(1, viewers)
    found = latencies(agents, looking[0]) if looking and changing == 1 else []
    cpu_ratio = (after.cpu_seconds - before.cpu_seconds) / took
    refused = sum(count for status, count in agents.statuses.items() if status >= 300)
    return Row(name, found, cpu_ratio, each, refused)


@contextmanager
def collector(directory: Path, hosts: list[SimulatedHost], count: int) -> Iterator[Server]:
    """Run a collector that knows the points' agents and targets."""
    data, port = directory / "data", free_port()
    province = make_province(1, units=count, hosts=count)
    config = settings.load(None, {}, {"data": data})
    enrolment.write_province(config.policy_directory, province)
    (config.policy_directory / "targets.yaml").write_text(targets_text(hosts), encoding="utf-8")
    enrolment.enrol(config, province, interval_seconds=10, now=app.now())
    command = [sys.executable, "-m", "collector", "collector", "--data", str(data)]
    ready = f"http://127.0.0.1:{port}/-/ready"
    listen = ["--listen", f"127.0.0.1:{port}"]
    with running([*command, *listen], port, ready=ready, log=data / "log") as server:
        yield server


async def begun(client: httpx.AsyncClient, hosts: list[SimulatedHost]) -> int:
    """Plan a session of class A with all points and begin it; return its number."""
    now = datetime.now(UTC)
    plan = {
        "name": "Hội nghị toàn tỉnh", "session_class": "A", "bridge": BRIDGE,
        "conference": CONFERENCE, "starts_at": (now + timedelta(seconds=2)).isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(), "points": points(hosts),
    }  # fmt: skip
    made = await client.post("/api/v1/sessions", json=plan, headers={"Idempotency-Key": "plan"})
    assert made.status_code == 201, made.text
    number = int(made.json()["id"])
    started = await client.post(
        f"/api/v1/sessions/{number}/start", json={}, headers={"Idempotency-Key": "start"}
    )
    assert started.is_success, started.text
    return number


async def ours(directory: Path, count: int, seconds: float, *, quick: bool) -> list[Row]:
    """Measure the board's stream and fetching its page."""
    hosts = list(make_province(1, units=count, hosts=count).hosts)
    rows = []
    with collector(directory, hosts, count) as server:
        token = (directory / "data" / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        address = f"http://127.0.0.1:{server.port}"
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=address, headers=headers, timeout=30, limits=limits
        ) as client:
            number = await begun(client, hosts)
            agents = Agents(hosts, server.port)
            page = f"/sessions/{number}/live"

            async def held(viewer: Viewer) -> None:
                await stream(client, f"{page}/events", viewer)

            async def fetched(viewer: Viewer) -> None:
                await poll(client, f"{page}?wall=1", viewer)

            rows.append(await measured("no viewer", server, agents, held, 0, seconds))
            for viewers in (1,) if quick else (1, 10):
                title = f"stream, {viewers} viewer{'s' * (viewers > 1)}"
                rows.append(await measured(title, server, agents, held, viewers, seconds))
            if not quick:
                rows.append(
                    await measured(
                        "stream, 1 viewer, 1 value of 20 changes",
                        server, agents, held, 1, seconds, changing=20,
                    )
                )  # fmt: skip
                for viewers in (1, 10):
                    title = f"page every 2 s, {viewers} viewer{'s' * (viewers > 1)}"
                    rows.append(await measured(title, server, agents, fetched, viewers, seconds))
    return rows


async def peer(directory: Path, count: int, seconds: float) -> list[Row]:
    """Measure Prometheus with the same values from one exporter."""
    rows = []
    exporter = Exporter(count)
    async with exporter.serving() as port:
        with prometheus(directory, port) as server:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:

                async def asked(viewer: Viewer) -> None:
                    await query(client, "/api/v1/query", viewer)

                for viewers in (0, 1, 10):
                    title = f"Prometheus, query every 2 s, {viewers} viewers"
                    rows.append(await measured(title, server, exporter, asked, viewers, seconds))
    return rows


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--quick", action="store_true", help="one viewer, no peer")
    given = parser.parse_args()
    if given.seconds + WARM_SECONDS >= VALUES * EVERY_SECONDS:
        parser.error(f"at most {VALUES * EVERY_SECONDS - WARM_SECONDS:.0f} s: values repeat")
    pin_this_process()
    with tempfile.TemporaryDirectory() as name:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        rows = runner.run(ours(Path(name), given.points, given.seconds, quick=given.quick))
        if not given.quick:
            rows += runner.run(peer(Path(name), given.points, given.seconds))
    print(f"{given.points} points, a report of each every {EVERY_SECONDS:g} s; seconds\n")
    columns = (
        ("median", 10),
        ("p95", 10),
        ("most", 10),
        ("CPU", 8),
        ("KiB/min", 12),
        ("refused", 9),
        ("x", 8),
    )
    print(f"{'':44}" + "".join(f"{column:>{width}}" for column, width in columns))
    first = next(row for row in rows if row.latencies_seconds)
    for row in rows:
        print(row.line(first))
    print(WHAT_IT_SAYS)


if __name__ == "__main__":
    main()
