"""The collector asks real sockets: who answers, refuses, says nothing, or cannot be asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from collector.outages.topology import State
from collector.probing.prober import CollectorProber
from collector.probing.probes import Probes
from collector.probing.probing import Probing
from collector.targets.targets import Target
from tests.conftest import missing

ROOT = Path(__file__).parents[3]


def target(port: int = 0, address: str = "127.0.0.1") -> Target:
    return Target("t", "t", "t", address=address, port=port)


async def test_open_port_is_up() -> None:
    """A connection is an answer."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        assert await CollectorProber().probe(target(server.getsockname()[1])) is State.UP


async def test_refused_connection_is_up() -> None:
    """Somebody is there to refuse it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    assert await CollectorProber().probe(target(port)) is State.UP


async def test_port_that_says_nothing_is_down() -> None:
    """After three attempts; a full backlog answers to nobody."""
    prober = CollectorProber(attempt_seconds=0.1)
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        where = server.getsockname()
        held = [socket.socket() for _ in range(8)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(where)
        assert await prober.probe(target(where[1])) is State.DOWN
        for one in held:
            one.close()


async def test_name_that_nobody_knows_is_no_statement_about_the_target() -> None:
    """It is our own side that cannot ask."""
    name = target(22, "no-such-host.invalid")
    assert await CollectorProber().probe(name) is State.UNKNOWN


async def test_echo_is_answered_or_not_allowed() -> None:
    """Where the system does not let us ask, nothing is said."""
    answer = await CollectorProber().probe(target())
    assert answer in ({State.UP} if _may_ping() else {State.UP, State.UNKNOWN})


def _may_ping() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True


async def test_loop_asks_what_is_wanted_and_wakes_whoever_waits() -> None:
    """From the question to the answer without anybody polling."""
    probes, told = Probes(), asyncio.Event()
    probing = Probing(
        probes,
        {"collector": CollectorProber()},
        told=told.set,
        now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    )
    loop = asyncio.create_task(probing.run())
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        probes.want(target(server.getsockname()[1]), 0.0)
        await asyncio.wait_for(told.wait(), 10)
    loop.cancel()
    answer = probes.answer("t")
    assert answer is not None
    assert (answer.state, answer.seen_from) == (State.UP, "collector")


NAMESPACE = """
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 10.9.9.1/24 dev v0
ip link set v0 up
ip link set v1 up
echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range
"$@"
"""
ASK = """
import asyncio, sys
from collector.probing.prober import CollectorProber
from collector.targets.targets import Target

async def ask():
    prober = CollectorProber(attempt_seconds=0.5)
    for address in sys.argv[1:]:
        print((await prober.probe(Target("t", "t", "t", address=address))).value)

asyncio.run(ask())
"""


def test_echo_in_a_network_of_our_own() -> None:
    """A neighbour answers; one that is not there is down; without a route nothing is said."""
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("ip") is None:
        missing("needs root, unshare and ip")
    asked = ["10.9.9.1", "::1", "10.9.9.2", "10.8.8.8"]
    command = ["unshare", "-n", "sh", "-ec", NAMESPACE, "sh", sys.executable, "-c", ASK, *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    if "Operation not permitted" in done.stderr:
        missing("this machine makes no network namespaces")
    assert done.stdout.split() == ["up", "up", "down", "unknown"], done.stderr
