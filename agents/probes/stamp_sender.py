"""Sends STAMP test packets at a steady pace and gathers what comes back; RFC 8762."""

from __future__ import annotations

import contextlib
import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from agents.probes import datagrams
from agents.probes.pace import Budget, wire_bits
from agents.probes.stamp_packet import (
    BASE_BYTES,
    NotStamp,
    Packet,
    Reflected,
    decode_reflected,
    decode_twamp,
    encode_test,
    encode_twamp,
    error_estimate,
    instant,
    is_synchronised,
    marking,
    padding,
    read_marking,
    to_ntp,
)
from agents.probes.stamp_path import Reply

if TYPE_CHECKING:
    import socket

    from agents.probe import Means
    from agents.probes.datagrams import Datagram

# With the extension that asks for a marking and tells of the one that arrived.
LEAST_BYTES = BASE_BYTES + 8
MOST_LATE_SECONDS = 1.0


class Traffic(NamedTuple):
    """What is sent; `size_bytes` is the content of UDP, `is_twamp`: to a peer of TWAMP Light."""

    address: str
    port: int
    size_bytes: int
    dscp: int
    packets: int
    packets_per_second: float
    most_bits_per_second: float
    wait_seconds: float
    is_twamp: bool = False


@dataclass(slots=True)
class Run:
    """What happened.

    Attributes:
        sent_at: By the monotonic clock, of packets 0, 1, 2, ...
        strange: What came and was no answer to one of them.
        is_refused: The system there says that nobody listens.
        error: Why nothing could be sent at all.
    """

    sent_at: list[float] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    strange: int = 0
    is_refused: bool = False
    error: OSError | None = None


class Sender:
    """One session; what is received is only believed with its SSID and our own timestamp in it.

    Args:
        opened: Connected to the reflector.
    """

    def __init__(
        self, opened: socket.socket, traffic: Traffic, means: Means, budget: Budget | None
    ) -> None:
        self._socket, self._traffic, self._means = opened, traffic, means
        self._ssid = int.from_bytes(means.token(2), "big") or 1
        self._bits = wire_bits(traffic.size_bytes, datagrams.version(traffic.address))
        # A burst of one packet: what was not sent in time is not made up for.
        own = Budget(traffic.most_bits_per_second, self._bits, means.monotonic())
        self._budget = own if budget is None else budget
        self._error_seconds = means.clock_error_seconds()
        self._clock_ahead = means.now() - means.monotonic()
        self._stamps: list[int] = []
        self._answered: set[int] = set()
        self.run = Run()

    def send_all(self) -> Run:
        """Send the packets, wait for what is under way, and return what happened.

        On a machine that falls behind the rest is not sent: a run ends when it should.
        """
        gap = 1 / self._traffic.packets_per_second
        due = self._means.monotonic()
        end = due + gap * self._traffic.packets + MOST_LATE_SECONDS
        while len(self.run.sent_at) < self._traffic.packets:
            now = self._means.monotonic()
            if now >= end:
                break
            wait = max(due - now, self._budget.wait_seconds(self._bits, now))
            if wait > 0:
                self._receive(wait)
            elif self._budget.spend(self._bits, now):
                self._send()
                due = max(due + gap, now)
        until = self._means.monotonic() + self._traffic.wait_seconds
        while len(self._answered) < len(self.run.sent_at):
            left = until - self._means.monotonic()
            if left <= 0:
                break
            self._receive(left)
        return self.run

    def _send(self) -> None:
        traffic = self._traffic
        at = to_ntp(self._means.now())
        seq, estimate = len(self.run.sent_at), error_estimate(self._error_seconds)
        if traffic.is_twamp:
            data = encode_twamp(Packet(seq, at, estimate, 0), traffic.size_bytes)
        else:
            tlvs = (marking(traffic.dscp), *padding(traffic.size_bytes - LEAST_BYTES))
            data = encode_test(Packet(seq, at, estimate, self._ssid, tlvs))
        self._stamps.append(at)
        self.run.sent_at.append(self._means.monotonic())
        try:
            self._socket.send(data)
        except OSError as error:  # counted as lost: no room in the queue, no way, nobody there
            self._note(error)

    def _receive(self, wait_seconds: float) -> None:
        self._socket.settimeout(max(wait_seconds, 1e-4))
        try:
            came = datagrams.receive(self._socket)
        except TimeoutError:
            return
        except OSError as error:
            self._note(error)
            return
        try:
            is_twamp = self._traffic.is_twamp
            answer = decode_twamp(came.data) if is_twamp else decode_reflected(came.data)
        except NotStamp:
            self.run.strange += 1
            return
        test = answer.test
        is_ours = (is_twamp or answer.ssid == self._ssid) and test.seq < len(self._stamps)
        if not is_ours or test.at != self._stamps[test.seq]:
            self.run.strange += 1
            return
        self._answered.add(test.seq)
        if len(self.run.replies) < 2 * self._traffic.packets:
            self.run.replies.append(self._reply(answer, came))

    def _reply(self, answer: Reflected, came: Datagram) -> Reply:
        now, received_at = self._means.now(), self._means.monotonic()
        if came.at is not None and 0 <= now - came.at < 1:
            received_at -= now - came.at
        both_kept = self._error_seconds is not None and is_synchronised(answer.estimate)
        seen = read_marking(answer.tlvs)
        return Reply(
            answer.test.seq,
            answer.seq,
            self.run.sent_at[answer.test.seq],
            received_at,
            instant(answer.received_at, answer.estimate),
            instant(answer.at, answer.estimate),
            self._clock_ahead if both_kept else None,
            seen.arrived if seen is not None and seen.is_filled else None,
            None if came.traffic_class is None else came.traffic_class >> 2,
        )

    def _note(self, error: OSError) -> None:
        if error.errno == errno.ECONNREFUSED:
            self.run.is_refused = True


def send(
    traffic: Traffic,
    means: Means,
    *,
    never_fragment: bool = False,
    budget: Budget | None = None,
) -> Run:
    """Run one session; an address that cannot be asked from here is in `error`.

    Args:
        budget: Shared with sessions before and after; None for one of its own.
    """
    opened = datagrams.open_udp(traffic.address)
    with contextlib.closing(opened):
        try:
            datagrams.mark(opened, traffic.dscp)
            if never_fragment and not datagrams.never_fragment(opened):
                raise OSError(errno.ENOTSUP, "this system cuts packets in pieces as it likes")
            opened.connect((traffic.address, traffic.port))
        except OSError as error:
            return Run(error=error)
        return Sender(opened, traffic, means, budget).send_all()
