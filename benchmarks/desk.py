"""Prints what a desk with many long files costs: lists, search, pages, the turn, the audit.

Run: .venv/bin/python -m benchmarks.desk [--incidents N] [--entries N] [--open N] [--database URL]

The files are made by the real functions (5,000 of 10,000 incidents open, 300 entries each). Lists,
search and pages are asked over HTTP from the real collector on core 0, one after another; the turn
and the audit run in this process on core 1. `--database` takes a PostgreSQL URL, SQLite without it.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from nacl.signing import SigningKey

from benchmarks.processes import pin_this_process, running
from collector import settings, starter
from collector.storage.audit import audit
from collector.storage.desk_store import DeskStore
from collector.storage.sealer import ORIGIN, seal
from incidents.causes import Cause
from incidents.channels import load_policy
from incidents.commands import Move
from incidents.desk import TURN_BATCH, Desk
from incidents.incident import Draft, Kind, fold
from incidents.procedures import shipped
from incidents.rulesets import only
from tests.acceptance.world import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

SEED, ASKED, TURN_ASKED = 7, 100, 50
PLACES = ("Phước Hội", "Hàm Thuận", "Đức Linh", "Bắc Bình", "Tuy Phong", "Phan Thiết")
FAULTS = ("Mất đường truyền", "Đĩa gần đầy", "Máy im lặng", "Dịch vụ dừng", "Mất điện")
CHANNELS = """
channels: {hook: {kind: webhook, url: "http://127.0.0.1:9/"}}
recipients: [{name: trực ca, channel: hook, severities: [S1, S2, S3, S4]}]
quiet: null
"""
NOTE = "Đã gọi đơn vị, kiểm tra nguồn và đường truyền tại chỗ, chờ nhà mạng trả lời."


def main() -> None:
    """Fill a database, ask it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=300)
    parser.add_argument("--open", type=int, default=5_000)
    parser.add_argument("--database", default=None)
    given = parser.parse_args()
    pin_this_process()
    with tempfile.TemporaryDirectory() as name:
        data, now = Path(name), datetime.now(UTC)
        chosen = {"data": data} | ({"database": given.database} if given.database else {})
        config = settings.load(None, {}, chosen)
        starter.write_policy(config.policy_directory)
        (config.policy_directory / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
        engine = starter.open_database(config)
        began_at = time.monotonic()
        codes = fill(engine, given.incidents, given.entries, given.open, now)
        total = given.incidents * given.entries
        seconds = time.monotonic() - began_at
        print(f"{given.incidents:,} incidents, {given.entries} entries each, {given.open:,} open")
        print(f"made with {total / seconds:,.0f} entries/s\n")
        print(f"{'':36}{'p50 ms':>10}{'p95 ms':>10}{'most ms':>10}")
        _turns(engine, now)
        ask(data, codes)
        verify(engine, data, total, now)


def fill(engine: Engine, count: int, entries: int, open_: int, now: datetime) -> list[str]:
    """Write the files; return their codes. The first `open_` are open and not due for an hour."""
    dice = random.Random(SEED)
    desk = _desk(f"{dice.getrandbits(64):x}-{{}}")
    codes = []
    for number in range(count):
        at = now - timedelta(minutes=10 * (count - number))
        with engine.begin() as connection:
            tx = DeskStore(connection)
            cause = _cause(number, dice.choice(PLACES), dice.choice(FAULTS), at)
            incident = desk.alert_fired(tx, cause, at)
            notes = [
                Draft(Kind.NOTE, {}, {"note": f"{NOTE} ({line})"}) for line in range(entries - 3)
            ]
            desk.add(tx, incident, "person:an", at + timedelta(minutes=1), lambda _, n=notes: n)
            if number >= open_:
                end = Move("khong_phai_su_co", "báo nhầm", {"disposition": "false-positive"})
                desk.command(tx, incident, end, "person:an", at + timedelta(minutes=5))
            tx.postpone(incident, now + timedelta(hours=1))
            codes.append(fold(tx.timeline(incident, lock=False)).code)
    return codes


def _desk(ids: str) -> Desk:
    """Return a desk as the collector has it; `ids` makes the identifiers of messages."""
    numbers = itertools.count(1)
    return Desk(
        only(shipped()),
        load_policy(CHANNELS, file="channels.yaml"),
        new_message_id=lambda: ids.format(next(numbers)),
        new_salt=lambda: f"{next(numbers):032x}",
    )


def _cause(number: int, place: str, fault: str, at: datetime) -> Cause:
    return Cause(
        alert_id=number + 1,
        dedup_key=f"cause-{number}",
        rule="UnitSilent",
        class_code="kt_duong_truyen",
        impact=f"I{number % 4 + 1}",
        scope="P2",
        severity="critical",
        unit=f"H42.{number % 150:02d}",
        unit_name=f"Xã {place}",
        host=f"may-{number % 33}",
        summary_vi=f"{fault} tại xã {place}",
        summary_en="A line is lost",
        value="1",
        started_at=at,
        runbook="",
    )


def _turns(engine: Engine, now: datetime) -> None:
    """Time the desk's turn: with nothing due, with one, and with as many as it takes at once."""
    desk = _desk("turn-{}")

    def turn(due: int) -> float:
        with engine.begin() as connection:
            tx = DeskStore(connection)
            for incident in range(1, due + 1):
                tx.postpone(incident, now - timedelta(seconds=1))
        began_at = time.perf_counter()
        with engine.begin() as connection:
            looked_at = desk.turn(DeskStore(connection), now)
        assert len(looked_at) == due, looked_at
        return time.perf_counter() - began_at

    for due in (0, 1, TURN_BATCH):
        _print(f"turn, {due} due", [turn(due) for _ in range(TURN_ASKED)])


def ask(data: Path, codes: Sequence[str]) -> None:
    """Time lists, search and pages of the real collector."""
    port = free_port()
    command = [sys.executable, "-m", "collector", "collector", "--data", str(data)]
    address = f"http://127.0.0.1:{port}"
    dice = random.Random(SEED)
    with running(
        [*command, "--listen", f"127.0.0.1:{port}"], port, ready=f"{address}/-/ready",
        log=data / "log",
    ):  # fmt: skip
        token = (data / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=60) as client:

            def timed(path: Callable[[], str]) -> list[float]:
                spent = []
                for _ in range(ASKED):
                    where = path()
                    began_at = time.perf_counter()
                    client.get(where).raise_for_status()
                    spent.append(time.perf_counter() - began_at)
                return spent

            def words() -> str:
                return dice.choice(("phuoc hoi", "ham thuan duong truyen", "dia gan day duc"))

            _print("list, page", timed(lambda: "/incidents"))
            _print("list, API", timed(lambda: "/api/v1/incidents?state=open&limit=100"))
            _print("search without marks", timed(lambda: f"/api/v1/incidents?q={words()}"))
            nothing = "/api/v1/incidents?q=khong co gi"
            _print("search that finds nothing", timed(lambda: nothing))
            _print("one incident, page", timed(lambda: f"/incidents/{dice.choice(codes)}"))
            _print("one incident, API", timed(lambda: f"/api/v1/incidents/{dice.choice(codes)}"))


def verify(engine: Engine, data: Path, entries: int, now: datetime) -> None:
    """Seal everything and verify everything; print entries a second."""
    key = SigningKey((data / "keys" / "seal").read_bytes())
    began_at, sealed = time.perf_counter(), True
    while sealed:
        with engine.begin() as connection:
            sealed = seal(connection, now, key=key, origin=ORIGIN) is not None
    print(f"\nsealed {entries / (time.perf_counter() - began_at):,.0f} entries/s")
    began_at = time.perf_counter()
    with engine.connect() as connection:
        found = audit(connection, origin=ORIGIN, public_key=bytes(key.verify_key))
    assert not found.findings, found.findings[:3]
    print(f"verified {entries / (time.perf_counter() - began_at):,.0f} entries/s")


def _print(what: str, spent: Sequence[float]) -> None:
    ordered = sorted(spent)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(
        f"{what:36}{middle * 1e3:>10.1f}{late * 1e3:>10.1f}{ordered[-1] * 1e3:>10.1f}", flush=True
    )


if __name__ == "__main__":
    main()
