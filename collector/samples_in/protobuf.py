"""A Prometheus remote-write 1.0 request → its series, as they came: bounded, and nothing guessed.

Source: Prometheus remote-write 1.0: WriteRequest {timeseries=1 {labels=1 {name=1, value=2},
samples=2 {value=1 double, timestamp=2 int64 milliseconds}, exemplars=3, histograms=4},
metadata=3}; the wire format of protobuf.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

MAX_SERIES = 20_000
MAX_SAMPLES = 100_000
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_DOUBLE = struct.Struct("<d")
# A sample that is not of another century takes 18 bytes at the end of its series: tag, length,
# tag, double, tag, and six bytes of milliseconds.
_SAMPLE_HEAD = b"\x12\x10\x09"
_SAMPLE_BYTES = 18
_MILLIS_BYTES = 6

Sample = tuple[float, int]


class Malformed(ValueError):
    """The bytes are no request; the text says where and why."""


class WireSeries(NamedTuple):
    """One series: its labels as bytes that can be looked up, and (value, milliseconds)."""

    labels: bytes
    samples: list[Sample]


def read_request(data: bytes, known: Container[bytes]) -> list[WireSeries]:
    """Return the series of a request.

    Args:
        known: Bytes that were read as the labels of a series before: with one sample behind them
            they need no second look.

    Raises:
        Malformed: It is no request, or too much for one.
    """
    found: list[WireSeries] = []
    count = 0
    for number, kind, start, end in _fields(data, 0, len(data)):
        if number != 1:
            continue  # metadata: what a metric means is written down elsewhere
        if kind != _BYTES:
            raise Malformed(f"byte {start}: a series must be a message")
        series = _quick(data, start, end, known) or _read_series(data, start, end)
        count += len(series.samples)
        found.append(series)
        if len(found) > MAX_SERIES or count > MAX_SAMPLES:
            raise Malformed(f"more than {MAX_SERIES} series or {MAX_SAMPLES} samples")
    return found


def read_labels(labels: bytes) -> dict[str, str]:
    """Return the labels of a series by name.

    Raises:
        Malformed: One is not UTF-8, has no name, or comes twice.
    """
    found: dict[str, str] = {}
    for _, _, start, end in _fields(labels, 0, len(labels)):
        name = value = ""
        for number, kind, first, last in _fields(labels, start, end):
            if kind == _BYTES and number in (1, 2):
                try:
                    text = labels[first:last].decode()
                except UnicodeDecodeError:
                    raise Malformed("a label is not UTF-8") from None
                name, value = (text, value) if number == 1 else (name, text)
        if not name:
            raise Malformed("a label has no name")
        if name in found:
            raise Malformed(f"the label {name[:60]!r} comes twice in one series")
        found[name] = value
    return found


def _quick(data: bytes, start: int, end: int, known: Container[bytes]) -> WireSeries | None:
    """Read known labels with one sample of this time; None: it is something else."""
    cut = end - _SAMPLE_BYTES
    if cut <= start or data[cut : cut + 3] != _SAMPLE_HEAD or data[cut + 11] != 0x10:
        return None
    labels = data[start:cut]
    if labels not in known:
        return None
    millis, following = _varint(data, cut + 12, end)
    return (
        WireSeries(labels, [(_DOUBLE.unpack_from(data, cut + 3)[0], millis)])
        if (following == end)
        else None
    )


def _read_series(data: bytes, start: int, end: int) -> WireSeries:
    labels, samples = [], []
    before = start
    for number, kind, first, last in _fields(data, start, end):
        if number == 1 and kind == _BYTES:
            labels.append(data[before:last])
        elif number == 2 and kind == _BYTES:
            samples.append(_read_sample(data, first, last))
        before = last
    return WireSeries(b"".join(labels), samples)


def _read_sample(data: bytes, start: int, end: int) -> Sample:
    value, millis = 0.0, 0
    for number, kind, first, last in _fields(data, start, end):
        if number == 1 and kind == _EIGHT:
            value = _DOUBLE.unpack_from(data, first)[0]
        elif number == 2 and kind == _VARINT:
            millis, _ = _varint(data, first, last)
    return value, millis - (1 << 64) if millis >> 63 else millis


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (number, wire type, where its value begins, where it ends) of a message.

    Source: protobuf's encoding: a tag is `number << 3 | type`.
    """
    at = start
    while at < end:
        tag, first = _varint(data, at, end)
        number, kind = tag >> 3, tag & 7
        if kind == _BYTES:
            length, first = _varint(data, first, end)
            last = first + length
        elif kind == _VARINT:
            last = _varint(data, first, end)[1]
        elif kind == _EIGHT:
            last = first + 8
        elif kind == _FOUR:
            last = first + 4
        else:
            raise Malformed(f"byte {at}: protobuf has no field of type {kind} here")
        if number == 0 or last > end:
            raise Malformed(f"byte {at}: a field goes on beyond its message")
        yield number, kind, first, last
        at = last


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number and where what follows it begins."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & ((1 << 64) - 1), at
        shift += 7
    raise Malformed(f"byte {at}: a number does not end")
