"""Peers of TWAMP Light: routers that answer our sender, and senders that ask our reflector."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.probes import stamp
from agents.probes.stamp import StampParams
from agents.probes.stamp_reflector import Reflector, open_reflector, serve
from tests.probe_means import MEANS

if TYPE_CHECKING:
    from collections.abc import Iterator

NTP = 2_208_988_800
# RFC 5357 section 4.2.1: number, timestamp, error estimate, two of zeros, when it was received,
# and what the sender's packet began with; its hop limit; then as much as makes both equally long.
REFLECTED = struct.Struct("!IQHHQIQHHB")


def ntp(unix_seconds: float) -> int:
    return int((unix_seconds + NTP) * 2**32)


@contextmanager
def router(*, counts: bool, loses_every: int = 0) -> Iterator[int]:
    """A reflector as a router has one; yield its port.

    Args:
        counts: It has numbers of its own, and does not get the fifth packet; else it repeats the
            sender's numbers.
        loses_every: So many of its answers are one that never leaves.
    """
    opened = socket.socket(type=socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.settimeout(0.2)
    over = threading.Event()

    def answer() -> None:
        own = came = 0
        while not over.is_set():
            try:
                data, peer = opened.recvfrom(9_000)
            except TimeoutError:
                continue
            came += 1
            if counts and came == 5:
                continue  # it never arrived
            received = ntp(MEANS.now())
            seq, at, estimate = struct.unpack_from("!IQH", data)
            head = (own if counts else seq, ntp(MEANS.now()), 0x0001, 0, received)
            packet = REFLECTED.pack(*head, seq, at, estimate, 0, 255)
            own += 1
            if not loses_every or own % loses_every:
                opened.sendto(packet + data[: len(data) - REFLECTED.size], peer)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield opened.getsockname()[1]
    finally:
        over.set()
        thread.join(5)
        opened.close()


def measured(port: int, **more: object) -> dict[tuple[str, str], float]:
    params = StampParams(
        "rt-1", "127.0.0.1", port=port, seconds=1, packets_per_second=40, wait_seconds=0.3,
        peer="twamp", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    found = stamp.run(params, replace(MEANS, memory={}))
    return {(one.name, one.labels.get("direction", "")): one.value for one in found}


@pytest.mark.parametrize("size", [52, 1_200])
def test_a_router_that_counts_says_on_which_way_packets_were_lost(size: int) -> None:
    """The fifth never reaches it, and one answer of ten never leaves it."""
    with router(counts=True, loses_every=10) as port:
        found = measured(port, size_bytes=size, most_bits_per_second=1e6)
    assert found["wanwatch_probe_answer_code", ""] == 0
    assert found["wanwatch_stamp_sent_packets", ""] == 40
    assert found["wanwatch_stamp_lost_ratio", ""] == pytest.approx(4 / 40)
    name = "wanwatch_stamp_direction_lost_ratio"
    assert found[name, "forward"] == pytest.approx(1 / 40, abs=0.01)
    assert found[name, "reverse"] == pytest.approx(3 / 39, abs=0.01)
    assert 0 < found["wanwatch_stamp_rtt_mean_seconds", ""] < 0.1


def test_a_router_that_repeats_numbers_cannot_say_on_which_way() -> None:
    """What is lost in all is told, and no rating is made up."""
    with router(counts=False, loses_every=10) as port:
        found = measured(port, codec="G.711")
    assert found["wanwatch_stamp_lost_ratio", ""] == pytest.approx(0.1)
    for name in ("wanwatch_stamp_direction_lost_ratio", "wanwatch_stamp_r_factor"):
        assert [key for key in found if key[0] == name] == []
    assert ("wanwatch_stamp_jitter_seconds", "reverse") in found


@pytest.mark.parametrize("size", [14, 30, 41, 43, 60])
def test_a_sender_of_twamp_light_is_answered(size: int) -> None:
    """With 41 bytes at least, else as long as it asked; numbers, instants and its own words."""
    opened = open_reflector("127.0.0.1", 0)
    over = threading.Event()
    reflector = Reflector(["127.0.0.0/8"], 1e6, MEANS)
    thread = threading.Thread(target=serve, args=(opened, reflector, over.is_set), daemon=True)
    thread.start()
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.settimeout(5)
            sender.connect(opened.getsockname())
            for number in range(2):
                head = struct.pack("!IQH", 7 + number, 1 << 40, 0x8001)
                sender.send(head.ljust(size, b"\0"))
                answer = sender.recv(9_000)
                fields = REFLECTED.unpack_from(answer)
                assert len(answer) == max(size, 41)
                assert (fields[0], fields[5], fields[6], fields[7]) == (
                    number, 7 + number, 1 << 40, 0x8001,
                )  # fmt: skip
                assert fields[4] <= fields[1]
    finally:
        over.set()
        thread.join(5)
        opened.close()
