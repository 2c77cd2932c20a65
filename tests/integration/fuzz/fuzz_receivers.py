"""Throws mutated bytes at all that an agent hears unasked: traps, syslog, STAMP, SIP.

Run by hand: python -m tests.integration.fuzz.fuzz_receivers -max_total_time=600 DIRECTORY
The first byte chooses who hears it. Nothing may be raised but what is refused with a reason, what
is remembered stays within its bounds, and no answer is much longer than what asked for it.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["agents"]):
    from agents.probe import Means
    from agents.probes.datagrams import Datagram
    from agents.probes.sip_message import NotSip, Options, is_answer_to, judge, options
    from agents.probes.sip_message import read_response as read_sip
    from agents.probes.stamp_packet import (
        TWAMP_REFLECTOR_BYTES,
        NotStamp,
        Packet,
        decode_reflected,
        decode_twamp,
        encode_test,
        padding,
    )
    from agents.probes.stamp_reflector import Reflector
    from agents.receivers.syslog_frames import BadStream, Frames
    from agents.receivers.syslog_taken import MALFORMED, TAKEN
    from tests.receiver_parts import Heard, User, quality_taken, syslog_taken, traps_taken
    from tests.unit.agents.receivers.test_notification import INFORM, message_v1, message_v2
    from tests.unit.agents.receivers.test_quality import publish
    from tests.unit.agents.receivers.test_v3 import SIGNER, Sender

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = User("plain")
ASKED = Options("10.0.0.1", 5060, "UDP", ("10.0.0.2", 5060), "b", "t", "c@d")
MOST_REPORT_BYTES = 256
SEEDS = [
    (0, message_v1(6, 33)),
    (0, message_v2("1.3.6.1.4.1.13885.101.0.85", tag=INFORM)),
    (0, Sender(PLAIN).message()),
    (0, Sender(SIGNER).message()),
    (1, b"<28>Nov 26 07:12:33 gw-1 dhcpd[77]: no free leases for user: anh at http://a.vn/b"),
    (1, b'<165>1 2026-11-26T00:12:33.000003Z gw-1 event - ID47 [a@1 x="1" y="\\]"] x@y z'),
    (2, b"11 <28>a: hello<28>b: a line\n12 <28>c: again\n\n"),
    (3, encode_test(Packet(1, 0xE00000000000, 0x8001, 7, padding(20)))),
    (3, b"\x00" * 12 + b"\x80\x01"),
    (4, b"\x00" * 14 + b"\x80\x01" + b"\x00" * 12 + b"\x01" * 28),
    (5, b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKb\r\ni: c@d\r\n\r\n"),
    (5, options(ASKED)),
    (6, publish()),
    (6, options(ASKED)),
]


class Site:
    """An agent that hears all of it, with a clock that a message moves."""

    def __init__(self) -> None:
        self._ticks = count(1)
        self.heard = Heard()
        self.traps = traps_taken(self.heard, users=[PLAIN, SIGNER], per_minute=6e4)
        self.syslog = syslog_taken(self.heard, severity="debug")
        self.quality = quality_taken(self.heard)
        self.now = 0.0
        means = Means(lambda: 1.8e9 + self.now, lambda: self.now, os.urandom)
        self.reflector = Reflector(["127.0.0.0/8"], 1e9, means)

    def trap(self, data: bytes) -> None:
        answer = self.traps.take(data, "127.0.0.1", 1.8e9 + self.now, self.now)
        assert len(answer) <= len(data) + MOST_REPORT_BYTES
        assert len(self.traps.observe()) <= 40

    def log(self, data: bytes) -> None:
        self.syslog.take(data, "127.0.0.1", 1.8e9 + self.now, self.now)
        assert self.syslog.messages[TAKEN] + self.syslog.messages[MALFORMED] > 0

    def stream(self, data: bytes) -> None:
        frames = Frames()
        try:
            for start in range(0, len(data), 7):
                for message in frames.feed(data[start : start + 7]):
                    self.log(message)
        except BadStream:
            return

    def test_packet(self, data: bytes) -> None:
        answer = self.reflector.answer(Datagram(data, ("127.0.0.1", 862), 0, 64, None))
        assert answer is None or len(answer[0]) <= max(len(data), TWAMP_REFLECTOR_BYTES)

    def reflected(self, data: bytes) -> None:
        for decode in (decode_reflected, decode_twamp):
            try:
                decode(data)
            except NotStamp:
                continue

    def sip(self, data: bytes) -> None:
        try:
            read = read_sip(data)
        except NotSip:
            return
        judge(read)
        is_answer_to(read, ASKED)

    def publish(self, data: bytes) -> None:
        answer = self.quality.take(data, ("127.0.0.1", 5060), 1.8e9 + self.now, self.now)
        assert len(answer) <= len(data) + MOST_REPORT_BYTES
        assert len(self.quality.observe(self.now)) <= 700

    def check(self) -> None:
        """Hold what was told to what a report may hold, and forget it."""
        self.now += next(self._ticks) % 3
        for event in self.heard.events:
            assert len(event.detail) <= 400
            assert len(event.kind) <= 64
            assert all(len(text) <= 120 for text in event.labels.values())
        self.heard.events.clear()
        self.heard.hints.take(self.now)


def main() -> None:
    """Fuzz until the time is over; libFuzzer ends the process."""
    site = Site()
    hearers: list[Callable[[bytes], None]] = [
        site.trap, site.log, site.stream, site.test_packet, site.reflected, site.sip,
        site.publish,
    ]  # fmt: skip

    def one(data: bytes) -> None:
        if data:
            hearers[data[0] % len(hearers)](data[1:])
            site.check()

    corpus = next((a for a in reversed(sys.argv[1:]) if not a.startswith("-")), None)
    if corpus is not None:
        for number, (place, seed) in enumerate(SEEDS):
            (Path(corpus) / f"seed-{number}").write_bytes(bytes([place]) + seed)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[3])
    main()
