"""One spooled report as bytes: what the spool must know of it in front, the report behind.

The report is compressed once, when it is made. What is known only when it is sent goes in front of
it as a piece of its own, so that the body of the request is put together without unpacking.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.report import from_json, to_json, to_text

if TYPE_CHECKING:
    from agents.report import Report

_WHOLE_VERSION = 1  # gzip of the whole report: written by earlier agents, still read
_VERSION = 2
_HEAD = struct.Struct("<B?QddI")
MOVING = ("oldest", "state", "sent_at")  # filled in when it is sent
# Source: RFC 1952: deflate, no flags, no time, slowest, unknown system; zlib's manual: windowBits.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_GZIP_TAIL = struct.Struct("<II")
_GZIP, _RAW = 31, -15


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
    """Return the record of a report, without what is filled in when it is sent.

    Raises:
        ValueError: A value is not finite.
    """
    content = to_json(report)
    for name in MOVING:
        del content[name]
    has_events = bool(report.events)
    head = _HEAD.pack(_VERSION, has_events, report.seq, made_at, made_uptime, boot_crc(report.boot))
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    return head + packer.compress(_open_text(content)) + packer.flush()


def body(payload: bytes, *, oldest: int, state: str, sent_at: float) -> bytes:
    """Return the body of the request: one gzip member over the JSON of the whole report.

    Raises:
        ValueError: The record cannot be unpacked.
    """
    moving = {"oldest": oldest, "state": state, "sent_at": round(sent_at, 3)}
    front = to_text(moving)[:-1].encode() + b","
    text, packed = _fixed(payload)
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    piece = packer.compress(front) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = _GZIP_TAIL.pack(zlib.crc32(text, zlib.crc32(front)), (len(front) + len(text)) % 2**32)
    return _GZIP_HEAD + piece + packed + tail


def read_head(payload: bytes) -> Head:
    """Return what stands in front.

    Raises:
        ValueError: The record is not of this version.
    """
    if len(payload) < _HEAD.size or payload[0] not in (_WHOLE_VERSION, _VERSION):
        raise ValueError(f"spooled record: this program reads version {_VERSION}")
    _, has_events, seq, made_at, made_uptime, crc = _HEAD.unpack_from(payload)
    return Head(seq, has_events, made_at, made_uptime, crc)


def read_report(payload: bytes) -> Report:
    """Return the report; what is filled in when it is sent is empty.

    Raises:
        ValueError: It cannot be unpacked.
    """
    text, _ = _fixed(payload)
    try:
        fixed = json.loads(b"{" + text)
        return from_json(fixed | {"oldest": 0, "state": "", "sent_at": 0.0})
    except (KeyError, TypeError) as error:
        raise ValueError(f"spooled record: {type(error).__name__}: {error}") from error


def _open_text(content: dict[str, Any]) -> bytes:
    """Return the JSON of an object without its opening brace, to be continued in front."""
    return to_text(content)[1:].encode()


def _fixed(payload: bytes) -> tuple[bytes, bytes]:
    """Return the text of what is fixed, and the same packed.

    Raises:
        ValueError: It cannot be unpacked.
    """
    packed = payload[_HEAD.size :]
    try:
        if payload[0] == _WHOLE_VERSION:
            return _fixed_of_whole(packed)
        text = zlib.decompress(packed, _RAW)
    except (AttributeError, zlib.error) as error:
        raise ValueError(f"spooled record: {type(error).__name__}: {error}") from error
    if not text.endswith(b"}"):
        raise ValueError("spooled record: not the end of a report")
    return text, packed


def _fixed_of_whole(packed: bytes) -> tuple[bytes, bytes]:
    whole = json.loads(zlib.decompress(packed, _GZIP))
    text = _open_text({name: value for name, value in whole.items() if name not in MOVING})
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    return text, packer.compress(text) + packer.flush()
