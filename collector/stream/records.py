"""One record of the journal as bytes: a small header, then the body exactly as it was received."""

from __future__ import annotations

import struct

from collector.stream import Kind, StreamRecord
from incidents.timeline import instant, microseconds

# kind, number, received at (microseconds), then the lengths of agent, signature and state
_HEADER = struct.Struct("<BQQHHH")


def encode(record: StreamRecord, number: int) -> bytes:
    """Return the record as bytes."""
    agent, signature, state = (
        text.encode() for text in (record.agent, record.signature, record.state)
    )
    received_at = microseconds(record.received_at)
    header = _HEADER.pack(record.kind, number, received_at, len(agent), len(signature), len(state))
    return b"".join((header, agent, signature, state, record.body))


def decode(payload: bytes) -> tuple[int, StreamRecord]:
    """Return the record and its number.

    Raises:
        ValueError: The bytes are no record of this version.
    """
    if len(payload) < _HEADER.size:
        raise ValueError(f"journal record of {len(payload)} bytes is shorter than its header")
    kind, number, received_at, *lengths = _HEADER.unpack_from(payload)
    offset, texts = _HEADER.size, []
    for length in lengths:
        texts.append(payload[offset : offset + length].decode())
        offset += length
    agent, signature, state = texts
    at = instant(received_at)
    return number, StreamRecord(Kind(kind), agent, at, signature, state, payload[offset:])
