"""Our alerts at a real Alertmanager cluster: all members, ends, and a restart of ours between."""

from __future__ import annotations

import asyncio
import shutil
import socket
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.alerts import Ended, Firing
from collector.alerts_out.settings import Alertmanager
from collector.alerts_out.telling import AlertsOut
from collector.storage.schema import sent_alerts
from tests.conftest import missing
from tests.integration.collector.world import UNIT, World
from tests.outside_site import LiveClock, free_port, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAUSE = timedelta(seconds=60)


@contextmanager
def cluster(folder: Path) -> Iterator[list[str]]:
    """Run two Alertmanagers that know one another."""
    command = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if command is None:
        missing("alertmanager is not installed")
    (folder / "am.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    gossip = free_port()
    with ExitStack() as stack:
        addresses = []
        for number in range(2):
            address = f"127.0.0.1:{free_port()}"
            own = f"127.0.0.1:{gossip if number == 0 else free_port()}"
            peers = [] if number == 0 else [f"--cluster.peer=127.0.0.1:{gossip}"]
            stack.enter_context(
                program(
                    command, f"--config.file={folder}/am.yml", f"--web.listen-address={address}",
                    f"--storage.path={folder}/am{number}", f"--cluster.listen-address={own}",
                    *peers, "--cluster.settle-timeout=0s", ready=f"http://{address}/-/ready",
                )
            )  # fmt: skip
            addresses.append(f"http://{address}")
        yield addresses


def fires(world: World, rule: str, **more: Any) -> Firing:
    now = world.clock.now()
    facts: dict[str, Any] = {
        "fingerprint": rule, "rule": rule, "agent": "a-1", "host": "db01", "unit": UNIT,
        "unit_name": "Xã A", "labels": (("mountpoint", "/"),), "severity": "critical",
        "outcome": "worklist", "is_flapping": False, "value": "1", "summary_vi": "Đĩa đầy",
        "summary_en": "Disk full", "runbook": "disk-full", "class_code": "kt_qua_tai",
        "impact": None, "dedup_key": rule, "started_at": now, "at": now,
    }  # fmt: skip
    change = Firing(**facts | more)
    world.judge.pending.add(change)
    return change


def out_of(world: World, *addresses: str) -> AlertsOut:
    members = [Alertmanager(name=f"am{n}", url=url) for n, url in enumerate(addresses)]
    return AlertsOut(
        members,
        world.database,
        pause=PAUSE,
        console_url="http://wan.example",
        now=world.clock.now,
        monotonic=world.clock.monotonic,
    )


def seen(address: str) -> dict[str, dict[str, Any]]:
    return {one["labels"]["alertname"]: one for one in httpx.get(f"{address}/api/v2/alerts").json()}


async def until(out: AlertsOut, holds: Callable[[], bool]) -> None:
    """Go on until an effect is there: on a busy machine a turn ends before everybody has said."""
    async with asyncio.timeout(60):
        await out.turn()
        while not holds():
            await out.turn()


async def test_every_member_is_told_what_fires_and_what_ended(tmp_path: Path) -> None:
    """Neither a member that is away nor one that hangs delays it; nor does an end get lost that
    came while we were away.
    """
    clock = LiveClock()
    clock.ahead = -200.0  # their clock is put forward by nobody
    world = World(tmp_path, clock)
    with cluster(tmp_path) as addresses, socket.create_server(("127.0.0.1", 0)) as silent:
        gone = f"http://127.0.0.1:{free_port()}"
        hung = f"http://127.0.0.1:{silent.getsockname()[1]}"
        out = out_of(world, *addresses, gone, hung)
        fires(world, "DiskFull")
        fires(world, "Recorded", outcome="record")
        fires(world, "FromOutside", source="prom")
        await world.turn()
        await until(out, lambda: all(set(seen(one)) == {"DiskFull"} for one in addresses))
        await until(out, lambda: out.members[2].error != "")
        said = seen(addresses[0])["DiskFull"]
        assert said["labels"]["unit"] == UNIT
        assert said["annotations"]["runbook_url"] == "http://wan.example/runbooks/disk-full"
        assert [one.error for one in out.members] == ["", "", "ConnectError", ""]

        # The last one still waits for its answer, and the others are told what is new.
        # What still fires is said again, and its end moves; a change of severity is another alert.
        clock.advance(PAUSE.total_seconds() + 1)
        await until(out, lambda: seen(addresses[1])["DiskFull"]["endsAt"] > said["endsAt"])
        fires(world, "DiskFull", severity="warning")
        await world.turn()
        await until(out, lambda: seen(addresses[0])["DiskFull"]["labels"]["severity"] == "warning")

        # It ends while we are down: the next process says so.
        await out.close()
        world.judge.pending.add(Ended("DiskFull", clock.now()))
        await world.turn()
        world.kill()
        after = out_of(world, *addresses)
        clock.ahead = 0.0
        await until(after, lambda: [one.told for one in after.members] == [2, 2])
        assert all(seen(address) == {} for address in addresses)
        clock.advance(PAUSE.total_seconds() + 1)
        await until(after, lambda: [one.told for one in after.members] == [4, 4])

        clock.advance(16 * 60)
        await after.turn()
        assert world.rows(sent_alerts) == []
        await after.close()
    world.database.close()


@pytest.mark.parametrize(
    "given",
    [
        {"url": "am:9093"},
        {"url": "http://user:secret@am:9093"},
        {"url": "http://am:9093/api/v2"},
        {"username": "a"},
        {"name": "Am 1"},
    ],
)
def test_member_that_cannot_be_reached_so_is_refused(given: dict[str, str]) -> None:
    """At the start, with what is wrong."""
    with pytest.raises(ValueError, match=r"\w"):
        Alertmanager.model_validate({"name": "am", "url": "http://am:9093", **given})
