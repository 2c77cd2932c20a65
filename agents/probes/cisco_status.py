"""What a codec of Cisco or Tandberg says of itself, from its XML to one endpoint; pure.

Source: the status tree of its xAPI (CE, RoomOS, TC). Jitter is in milliseconds, counters begin anew
with each channel, and `LastInterval…` is of the last five seconds or so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.device_text import Node, amount_of, seconds_of_ms, switch_of, word_of
from agents.endpoint import Call, Endpoint, Kind, Media, Peripheral, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agents.endpoint import Direction, Protocol

FAMILY = "cisco"
_DIRECTIONS: dict[str, Direction] = {"incoming": "receive", "outgoing": "transmit"}
_FAULTS = ("error", "critical")
_OFF = ("inactive", "deregister", "")
_NO_CALL = ("idle", "disconnecting", "disconnected", "ringing", "dialling", "connecting")
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("touch", "touch_panel"), ("navigator", "touch_panel"), ("microphone", "microphone"),
    ("camera", "camera"), ("display", "display"), ("speaker", "speaker"),
)  # fmt: skip


class Counted(NamedTuple):
    """What a channel had counted at a poll."""

    lost: float
    packets: float
    octets: float | None


class Channel(NamedTuple):
    """One channel of media as the device lists it."""

    key: str
    media: Media
    direction: Direction
    counted: Counted | None
    interval: tuple[float, float] | None
    jitter_seconds: float | None
    height_pixels: float | None
    frames_per_second: float | None
    codec: str


class Status(NamedTuple):
    """What one poll says.

    Attributes:
        sockets: What each camera, display and microphone socket says of itself.
        counted: By channel, for the next poll.
    """

    endpoint: Endpoint
    sockets: tuple[Peripheral, ...]
    counted: dict[str, Counted]


def read_status(status: Node, before: Mapping[str, Counted], seconds: float | None) -> Status:
    """Return what a status tree says.

    Args:
        before: What each channel had counted at the last poll.
        seconds: How long ago that was; None for never.
    """
    unit = status.at("SystemUnit")
    channels = list(_channels(status))
    endpoint = Endpoint(
        FAMILY,
        model=unit.text("ProductId") or unit.text("ProductPlatform"),
        software=unit.text("Software/Version"),
        serial=unit.text("Hardware/Module/SerialNumber"),
        registered=_registered(status),
        calls=tuple(_calls(status, channels, before, seconds)) if unit.is_there else None,
        is_standby=_standby(status),
        is_microphone_muted=switch_of(status.at("Audio/Microphones/Mute").raw),
        is_video_muted=switch_of(status.at("Video/Input/MainVideoMute").raw),
        peripherals=tuple(_attached(status)),
        uptime_seconds=unit.number("Uptime"),
        faults=_faults(status),
    )
    counted = {one.key: one.counted for one in channels if one.counted is not None}
    return Status(endpoint, tuple(_sockets(status)), counted)


def read_history(root: Node, ended: Iterable[str]) -> dict[tuple[Media, Direction], float] | None:
    """Return the loss of the newest call among those that ended; None where it says nothing."""
    result = root.at("CallHistoryGetResult")
    keys = set(ended)
    for entry in result.each("Entry"):
        if (key := entry.text("CallId")) and key not in keys:
            continue
        found: dict[tuple[Media, Direction], float] = {}
        media: Media
        for name, media in (("Audio", "audio"), ("Video", "video")):
            for side in ("Incoming", "Outgoing"):
                percent = entry.number(f"{name}/{side}/PacketLossPercent")
                if percent is not None and percent <= 100:
                    found[media, _DIRECTIONS[side.lower()]] = round(percent / 100, 6)
        return found or None
    return None


def _standby(status: Node) -> bool | None:
    word = word_of(status.at("Standby/State").raw) or word_of(status.at("Standby/Active").raw)
    return word in ("standby", "on") if word else None


def _registered(status: Node) -> dict[Protocol, bool]:
    found: dict[Protocol, bool] = {}
    gatekeeper = word_of(status.at("H323/Gatekeeper/Status").raw)
    if gatekeeper not in _OFF:
        found["h323"] = gatekeeper == "registered"
    proxies = [word_of(one.at("Status").raw) for one in status.each("SIP/Registration")]
    asked = [one for one in proxies if one not in _OFF]
    if asked:
        found["sip"] = "registered" in asked
    return found


def _faults(status: Node) -> int | None:
    if not status.at("Diagnostics").is_there:
        return None
    levels = [word_of(one.at("Level").raw) for one in status.each("Diagnostics/Message")]
    return sum(level in _FAULTS for level in levels)


def _attached(status: Node) -> Iterator[Peripheral]:
    for one in status.each("Peripherals/ConnectedDevice"):
        said = f"{one.text('Type')} {one.text('Name')}".lower()
        kind: Kind = next((kind for word, kind in _KINDS if word in said), "other")
        name = f"{one.text('Name')[:60]} {one.key()}".strip()
        state = word_of(one.at("Status").raw)
        if state:
            yield Peripheral(kind, name, is_working=state == "connected")


def _sockets(status: Node) -> Iterator[Peripheral]:
    places: tuple[tuple[str, str, Kind], ...] = (
        ("Cameras/Camera", "Connected", "camera"),
        ("Video/Output/Connector", "Connected", "display"),
        ("Audio/Input/Connectors/Microphone", "ConnectionStatus", "microphone"),
    )
    for path, field, kind in places:
        for one in status.each(path):
            word = word_of(one.at(field).raw)
            if word in ("true", "connected", "false", "notconnected", "disconnected"):
                yield Peripheral(kind, one.key() or "1", is_working=word in ("true", "connected"))


def _calls(
    status: Node, channels: list[Channel], before: Mapping[str, Counted], seconds: float | None
) -> Iterator[Call]:
    going_on = [one for one in status.each("Call") if word_of(one.at("Status").raw) not in _NO_CALL]
    for call in going_on:
        key = call.key() or "1"
        encryption = word_of(call.at("Encryption/Type").raw)
        own = [one for one in channels if one.key.startswith(f"{key}/")]
        if not own and len(going_on) == 1:
            own = channels  # the number of its media is another one
        far_end = call.text("DisplayName") or call.text("RemoteNumber")
        yield Call(
            key,
            far_end=far_end or call.text("CallbackNumber"),
            protocol=word_of(call.at("Protocol").raw),
            duration_seconds=call.number("Duration"),
            is_encrypted=encryption != "none" if encryption else None,
            streams=tuple(_streams(own, before, seconds)),
        )


def _channels(status: Node) -> Iterator[Channel]:
    for call in status.each("MediaChannels/Call"):
        for one in call.each("Channel"):
            direction = _DIRECTIONS.get(word_of(one.at("Direction").raw))
            media = _media_of(one)
            if direction is None or media is None:
                continue
            video, stats = one.at("Video"), one.at("Netstat")
            lost, packets = stats.number("Loss"), stats.number("Packets")
            known = lost is not None and packets is not None
            yield Channel(
                f"{call.key() or '1'}/{one.key() or direction}/{media}",
                media,
                direction,
                Counted(lost or 0, packets or 0, stats.number("Bytes")) if known else None,
                _interval(stats),
                seconds_of_ms(stats.at("Jitter").raw),
                video.number("ResolutionY") or None,
                video.number("FrameRate"),
                one.text("Audio/Protocol") or video.text("Protocol"),
            )


def _media_of(channel: Node) -> Media | None:
    kind = word_of(channel.at("Type").raw)
    if kind == "audio":
        return "audio"
    if kind != "video":
        return None
    role = word_of(channel.at("Video/ChannelRole").raw)
    return "content" if role == "presentation" else "video"


def _interval(stats: Node) -> tuple[float, float] | None:
    lost = amount_of(stats.at("LastIntervalLost").raw)
    received = amount_of(stats.at("LastIntervalReceived").raw)
    return None if lost is None or received is None else (lost, received)


def _streams(
    channels: list[Channel], before: Mapping[str, Counted], seconds: float | None
) -> Iterator[Stream]:
    """Yield one stream for each media and direction, of however many channels."""
    sides = dict.fromkeys((one.media, one.direction) for one in channels)
    for media, direction in sides:
        own = [one for one in channels if (one.media, one.direction) == (media, direction)]
        yield Stream(
            media,
            direction,
            lost_ratio=_lost_ratio(own, before),
            jitter_seconds=_most(one.jitter_seconds for one in own),
            bits_per_second=_bits_per_second(own, before, seconds),
            height_pixels=_most(one.height_pixels for one in own),
            frames_per_second=_most(one.frames_per_second for one in own),
            codec=own[0].codec,
        )


def _most(values: Iterable[float | None]) -> float | None:
    return max((one for one in values if one is not None), default=None)


def _lost_ratio(channels: list[Channel], before: Mapping[str, Counted]) -> float | None:
    """Return the loss since the last poll, else of the device's last interval."""
    lost = whole = 0.0
    for one in channels:
        former = before.get(one.key)
        counted = one.counted
        if former and counted and former.lost <= counted.lost and former.packets <= counted.packets:
            part = counted.lost - former.lost, counted.packets - former.packets
        elif one.interval is not None:
            part = one.interval
        else:
            continue
        lost, whole = lost + part[0], whole + sum(part)
    return round(lost / whole, 6) if whole else None


def _bits_per_second(
    channels: list[Channel], before: Mapping[str, Counted], seconds: float | None
) -> float | None:
    octets = 0.0
    for one in channels:
        former = before.get(one.key)
        if not former or not one.counted or one.counted.octets is None or former.octets is None:
            return None
        octets += one.counted.octets - former.octets
    return round(octets * 8 / seconds) if seconds and octets >= 0 else None
