"""Samples of a host as reports like those of an agent: the journal holds both alike."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from agents.report import MAX_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.samples_in.requests import Row

_GZIP = 31  # Source: zlib's manual, windowBits of deflateInit2
_LEVEL = 1
_encode = msgspec.json.Encoder().encode


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield as many samples as one report may hold."""
    for start in range(0, len(rows), MAX_SAMPLES):
        yield rows[start : start + MAX_SAMPLES]


def pack(agent: str, seq: int, sent_at: float, rows: Sequence[Row]) -> bytes:
    """Return a report's body.

    Args:
        sent_at: Unix seconds by our clock when it came: its samples keep their instants.
    """
    body = {
        "v": 1,
        "agent": agent,
        "boot": "",
        "seq": seq,
        "oldest": seq,
        "state": "",
        "sent_at": sent_at,
        "samples": rows,
        "events": [],
        "sections": {},
    }
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return packer.compress(_encode(body)) + packer.flush()
