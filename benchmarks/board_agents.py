"""Agents of the points of a live session: each reports its codec and its path every second."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING, NamedTuple

from agents.report import AGENT_HEADER, PATH, SIGNATURE_HEADER, Report, Sample, pack
from collector.simulation.identities import identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.identity import Identity
    from collector.simulation.province import SimulatedHost

CONFERENCE, BRIDGE = "9001", "mcu"
# Every report has another delay in whole milliseconds: what a screen shows says which it was.
FIRST_MS, VALUES = 10, 80
OF_CALL = (("audio", 64_000.0), ("video", 1_500_000.0))


class Told(NamedTuple):
    """One report: the point, its number, and when it left (monotonic seconds)."""

    point: int
    number: int
    at: float


def milliseconds(number: int) -> int:
    """Return the delay that the report of this number has."""
    return FIRST_MS + number % VALUES


def number_of(shown_ms: int, newest: int) -> int:
    """Return which report showed a delay, the newest of those that did."""
    return newest - (newest - (shown_ms - FIRST_MS)) % VALUES


def targets_text(hosts: Sequence[SimulatedHost]) -> str:
    """Return a targets.yaml: a codec and a path of each host's unit, asked by that host."""
    lines = [
        "targets:",
        f"  - {{name: {BRIDGE}, vi: MCU, address: 10.1.0.9, unit: '{hosts[0].unit}'}}",
    ]
    for number, host in enumerate(hosts, 1):
        common = f"unit: '{host.unit}', from: ['{host.unit}/{host.name}']"
        address = f"address: 10.2.{number // 250}.{number % 250 + 1}"
        codec = f"name: codec-{number}, vi: Phòng {number}, {address}, kind: conference"
        path = f"name: path-{number}, vi: Đường {number}, address: 10.1.0.1, kind: network"
        asked = "{probe: sip}, {probe: cisco_xapi, credentials: codec}"
        lines += [
            f"  - {{{codec}, {common}, probes: [{asked}]}}",
            f"  - {{{path}, {common}, probes: [{{probe: stamp}}]}}",
        ]
    return "\n".join(lines) + "\n"


def points(hosts: Sequence[SimulatedHost]) -> list[dict[str, object]]:
    """Return the points of a session as its plan has them."""
    return [
        {
            "name": f"Điểm cầu {number}", "unit": host.unit, "target": f"codec-{number}",
            "path": f"path-{number}", "technician": f"Kỹ thuật {number}",
            "phone": f"0912 000 {number:03}", "is_confirmed": True,
        }
        for number, host in enumerate(hosts, 1)
    ]  # fmt: skip


def samples(point: int, number: int, at: float) -> Iterator[Sample]:
    """Yield what an agent says of its codec in a call and of its path."""
    codec, path = {"target": f"codec-{point}"}, {"target": f"path-{point}"}
    yield Sample("wanwatch_probe_alive", codec | {"probe": "sip"}, 1, at)
    yield Sample("wanwatch_probe_alive", codec | {"probe": "cisco_xapi"}, 1, at)
    yield Sample("wanwatch_endpoint_registered", codec | {"protocol": "sip"}, 1, at)
    yield Sample("wanwatch_endpoint_calls", codec, 1, at)
    info = {"call": "1", "far_end": CONFERENCE, "protocol": "sip"}
    yield Sample("wanwatch_call_info", codec | info, 1, at)
    for media, bits in OF_CALL:
        for direction in ("send", "receive"):
            labels = codec | {"call": "1", "media": media, "direction": direction}
            yield Sample("wanwatch_call_lost_ratio", labels, 0.0002, at)
            yield Sample("wanwatch_call_jitter_seconds", labels, 0.004, at)
            yield Sample("wanwatch_call_bits_per_second", labels, bits, at)
    for direction in ("forward", "reverse"):
        labels = path | {"direction": direction}
        yield Sample("wanwatch_stamp_direction_lost_ratio", labels, 0.0001, at)
        yield Sample("wanwatch_stamp_jitter_seconds", labels, 0.003, at)
        delay = milliseconds(number) / 1000
        yield Sample("wanwatch_stamp_delay_seconds", labels, delay, at)
    yield Sample("wanwatch_stamp_worst_window_lost_ratio", path, 0.001, at)
    yield Sample("wanwatch_stamp_rtt_mean_seconds", path, 0.02, at)


class Agents:
    """All agents of a session; `told` is what left, `statuses` what the collector answered."""

    def __init__(self, hosts: Sequence[SimulatedHost], port: int) -> None:
        self._identities = [identity_of(host) for host in hosts]
        self._port = port
        self.told: list[Told] = []
        self.statuses: dict[int, int] = {}

    async def run(self, seconds: float, every_seconds: float, *, changing: int = 1) -> None:
        """Let all report for a while, each at an offset of its own.

        Args:
            changing: Of so many points one changes its value with each report.
        """
        ends_at = time.monotonic() + seconds
        count = len(self._identities)
        await asyncio.gather(
            *(
                self._one(place, every_seconds * place / count, every_seconds, ends_at, changing)
                for place in range(count)
            )
        )

    async def _one(
        self, place: int, offset: float, every_seconds: float, ends_at: float, changing: int
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        next_at, number = time.monotonic() + offset, 0
        sequence = int(time.time() * 10)
        while next_at < ends_at:
            await asyncio.sleep(next_at - time.monotonic())
            sequence += 1
            number += (sequence + place) % changing == 0
            request = self._request(place, sequence, number)
            at = time.monotonic()
            writer.write(request)
            self.told.append(Told(place + 1, number, at))
            status = await _answer(reader)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            next_at = max(next_at + every_seconds, time.monotonic())
        writer.close()

    def _request(self, place: int, sequence: int, number: int) -> bytes:
        identity: Identity = self._identities[place]
        at = time.time()
        body = pack(
            Report(
                agent=identity.agent, boot="bench", seq=sequence, oldest=sequence, state="",
                sent_at=at, samples=list(samples(place + 1, number, at)),
            )
        )  # fmt: skip
        signature = base64.b64encode(identity.sign(body)).decode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Encoding: gzip\r\n{AGENT_HEADER}: {identity.agent}\r\n"
            f"{SIGNATURE_HEADER}: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, after = head.lower().partition(b"content-length:")
    await reader.readexactly(int(after.partition(b"\r\n")[0] or 0))
    return int(head[9:12])
