"""The budgets of paths on real sockets: what arrives at the centre, and what leaves each site."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter

from agents.probe import typed
from agents.probes import stamp
from agents.probes.pace import wire_bits
from agents.probes.stamp_sender import LEAST_BYTES
from agents.probes.stamp_stream import Stream
from collector.targets.mesh import Mesh, Site, asks, budgets
from tests.integration.probes.test_stamp import reflecting
from tests.probe_means import MEANS

SECONDS = 2.0
SITES = tuple(
    Site(f"p{n}", "H1", "H1/m1", "line" if n < 2 else "", 1e6 if n < 2 else None) for n in range(6)
)


def counting(port_box: list[int], over: threading.Event, bits: Counter[int]) -> None:
    """Take datagrams at a port and count what each sender takes of the line."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(0.05)
        port_box.append(opened.getsockname()[1])
        while not over.is_set():
            try:
                data, peer = opened.recvfrom(65_535)
            except TimeoutError:
                continue
            bits[peer[1]] += wire_bits(len(data), 4)


def test_the_centre_and_every_line_stay_below_their_ceilings() -> None:
    """Six sites that all send at once, two of them over one slow line, four of them live."""
    made = Mesh("127.0.0.1", 1, 150_000, 34, "", SITES)
    live = {"p0", "p2", "p3", "p4"}
    found = budgets(made, live)
    port_box: list[int] = []
    over, bits = threading.Event(), Counter[int]()
    centre = threading.Thread(target=counting, args=(port_box, over, bits), daemon=True)
    centre.start()
    while not port_box:
        centre.join(0.01)
    senders = []
    started_at = time.monotonic()
    for of_path in asks(made, live).values():
        for ask in of_path:
            if ask.probe == "stamp":
                given = {
                    **ask.params,
                    "port": port_box[0],
                    "seconds": SECONDS,
                    "wait_seconds": 0.05,
                }
                params = typed(stamp.StampParams, {**given, "continuous": False})
                senders.append(threading.Thread(target=stamp.run, args=(params, MEANS)))
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took_seconds = time.monotonic() - started_at
    over.set()
    centre.join()
    packet = wire_bits(LEAST_BYTES, 4)
    assert len(bits) == len([name for name, budget in found.items() if budget])
    assert sum(bits.values()) <= 150_000 * took_seconds + len(SITES) * packet
    assert sum(bits.values()) > 0.4 * sum(found.values()) * SECONDS  # and it does send
    assert max(bits.values()) <= max(found.values()) * took_seconds + packet


def test_a_stream_has_no_gap_and_ends_when_nobody_asks() -> None:
    """Five runs back to back: what one sends ends where the next begins."""
    with reflecting() as far:
        params = stamp.StampParams(
            "path", "127.0.0.1", port=far.port, seconds=0.2, packets_per_second=50,
            wait_seconds=1.0, continuous=True,
        )  # fmt: skip
        stream = Stream(
            lambda: stamp.send(stamp.traffic(params), MEANS), params.seconds, MEANS.monotonic
        )
        runs = []
        while len(runs) < 5:
            runs += stream.take(2.0)
        sent_at = sorted(at for run in runs for at in run.sent_at)
        gaps = [after - before for before, after in itertools.pairwise(sent_at)]
        assert len(sent_at) >= 40
        assert max(gaps) < 0.7  # each run waits a second for its last answers
        thread = stream._thread
        assert thread is not None
        thread.join(5)
        assert not stream.is_running
        assert stream.take(2.0)
        stream.stop()


def test_the_probe_tells_the_newest_run_of_a_stream() -> None:
    """Again and again, each time with another one."""
    with reflecting() as far:
        params = stamp.StampParams(
            "path", "127.0.0.1", port=far.port, seconds=0.2, packets_per_second=50,
            wait_seconds=0.1, continuous=True,
        )  # fmt: skip
        for _ in range(3):
            values = {one.name: one.value for one in stamp.run(params, MEANS)}
            assert values["wanwatch_stamp_lost_ratio"] == 0
            assert values["wanwatch_stamp_sent_packets"] == 10
        stream = MEANS.memory.pop("stream")
        assert isinstance(stream, Stream)
        stream.stop()
