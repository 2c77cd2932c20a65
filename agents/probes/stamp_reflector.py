"""Answers the test packets of peers that are allowed to send them; RFC 8762, stateful."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from agents.check import Observation
from agents.probes import datagrams
from agents.probes.pace import Budget, wire_bits
from agents.probes.stamp_packet import (
    CLASS_OF_SERVICE,
    EXTRA_PADDING,
    MALFORMED,
    PORT,
    TWAMP_REFLECTOR_BYTES,
    UNRECOGNISED,
    NotStamp,
    Packet,
    Reflected,
    Tlv,
    decode_test,
    encode_reflected,
    error_estimate,
    marking,
    read_marking,
    to_ntp,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from agents.probe import Means
    from agents.probes.datagrams import Datagram

MOST_SESSIONS = 1_000
IDLE_SECONDS = 300.0
WAKE_SECONDS = 0.5
UNKNOWN_HOPS = 255
# Why a packet was answered, or was not.
REFLECTED, STRANGER, NO_TEST, OVER_BUDGET = "reflected", "stranger", "no_test", "over_budget"


@dataclass(slots=True)
class Session:
    """One sender's packets: the number of the next answer, and when the last one came."""

    next_seq: int
    seen_at: float


class Reflector:
    """Decides what each packet is worth; knows no socket.

    Args:
        peers: Networks whose packets are answered.
        most_bits_per_second: What all answers together may take of the line.

    Attributes:
        packets: How many came, by what became of them.
    """

    def __init__(self, peers: Sequence[str], most_bits_per_second: float, means: Means) -> None:
        self._peers = [ip_network(peer) for peer in peers]
        self._means = means
        self._budget = Budget(most_bits_per_second, most_bits_per_second, means.monotonic())
        self._sessions: dict[tuple[str, int, int], Session] = {}
        self.packets = dict.fromkeys((REFLECTED, STRANGER, NO_TEST, OVER_BUDGET), 0)

    def answer(self, came: Datagram) -> tuple[bytes, int] | None:
        """Return the answer and its marking; None for what is not answered.

        It is never longer than what came, but as long as TWAMP Light wants it, 41 bytes. The
        marking is the one that was asked for.
        """
        verdict, answer = self._judge(came)
        self.packets[verdict] += 1
        return answer

    def observe(self) -> list[Observation]:
        """Return what became of all packets so far."""
        name = "wanwatch_stamp_reflector_packets_total"
        return [Observation(name, {"result": key}, n) for key, n in self.packets.items()]

    def _judge(self, came: Datagram) -> tuple[str, tuple[bytes, int] | None]:
        address = ip_address(came.peer[0].partition("%")[0])
        if isinstance(address, IPv6Address):  # a port on :: hears IPv4 as well
            address = address.ipv4_mapped or address
        if not any(address in peer for peer in self._peers):
            return STRANGER, None
        try:
            test = decode_test(came.data)
        except NotStamp:
            return NO_TEST, None
        now = self._means.monotonic()
        size = max(len(came.data), TWAMP_REFLECTOR_BYTES)
        if not self._budget.spend(wire_bits(size, address.version), now):
            return OVER_BUDGET, None
        wanted = read_marking(test.tlvs)
        dscp = wanted.asked if wanted is not None else (came.traffic_class or 0) >> 2
        seq = self._number((*came.peer, test.ssid), now)
        return REFLECTED, (encode_reflected(self._reflected(came, test, seq))[:size], dscp)

    def _reflected(self, came: Datagram, test: Packet, seq: int) -> Reflected:
        estimate = error_estimate(self._means.clock_error_seconds())
        received_at = self._means.now() if came.at is None else came.at
        hops = UNKNOWN_HOPS if came.hops_left is None else came.hops_left
        tlvs = tuple(_answered(one, came.traffic_class) for one in test.tlvs)
        sent_at = max(received_at, self._means.now())
        return Reflected(
            seq, to_ntp(sent_at), estimate, test.ssid, to_ntp(received_at), test, hops, tlvs
        )

    def _number(self, key: tuple[str, int, int], now: float) -> int:
        session = self._sessions.pop(key, None)
        if session is None or now - session.seen_at > IDLE_SECONDS:
            session = Session(0, now)
        while len(self._sessions) >= MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        seq, session.next_seq, session.seen_at = session.next_seq, session.next_seq + 1, now
        self._sessions[key] = session  # the one that was silent longest stands first
        return seq & 0xFFFF_FFFF


def _answered(asked: Tlv, traffic_class: int | None) -> Tlv:
    """Return an extension as it goes back: filled in, or marked as not understood."""
    if asked.flags & MALFORMED:
        return asked._replace(flags=MALFORMED)
    if asked.kind == EXTRA_PADDING:
        return asked._replace(flags=0)
    wanted = read_marking((asked,))
    if asked.kind == CLASS_OF_SERVICE and wanted is None:
        return asked._replace(flags=MALFORMED)
    if wanted is None or traffic_class is None:
        return asked._replace(flags=UNRECOGNISED)
    filled = marking(wanted.asked, traffic_class >> 2, traffic_class & 3)
    return filled._replace(flags=0)


def open_reflector(address: str, port: int = PORT) -> socket.socket:
    """Return the socket that `serve` reads.

    Raises:
        OSError: The port is taken, or ports below 1024 are not ours to take.
    """
    opened = datagrams.open_udp(address)
    try:
        opened.bind((address, port))
    except OSError as error:
        opened.close()
        raise OSError(
            error.errno,
            f"listen for STAMP on UDP {address} port {port}: {error.strerror}. Ports below 1024 "
            "need CAP_NET_BIND_SERVICE; another port can be set on both sides",
        ) from error
    datagrams.never_fragment(opened)
    opened.settimeout(WAKE_SECONDS)
    return opened


def serve(opened: socket.socket, reflector: Reflector, is_over: Callable[[], bool]) -> None:
    """Answer until `is_over`; what cannot be received or sent is left, the next one counts."""
    while not is_over():
        try:
            came = datagrams.receive(opened)
        except OSError:
            continue  # nothing came, or an answer of before found nobody
        answer = reflector.answer(came)
        if answer is not None:
            with contextlib.suppress(OSError):  # too long for the way back, or the line is down
                datagrams.send(opened, answer[0], came.peer, answer[1])
