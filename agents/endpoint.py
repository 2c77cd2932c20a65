"""A video-conference endpoint as every family of devices describes it, and what is reported of it.

One model for all: a family's file fills in what its devices say and leaves the rest out; what is
left out is not reported, and never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from agents.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping

T = TypeVar("T")
Protocol = Literal["sip", "h323"]
# `all`: the device gives one figure for whatever it sends or gets.
Media = Literal["audio", "video", "content", "all"]
Direction = Literal["receive", "transmit"]
Kind = Literal["microphone", "camera", "display", "network", "touch_panel", "speaker", "other"]
MOST_CALLS, MOST_STREAMS, MOST_PERIPHERALS = 8, 8, 16


class Stream(NamedTuple):
    """One kind of media in one direction; None: the device does not say.

    Attributes:
        direction: `receive` is what the endpoint gets, `transmit` what it sends.
        lost_ratio: 0 to 1, of the device's last interval.
    """

    media: Media
    direction: Direction
    lost_ratio: float | None = None
    jitter_seconds: float | None = None
    latency_seconds: float | None = None
    bits_per_second: float | None = None
    height_pixels: float | None = None
    frames_per_second: float | None = None
    codec: str = ""


class Call(NamedTuple):
    """One call that is going on.

    Attributes:
        key: What tells it from other calls of this endpoint, the same from poll to poll.
        latency_seconds: There and back, where the device gives one for the whole call.
    """

    key: str
    far_end: str = ""
    protocol: str = ""
    duration_seconds: float | None = None
    latency_seconds: float | None = None
    is_encrypted: bool | None = None
    streams: tuple[Stream, ...] = ()


class LastCall(NamedTuple):
    """What the device itself noted of the call that ended last.

    Attributes:
        ended_at: Unix time in seconds at which it was seen to have ended.
        lost_ratios: Of the whole call, 0 to 1, by media and direction.
    """

    ended_at: float
    lost_ratios: Mapping[tuple[Media, Direction], float]


class Peripheral(NamedTuple):
    """Something attached to an endpoint, and whether it works."""

    kind: Kind
    name: str
    is_working: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """All that one poll found out; what the device does not say is None or left out.

    Attributes:
        registered: By protocol; one that is switched off is left out.
        calls: None where the device does not say, empty where there are none.
        data_age_seconds: How old the device says that its own figures are.
    """

    family: str
    model: str = ""
    software: str = ""
    serial: str = ""
    registered: Mapping[Protocol, bool] | None = None
    calls: tuple[Call, ...] | None = None
    is_standby: bool | None = None
    is_microphone_muted: bool | None = None
    is_video_muted: bool | None = None
    peripherals: tuple[Peripheral, ...] = ()
    uptime_seconds: float | None = None
    data_age_seconds: float | None = None
    faults: int | None = None
    last_call: LastCall | None = None


METRICS = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_registered", "wanwatch_endpoint_calls",
    "wanwatch_endpoint_standby", "wanwatch_endpoint_microphone_muted",
    "wanwatch_endpoint_video_muted", "wanwatch_endpoint_peripheral_up",
    "wanwatch_endpoint_uptime_seconds", "wanwatch_endpoint_data_age_seconds",
    "wanwatch_endpoint_faults", "wanwatch_endpoint_last_call_timestamp_seconds",
    "wanwatch_endpoint_last_call_lost_ratio",
    "wanwatch_call_info", "wanwatch_call_duration_seconds",
    "wanwatch_call_latency_seconds", "wanwatch_call_encrypted", "wanwatch_call_lost_ratio",
    "wanwatch_call_jitter_seconds", "wanwatch_call_media_latency_seconds",
    "wanwatch_call_bits_per_second", "wanwatch_call_frame_height_pixels",
    "wanwatch_call_best_frame_height_pixels", "wanwatch_call_frames_per_second",
)  # fmt: skip
MOST_SERIES = 11 + MOST_PERIPHERALS + MOST_STREAMS + MOST_CALLS * (4 + 7 * MOST_STREAMS)
# In a probe's memory: the best picture of each stream.
PICTURES = "best_frame_height_pixels"


def observe(
    target: str, endpoint: Endpoint, memory: MutableMapping[str, object]
) -> Iterator[Observation]:
    """Yield what is reported of an endpoint.

    Args:
        memory: What was noted at its last poll, of which `PICTURES` is ours.
    """
    of = {"target": target}
    info = {"family": endpoint.family, "model": endpoint.model, "software": endpoint.software}
    yield Observation("wanwatch_endpoint_info", of | info | {"serial": endpoint.serial}, 1)
    for protocol, is_registered in (endpoint.registered or {}).items():
        labels = of | {"protocol": protocol}
        yield Observation("wanwatch_endpoint_registered", labels, int(is_registered))
    values = {
        "standby": endpoint.is_standby,
        "microphone_muted": endpoint.is_microphone_muted,
        "video_muted": endpoint.is_video_muted,
        "uptime_seconds": endpoint.uptime_seconds,
        "data_age_seconds": endpoint.data_age_seconds,
        "faults": endpoint.faults,
    }
    yield from _given("wanwatch_endpoint_", of, values)
    for one in _first(endpoint.peripherals, lambda one: one[:2], MOST_PERIPHERALS):
        labels = of | {"kind": one.kind, "name": one.name}
        yield Observation("wanwatch_endpoint_peripheral_up", labels, int(one.is_working))
    if endpoint.calls is not None:
        yield Observation("wanwatch_endpoint_calls", of, len(endpoint.calls))
    calls = _first(endpoint.calls or (), lambda one: one.key, MOST_CALLS)
    yield from _calls(of, calls, memory)
    if endpoint.last_call is not None:
        yield from _last_call(of, endpoint.last_call)


def _first(many: Iterable[T], key: Callable[[T], object], most: int) -> list[T]:
    """Return each once, and not too many: a device may say anything."""
    found: dict[object, T] = {}
    for one in many:
        found.setdefault(key(one), one)
    return list(found.values())[:most]


def _calls(
    of: dict[str, str], calls: list[Call], memory: MutableMapping[str, object]
) -> Iterator[Observation]:
    former = memory.get(PICTURES)
    best: dict[str, float] = former if isinstance(former, dict) else {}
    now: dict[str, float] = {}
    memory[PICTURES] = now
    for call in calls:
        labels = of | {"call": call.key}
        info = {"far_end": call.far_end, "protocol": call.protocol}
        yield Observation("wanwatch_call_info", labels | info, 1)
        values = {
            "duration_seconds": call.duration_seconds,
            "latency_seconds": call.latency_seconds,
            "encrypted": call.is_encrypted,
        }
        yield from _given("wanwatch_call_", labels, values)
        for stream in _first(call.streams, lambda one: one[:2], MOST_STREAMS):
            key = f"{call.key}/{stream.media}/{stream.direction}"
            height = stream.height_pixels
            if height:
                now[key] = height = max(float(height), best.get(key, 0.0))
            yield from _stream(labels, stream, height)


def _stream(labels: dict[str, str], stream: Stream, best: float | None) -> Iterator[Observation]:
    labels = labels | {"media": stream.media, "direction": stream.direction}
    values = {
        "lost_ratio": stream.lost_ratio,
        "jitter_seconds": stream.jitter_seconds,
        "media_latency_seconds": stream.latency_seconds,
        "bits_per_second": stream.bits_per_second,
        "frame_height_pixels": stream.height_pixels,
        "best_frame_height_pixels": best,
        "frames_per_second": stream.frames_per_second,
    }
    yield from _given("wanwatch_call_", labels, values)


def _last_call(of: dict[str, str], last: LastCall) -> Iterator[Observation]:
    yield Observation("wanwatch_endpoint_last_call_timestamp_seconds", of, last.ended_at)
    for (media, direction), ratio in last.lost_ratios.items():
        labels = of | {"media": media, "direction": direction}
        yield Observation("wanwatch_endpoint_last_call_lost_ratio", labels, ratio)


def _given(
    start: str, labels: dict[str, str], values: Mapping[str, float | bool | None]
) -> Iterator[Observation]:
    for name, value in values.items():
        if value is not None:
            yield Observation(start + name, labels, float(value))
