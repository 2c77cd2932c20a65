"""The calls of Cisco immersive rooms (CISCO-TELEPRESENCE-CALL-MIB): one stream for all screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.endpoint import Call, Stream
from agents.snmp.family import Value, columns, label, number, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.endpoint import Direction, Media

ROOT = "1.3.6.1.4.1.9.9.644.1.4"
# ctpcTable keeps calls that are over: in progress, on hold by either side, in a local conference,
# paused or recorded is what goes on.
STATE = f"{ROOT}.8.1.11"
GOING_ON = (8, 9, 11, 13, 18, 20)
FAR_END, DURATION_SECONDS, SECURITY = f"{ROOT}.8.1.2", f"{ROOT}.8.1.7", f"{ROOT}.8.1.9"
ENCRYPTED = {1: False, 2: False, 3: True}
# There and back, milliseconds, by call and kind of stream.
LATENCY = f"{ROOT}.9.1.2"
MEDIA: dict[str, Media] = {"1": "video", "2": "audio", "3": "content"}
# By call, kind of stream and source, one of each screen and microphone.
SOURCE = f"{ROOT}.10.1"
JITTER = f"{SOURCE}.22"
TRUE = 1


class Way(NamedTuple):
    """The columns of one direction: loss in 10**-6 per cent, kbit/s, 1/1000 of a frame a second."""

    active: str
    lost: str
    rate: str
    height: str
    frames: str


WAYS: dict[Direction, Way] = {
    "receive": Way(*(f"{SOURCE}.{one}" for one in (10, 14, 38, 34, 30))),
    "transmit": Way(*(f"{SOURCE}.{one}" for one in (2, 6, 36, 32, 28))),
}
FIGURES = (
    FAR_END,
    DURATION_SECONDS,
    SECURITY,
    LATENCY,
    JITTER,
    *WAYS["receive"],
    *WAYS["transmit"],
)


def columns_asked(last: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the columns to read, by what the last poll gave."""
    start = f"{STATE}."
    states = (whole(value) for key, value in last.items() if key.startswith(start))
    return (STATE, *FIGURES) if any(state in GOING_ON for state in states) else (STATE,)


def calls_of(values: Mapping[str, Value]) -> Iterator[Call]:
    """Yield the calls that are going on."""
    table = columns(values, (STATE, *FIGURES))
    for row, state in table[STATE].items():
        if whole(state) not in GOING_ON:
            continue
        latencies = [
            value / 1e3
            for key, said in table[LATENCY].items()
            if key.startswith(f"{row}.") and (value := number(said)) is not None and value >= 0
        ]
        yield Call(
            label(row),
            far_end=label(table[FAR_END].get(row)),
            duration_seconds=number(table[DURATION_SECONDS].get(row)),
            latency_seconds=max(latencies, default=None),
            is_encrypted=ENCRYPTED.get(whole(table[SECURITY].get(row)) or 0),
            streams=tuple(_streams(row, table)),
        )


def _streams(call: str, table: Mapping[str, Mapping[str, Value]]) -> Iterator[Stream]:
    for kind, media in MEDIA.items():
        for direction, way in WAYS.items():
            rows = [
                row
                for row, active in table[way.active].items()
                if row.startswith(f"{call}.{kind}.") and whole(active) == TRUE
            ]
            if rows:
                yield _stream(media, direction, rows, way, table)


def _stream(
    media: Media,
    direction: Direction,
    rows: list[str],
    way: Way,
    table: Mapping[str, Mapping[str, Value]],
) -> Stream:
    """Return one for all sources: the worst loss and jitter, all bits, the largest picture."""

    def figures(oid: str, most: float) -> list[float]:
        found = (number(table[oid].get(row)) for row in rows)
        return [value for value in found if value is not None and 0 <= value <= most]

    lost, rates = figures(way.lost, 1e8), figures(way.rate, 1e9)
    jitter = figures(JITTER, 1e6) if direction == "receive" else []
    heights, frames = figures(way.height, 65_535), figures(way.frames, 1e6)
    is_picture = media != "audio"
    return Stream(
        media,
        direction,
        lost_ratio=max(lost) / 1e8 if lost else None,
        jitter_seconds=max(jitter) / 1e3 if jitter else None,
        bits_per_second=sum(rates) * 1e3 if rates else None,
        height_pixels=max(heights) if heights and is_picture else None,
        frames_per_second=max(frames) / 1e3 if frames and is_picture else None,
    )
