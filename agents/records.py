"""One spooled report as bytes: what the spool must know of it in front, the report behind."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from agents.report import from_json, pack

if TYPE_CHECKING:
    from agents.report import Report

_VERSION = 1
_HEAD = struct.Struct("<B?QddI")


class Head(NamedTuple):
    """What is known of a record without unpacking it.

    Attributes:
        made_at: Unix time in seconds by the agent's clock.
        made_uptime: Seconds since boot, the time asleep included.
        boot_crc: CRC-32 of the boot's identifier: is `made_uptime` of this boot?
    """

    seq: int
    has_events: bool
    made_at: float
    made_uptime: float
    boot_crc: int


def boot_crc(boot: str) -> int:
    """Return the four bytes that tell one boot from the next."""
    return zlib.crc32(boot.encode())


def encode(report: Report, made_at: float, made_uptime: float) -> bytes:
    """Return the record; `oldest`, `state` and `sent_at` in it are filled in when it is sent.

    Raises:
        ValueError: A value is not finite.
    """
    has_events = bool(report.events)
    head = _HEAD.pack(_VERSION, has_events, report.seq, made_at, made_uptime, boot_crc(report.boot))
    return head + pack(report)


def read_head(payload: bytes) -> Head:
    """Return what stands in front.

    Raises:
        ValueError: The record is not of this version.
    """
    if len(payload) < _HEAD.size or payload[0] != _VERSION:
        raise ValueError(f"spooled record: this program reads version {_VERSION}")
    _, has_events, seq, made_at, made_uptime, crc = _HEAD.unpack_from(payload)
    return Head(seq, has_events, made_at, made_uptime, crc)


def read_report(payload: bytes) -> Report:
    """Return the report.

    Raises:
        ValueError: It cannot be unpacked.
    """
    try:
        return from_json(json.loads(gzip.decompress(payload[_HEAD.size :])))
    except (OSError, EOFError, KeyError, TypeError, zlib.error) as error:
        raise ValueError(f"spooled record: {type(error).__name__}: {error}") from error
