"""What a reflector makes of a packet, without a socket."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agents.probes import stamp_reflector
from agents.probes.datagrams import Datagram
from agents.probes.stamp_packet import Packet, decode_reflected, encode_test, instant, marking
from agents.probes.stamp_reflector import IDLE_SECONDS, MOST_SESSIONS, Reflector
from tests.probe_means import MEANS

PEER = ("10.0.0.1", 4_000)


def reflector(clock: list[float]) -> Reflector:
    means = replace(MEANS, now=lambda: 1_000.0 + clock[0], monotonic=lambda: clock[0])
    return Reflector(["10.0.0.0/8"], 1e9, means)


def number(made: Reflector, peer: tuple[str, int] = PEER, ssid: int = 7) -> int:
    answer = made.answer(Datagram(encode_test(Packet(0, 0, 1, ssid)), peer))
    assert answer is not None
    return decode_reflected(answer[0]).seq


@given(st.binary(max_size=300), st.integers(0, 255) | st.none(), st.integers(0, 255) | st.none())
def test_any_bytes_are_answered_or_left(data: bytes, mark: int | None, hops: int | None) -> None:
    """Nothing raises, and no answer is longer than what came, but for the least of TWAMP Light."""
    answer = reflector([0.0]).answer(Datagram(data, PEER, mark, hops))
    if answer is not None:
        assert len(answer[0]) <= max(len(data), 41)
        assert 0 <= answer[1] <= 63


def test_each_session_counts_for_itself() -> None:
    """By address, port and SSID; one that was silent for long begins anew."""
    clock = [0.0]
    made = reflector(clock)
    assert [number(made) for _ in range(3)] == [0, 1, 2]
    assert number(made, ssid=8) == number(made, ("10.0.0.1", 4_001)) == 0
    clock[0] = IDLE_SECONDS
    assert number(made) == 3
    clock[0] += IDLE_SECONDS + 1
    assert number(made) == 0


def test_a_peer_is_known_also_by_its_mapped_address() -> None:
    """As a port on :: hears it; one of another network stays a stranger."""
    made = reflector([0.0])
    assert number(made, ("::ffff:10.0.0.1", 4_000)) == 0
    packet = encode_test(Packet(0, 0, 1, 7))
    assert made.answer(Datagram(packet, ("::ffff:192.0.2.1", 4_000))) is None
    assert made.answer(Datagram(packet, ("fd00::1", 4_000))) is None


def test_sessions_are_bounded() -> None:
    """The one that was silent longest goes first."""
    made = reflector([0.0])
    for ssid in range(MOST_SESSIONS):
        number(made, ssid=ssid)
    assert number(made, ssid=0) == 1
    number(made, ssid=MOST_SESSIONS)
    assert number(made, ssid=0) == 2
    assert number(made, ssid=1) == 0


def test_the_answer_says_when_and_how_it_came() -> None:
    """The kernel's instant, hops left and marking that arrived; sent with the one asked for."""
    clock = [5.0]
    test = Packet(3, 0, 1, 7, (marking(46),))
    came = Datagram(encode_test(test), PEER, 34 << 2 | 1, 61, 1_004.5)
    answer = reflector(clock).answer(came)
    assert answer is not None
    found = decode_reflected(answer[0])
    assert (instant(found.received_at, 1), instant(found.at, 1)) == (1_004.5, 1_005.0)
    assert (found.ttl, answer[1], found.test.seq) == (61, 46, 3)
    assert found.tlvs == (marking(46, 34, 1)._replace(flags=0),)


def test_what_became_of_packets_is_reported() -> None:
    """Each reason from the start, so that a rate can be made of it."""
    made = reflector([0.0])
    number(made)
    made.answer(Datagram(b"", ("192.0.2.1", 1)))
    assert {one.labels["result"]: one.value for one in made.observe()} == {
        stamp_reflector.REFLECTED: 1, stamp_reflector.STRANGER: 1,
        stamp_reflector.NO_TEST: 0, stamp_reflector.OVER_BUDGET: 0,
    }  # fmt: skip
