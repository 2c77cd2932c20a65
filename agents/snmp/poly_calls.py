"""The table of active calls of Poly endpoints (POLYCOM-ENDPOINT-MIB, 2017-06-09).

The MIB gives no units. Milliseconds, kbit/s and per cent are assumed; no device has confirmed it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.endpoint import Call, Stream
from agents.snmp.family import Value, column, label, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.endpoint import Direction, Media

# Rows exist only during a call; rx is what the endpoint gets.
CALL_ROOT = "1.3.6.1.4.1.13885.101.1.4.1.1"
CALL_COLUMNS = {
    "id": 2, "audio_jitter_rx": 4, "audio_jitter_tx": 5, "audio_latency_rx": 6,
    "audio_latency_tx": 7, "audio_codec_rx": 10, "audio_codec_tx": 11, "all_lost_percent_rx": 16,
    "all_lost_percent_tx": 17, "all_latency_rx": 18, "all_latency_tx": 19, "all_jitter_rx": 20,
    "all_jitter_tx": 21, "content_picture_rx": 22, "content_picture_tx": 23,
    "content_frames_rx": 24, "content_frames_tx": 25, "content_jitter_rx": 26,
    "content_jitter_tx": 27, "content_latency_rx": 28, "content_latency_tx": 29,
    "content_codec_rx": 32, "content_codec_tx": 33, "content_rate_rx": 34, "content_rate_tx": 35,
    "content_used_rx": 36, "content_used_tx": 37, "video_picture_rx": 42, "video_picture_tx": 43,
    "video_frames_rx": 44, "video_frames_tx": 45, "video_jitter_rx": 46, "video_jitter_tx": 47,
    "video_latency_rx": 48, "video_latency_tx": 49, "video_codec_rx": 52, "video_codec_tx": 53,
    "video_rate_rx": 54, "video_rate_tx": 55, "video_used_rx": 56, "video_used_tx": 57,
    "far_end": 58, "type": 60, "encryption": 61,
}  # fmt: skip
CALL_IDS = f"{CALL_ROOT}.{CALL_COLUMNS['id']}"
ENDS: dict[Direction, str] = {"receive": "rx", "transmit": "tx"}
MEDIA: tuple[Media, ...] = ("all", "audio", "video", "content")
PICTURE = re.compile(r"\d{2,5}\s*[xX*]\s*(\d{2,5})|(\d{3,4})\s*[pi]\b")
NOT_ENCRYPTED = {"", "none", "off", "no", "disabled", "unencrypted", "-", "---", "0", "false"}


def calls_of(values: Mapping[str, Value]) -> Iterator[Call]:
    """Yield the calls that are going on."""
    seen = set[str]()
    for row, call_id in column(values, CALL_IDS).items():
        key = label(call_id) or label(row)
        if key in seen:
            continue
        seen.add(key)
        said = {name: values.get(f"{CALL_ROOT}.{one}.{row}") for name, one in CALL_COLUMNS.items()}
        cipher = said["encryption"]
        yield Call(
            key,
            far_end=label(said["far_end"]),
            protocol=label(said["type"]),
            is_encrypted=None if cipher is None else label(cipher).lower() not in NOT_ENCRYPTED,
            streams=tuple(one for one in _streams(said) if any(x is not None for x in one[2:8])),
        )


def _streams(said: Mapping[str, Value | None]) -> Iterator[Stream]:
    # Loss is told as a share for all media together, and by medium only as a count.
    for direction, end in ENDS.items():
        for medium in MEDIA:
            yield _stream(said, medium, direction, end)


def _stream(
    said: Mapping[str, Value | None], medium: Media, direction: Direction, end: str
) -> Stream:
    def figure(name: str, parts: float) -> float | None:
        value = number(said.get(f"{medium}_{name}_{end}"))
        return value / parts if value is not None and value >= 0 else None

    lost, used = figure("lost_percent", 100), figure("used", 1e-3)
    return Stream(
        medium,
        direction,
        lost_ratio=lost if lost is not None and lost <= 1 else None,
        jitter_seconds=figure("jitter", 1e3),
        latency_seconds=figure("latency", 1e3),
        bits_per_second=figure("rate", 1e-3) if used is None else used,
        height_pixels=_height(said.get(f"{medium}_picture_{end}")),
        frames_per_second=figure("frames", 1),
        codec=label(said.get(f"{medium}_codec_{end}")),
    )


def _height(value: Value | None) -> float | None:
    found = PICTURE.match(label(value))
    return float(found[1] or found[2]) if found else None
