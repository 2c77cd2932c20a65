"""Prints how long a fault takes to reach a mailbox, with the real processes and a real mail server.

Run: .venv/bin/python -m benchmarks.fault_to_mail [ROUNDS]   (as root: it mounts a small disk)

What is measured: from the end of the write that fills a 4 MiB file system to the moment the mail
server has the whole message; the agent looks and reports every second, the rule has no `for`.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import Mailbox, World, wait_until
from tests.conftest import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 20


@contextmanager
def running_world(directory: Path) -> Iterator[World]:
    """Start a mail server, a collector and an agent, and end them."""
    mailbox = Mailbox()
    with contextmanager(small_disk)(directory / "small", size="4m") as disk:
        world = World(directory, disk, mailbox)
        world.start_all()
        try:
            wait_until(lambda: hosts_on_time(world), "the host reports")
            yield world
        finally:
            world.end_all()
            mailbox.stop()


def one_round(world: World) -> float:
    """Return the seconds from full to mailed; afterwards the incident is ended."""
    before = len(world.mailbox.messages)
    world.fill()
    filled_at = time.monotonic()
    wait_until(lambda: len(world.mailbox.messages) > before, "the page")
    seconds = world.mailbox.arrived_at[before] - filled_at
    code = world.get("/api/v1/incidents?state=open")["items"][0]["code"]
    world.free()
    wait_until(
        lambda: world.get(f"/api/v1/incidents/{code}")["incident"]["recovered_at"], "recovery"
    )
    wait_until(lambda: len(world.mailbox.messages) > before + 1, "the notice")
    end = {"stage": "khong_phai_su_co", "reason": "benchmark"}
    world.post(f"/api/v1/incidents/{code}/move", end)
    return seconds


def main() -> None:
    """Run the rounds and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as directory, running_world(Path(directory)) as world:
        seconds = sorted(one_round(world) for _ in range(rounds))
    print(
        f"{'rounds':>8} {'least':>8} {'median':>8} {'p95':>8} {'most':>8}   seconds, full to mail"
    )
    p95 = seconds[min(rounds - 1, int(rounds * 0.95))]
    print(
        f"{rounds:>8} {seconds[0]:>8.2f} {statistics.median(seconds):>8.2f} {p95:>8.2f} "
        f"{seconds[-1]:>8.2f}"
    )


if __name__ == "__main__":
    main()
