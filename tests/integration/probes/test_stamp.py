"""Sender and reflector over real sockets, with a line between them that does what it is told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.probes import path_mtu, stamp
from agents.probes.jitter import interarrival
from agents.probes.path_mtu import PathMtuParams
from agents.probes.stamp import StampParams
from agents.probes.stamp_packet import Packet, encode_test, marking, padding
from agents.probes.stamp_reflector import (
    NO_TEST,
    OVER_BUDGET,
    REFLECTED,
    STRANGER,
    Reflector,
    open_reflector,
    serve,
)
from tests.probe_means import MEANS
from tests.relay import connected, relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.probe import Means

AF41 = 34


class Running:
    """A reflector at work: its port, and what it made of packets."""

    def __init__(self, reflector: Reflector, port: int) -> None:
        self.reflector, self.port = reflector, port


@contextmanager
def reflecting(
    address: str = "127.0.0.1",
    *,
    peers: Sequence[str] = ("127.0.0.0/8", "::1/128"),
    budget: float = 10_000_000,
    means: Means = MEANS,
) -> Iterator[Running]:
    reflector = Reflector(peers, budget, means)
    opened = open_reflector(address, 0)
    over = threading.Event()
    thread = threading.Thread(target=serve, args=(opened, reflector, over.is_set), daemon=True)
    thread.start()
    try:
        yield Running(reflector, opened.getsockname()[1])
    finally:
        over.set()
        thread.join(5)
        opened.close()


def measured(params: StampParams, means: Means = MEANS) -> dict[tuple[str, str], float]:
    """Return a run's values by name and direction."""
    found = stamp.run(params, means)
    return {(one.name, one.labels.get("direction", "")): one.value for one in found}


def quick(port: int, address: str = "127.0.0.1", **more: object) -> StampParams:
    params = StampParams("centre", address, port=port, seconds=2.0, packets_per_second=100.0)
    return replace(params, wait_seconds=0.5, most_bits_per_second=200_000.0, **more)  # type: ignore[arg-type]


def value(found: dict[tuple[str, str], float], name: str, direction: str = "") -> float:
    return found[f"wanwatch_stamp_{name}", direction]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_undisturbed_path_loses_nothing_and_keeps_its_marking(address: str) -> None:
    """Every packet there and back, in order, marked AF41 on both ways."""
    with reflecting(address) as running:
        found = measured(quick(running.port, address, seconds=1.0, codec="G.711"))
    assert found["wanwatch_probe_answer_code", ""] == Answer.RIGHT
    assert value(found, "sent_packets") == value(found, "received_packets") == 100
    assert value(found, "lost_ratio") == value(found, "worst_window_lost_ratio") == 0
    assert value(found, "rtt_mean_seconds") < 0.25
    for direction in ("forward", "reverse"):
        assert value(found, "direction_lost_ratio", direction) == 0
        assert value(found, "reordered_ratio", direction) == 0
        assert value(found, "dscp", direction) == AF41
        assert value(found, "remarked_ratio", direction) == 0
        assert value(found, "mos", direction) == 4.41
        assert ("wanwatch_stamp_delay_seconds", direction) not in found


def test_loss_is_measured_back_by_direction() -> None:
    """One in ten lost there and one in five of the rest on the way back: found exactly."""
    with (
        reflecting() as running,
        relay(
            ("127.0.0.1", running.port),
            there=lambda n, _: None if n % 10 == 3 else 0.0,
            back=lambda n, _: None if n % 5 == 2 else 0.0,
        ) as line,
    ):
        found = measured(quick(line.port))
    assert value(found, "sent_packets") == 200
    assert value(found, "received_packets") == 144
    assert value(found, "lost_ratio") == pytest.approx(0.28)
    assert value(found, "direction_lost_ratio", "forward") == pytest.approx(0.1, abs=0.006)
    assert value(found, "direction_lost_ratio", "reverse") == pytest.approx(0.2, abs=0.006)


def test_a_burst_of_loss_is_measured_back() -> None:
    """Fifteen packets in a row: all that a freeze needs, and 7.5 % of the window."""
    with (
        reflecting() as running,
        relay(("127.0.0.1", running.port), there=lambda n, _: None if 60 <= n < 75 else 0) as line,
    ):
        found = measured(quick(line.port))
    assert value(found, "longest_loss_packets") == 15
    assert value(found, "worst_window_lost_ratio") == pytest.approx(0.075)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def test_delay_and_its_variation_are_measured_back() -> None:
    """30 ms there and 50 ms back; on the way back every other packet 10 ms later.

    Stated error: 5 ms of delay, 3 ms of variation, against what the line truly did to the packets:
    on a busy machine it holds them longer than it was told.
    """
    with (
        reflecting() as running,
        relay(
            ("127.0.0.1", running.port),
            there=lambda _, __: 0.030,
            back=lambda n, _: 0.050 + 0.010 * (n % 2),
        ) as line,
    ):
        found = measured(quick(line.port, packets_per_second=50.0))
    there, back = line.there.held_seconds, line.back.held_seconds
    assert mean(there) + mean(back) >= 0.085
    assert value(found, "rtt_mean_seconds") == pytest.approx(mean(there) + mean(back), abs=0.005)
    for direction, held in (("forward", there), ("reverse", back)):
        expected = interarrival(held)[-1]
        assert value(found, "jitter_seconds", direction) == pytest.approx(expected, abs=0.003)


def test_delay_one_way_is_told_where_both_clocks_are_kept() -> None:
    """Here both are one clock: 30 ms there and 50 ms back, to 5 ms of what the line truly did."""
    kept = replace(MEANS, clock_error_seconds=lambda: 0.001)
    with (
        reflecting(means=kept) as running,
        relay(
            ("127.0.0.1", running.port), there=lambda _, __: 0.030, back=lambda _, __: 0.050
        ) as line,
    ):
        found = measured(quick(line.port, seconds=0.5), kept)
    for direction, way in (("forward", line.there), ("reverse", line.back)):
        expected = mean(way.held_seconds)
        assert value(found, "delay_seconds", direction) == pytest.approx(expected, abs=0.005)


def test_reordering_is_measured_back() -> None:
    """One packet in ten overtaken on the way there: found to one in a hundred."""
    with (
        reflecting() as running,
        relay(
            ("127.0.0.1", running.port), there=lambda n, _: 0.035 if n % 10 == 5 else 0.0
        ) as line,
    ):
        found = measured(quick(line.port))
    assert value(found, "lost_ratio") == 0
    for direction, way in (("forward", line.there), ("reverse", line.back)):
        order = way.numbers
        overtaken = sum(number < max(order[:at], default=-1) for at, number in enumerate(order))
        expected = overtaken / len(order)
        assert value(found, "reordered_ratio", direction) == pytest.approx(expected, abs=0.01)
        assert (expected > 0.05) is (direction == "forward")


def test_a_marking_lost_on_the_way_there_is_told() -> None:
    """Best effort arrived; the answer was asked to be marked, and is."""
    with (
        reflecting() as running,
        relay(("127.0.0.1", running.port), remark=0) as line,
    ):
        found = measured(quick(line.port, seconds=0.3))
    assert value(found, "dscp", "forward") == 0
    assert value(found, "remarked_ratio", "forward") == 1
    assert value(found, "dscp", "reverse") == AF41


@pytest.mark.parametrize("size", [52, 1_200])
def test_the_budget_of_the_line_is_held(size: int) -> None:
    """Whatever rate is asked for: no second has more than 64 kbit and a packet, by the kernel.

    Two more: between the decision to send and the sending one may be late, and two close together.
    """
    with reflecting() as running, relay(("127.0.0.1", running.port)) as line:
        params = StampParams(
            "centre", "127.0.0.1", port=line.port, seconds=2.5, packets_per_second=200.0
        )
        found = measured(replace(params, size_bytes=size, wait_seconds=0.3))
        seen = list(line.seen)
    assert value(found, "received_packets") == len(seen) > 10
    one = max(bits for _, bits in seen)
    for start, _ in seen:
        within = sum(bits for at, bits in seen if start <= at < start + 1)
        assert within <= 64_000 + 3 * one
    took = seen[-1][0] - seen[0][0]
    assert sum(bits for _, bits in seen) <= 64_000 * (took + 0.2) + one


def test_silent_and_refusing_ports_are_told_apart() -> None:
    """Nothing comes back; or the system there says that nobody listens."""
    with connected("127.0.0.1") as mute:
        port = mute.getsockname()[1]
        found = measured(quick(port, seconds=0.2))
        assert found["wanwatch_probe_answer_code", ""] == Answer.SILENT
        assert value(found, "lost_ratio") == 1
        assert "wanwatch_stamp_rtt_mean_seconds" not in {name for name, _ in found}
    found = measured(quick(port, seconds=0.2))
    assert found["wanwatch_probe_answer_code", ""] == Answer.REFUSED
    assert found["wanwatch_probe_alive", ""] == 0


def test_strangers_are_not_answered() -> None:
    """Not a byte, and it is counted."""
    with reflecting(peers=["192.0.2.0/24"]) as running:
        found = measured(quick(running.port, seconds=0.1))
        counts = running.reflector.packets
    assert found["wanwatch_probe_answer_code", ""] == Answer.SILENT
    assert (counts[STRANGER], counts[REFLECTED]) == (10, 0)


def test_the_reflectors_ceiling_is_held() -> None:
    """64 kbit of answers at once and as much each second; the rest is dropped and counted."""
    with reflecting(budget=64_000) as running, connected("127.0.0.1") as asker:
        packet = encode_test(Packet(0, 0, 1, 7, padding(1_156)))
        for _ in range(40):
            asker.sendto(packet, ("127.0.0.1", running.port))
        asker.sendto(b"short", ("127.0.0.1", running.port))
        while running.reflector.packets[NO_TEST] == 0:
            pass  # packets of one socket are taken in order: this was the last
        counts = dict(running.reflector.packets)
    assert counts[REFLECTED] + counts[OVER_BUDGET] == 40
    assert 6 <= counts[REFLECTED] <= 7


def test_an_answer_is_as_long_as_the_question() -> None:
    """An open reflector would amplify nothing; extensions it does not know come back marked so."""
    with reflecting() as running, connected("127.0.0.1") as asker:
        unknown = padding(20)[0]._replace(kind=200)
        packet = encode_test(Packet(5, 9, 1, 7, (marking(46), unknown, *padding(60))))
        asker.sendto(packet, ("127.0.0.1", running.port))
        data = asker.recv(4_096)
    assert len(data) == len(packet)
    assert data[52] == 0x80
    assert data[44] == 0


@pytest.mark.parametrize("mtu", [576, 1_300, 1_418, 1_500])
def test_the_largest_packet_that_passes_is_found(mtu: int) -> None:
    """To four bytes, through a line that swallows what is larger without a word."""
    with (
        reflecting() as running,
        relay(
            ("127.0.0.1", running.port), there=lambda _, size: None if size + 28 > mtu else 0.0
        ) as line,
    ):
        params = PathMtuParams("centre", "127.0.0.1", port=line.port, wait_seconds=0.1)
        params = replace(params, most_bits_per_second=5_000_000.0)
        found = {one.name: one.value for one in path_mtu.run(params, MEANS)}
    assert mtu - 4 <= found["wanwatch_path_mtu_bytes"] <= mtu


def test_no_size_is_told_where_nothing_passes() -> None:
    """Absent, not 0; and the answer says that it was silence."""
    with connected("127.0.0.1") as mute:
        port = mute.getsockname()[1]
        params = PathMtuParams("centre", "127.0.0.1", port=port, wait_seconds=0.05)
        found = {one.name: one.value for one in path_mtu.run(params, MEANS)}
    assert found["wanwatch_probe_answer_code"] == Answer.SILENT
    assert "wanwatch_path_mtu_bytes" not in found
