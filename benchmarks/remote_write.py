"""The same hosts' samples as Prometheus remote-write 1.0 requests, one host in each.

Source: Prometheus remote-write 1.0 specification: WriteRequest {timeseries=1 {labels=1 {name=1,
value=2}, samples=2 {value=1 double, timestamp=2 int64 ms}}}, snappy block format.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import cramjam

from collector.simulation.behaviour import series, values
from collector.simulation.effects import NO_EFFECT

if TYPE_CHECKING:
    from collector.simulation.province import SimulatedHost

PATH = "/api/v1/write"


def request(host: SimulatedHost, at: float, server: str) -> bytes:
    """Return the HTTP request with every sample that the host has at an instant."""
    millis = _field(2, 0) + _varint(int(at * 1000))
    body = b"".join(
        _bytes(1, labels + _bytes(2, _double(1, value) + millis))
        for labels, value in zip(_labels(host), values(host, at, NO_EFFECT), strict=True)
    )
    packed = bytes(cramjam.snappy.compress_raw(body))
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {server}\r\n"
        "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n"
        "X-Prometheus-Remote-Write-Version: 0.1.0\r\nUser-Agent: wanwatch-benchmark\r\n"
        f"Content-Length: {len(packed)}\r\n\r\n"
    )
    return head.encode() + packed


def _labels(host: SimulatedHost) -> list[bytes]:
    own = {"instance": host.name, "job": "node", "unit": host.unit}
    return [
        b"".join(
            _bytes(1, _bytes(1, name.encode()) + _bytes(2, value.encode()))
            for name, value in sorted({"__name__": s.name, **s.labels, **own}.items())
            if value
        )
        for s in series(host.kind)
    ]


def _field(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _bytes(number: int, content: bytes) -> bytes:
    return _field(number, 2) + _varint(len(content)) + content


def _double(number: int, value: float) -> bytes:
    return _field(number, 1) + struct.pack("<d", value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
