"""What a Poly endpoint says of itself, from the JSON of its two interfaces to one endpoint; pure.

Sources: the REST interfaces of Poly VideoOS (G7500, Studio) and of Poly Trio, as clients in public
use read them. Rates are in kbit/s, jitter and latency in milliseconds, loss in percent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.device_text import (
    amount_of,
    fields_of,
    height_of,
    objects_of,
    ratio_of_percent,
    seconds_of_ms,
    text_of,
    word_of,
)
from agents.endpoint import MOST_CALLS, Call, Direction, Media, Peripheral, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DIRECTIONS: dict[str, Direction] = {"rx": "receive", "tx": "transmit"}
_MEDIA: dict[str, Media] = {"audio": "audio", "video": "video", "content": "content"}
_GOOD = frozenset({"up", "ok", "connected", "registered", "ready"})
_BAD = frozenset({"down", "failed", "error", "disconnected", "unregistered"})
_UPTIME = re.compile(r"(\d{1,6}) days? (\d{1,2}):(\d{1,2}):(\d{1,2})")
# Before this version a Trio that is asked for its streams stands still until it is restarted.
STREAMS_SINCE = (5, 8)


def is_working(state: Any) -> bool | None:
    """Return what a word for a state says; None for one that is not known."""
    word = word_of(state)
    return True if word in _GOOD else False if word in _BAD else None


def is_registered(servers: Any) -> bool | None:
    """Return whether the first server that is set up is up; None where there is none."""
    known = objects_of(servers)
    return is_working(known[0].get("state")) if known else None


def kilobits(value: Any) -> float | None:
    """Return kbit/s as bit/s."""
    found = amount_of(value)
    return None if found is None else found * 1_000


# VideoOS


def microphones_of(value: Any) -> Iterator[Peripheral]:
    """Yield the microphones whose state is a word that we know."""
    for one in objects_of(value):
        works = is_working(one.get("state"))
        if works is not None:
            kind = text_of(one.get("typeInString"))[:60]
            number = text_of(one.get("number"))[:20]
            yield Peripheral("microphone", f"{kind} {number}".strip() or "1", works)


def status_of(value: Any) -> tuple[list[Peripheral], int]:
    """Return cameras and microphones that the status page names, and how much else is down."""
    found: list[Peripheral] = []
    faults = 0
    for one in objects_of(value):
        states = one.get("stateList")
        works = is_working(states[0]) if isinstance(states, list) and states else None
        name = text_of(one.get("langtag"))[:60]
        if works is None or not name:
            continue
        if "camera" in name.lower():
            found.append(Peripheral("camera", name, works))
        elif "microphone" in name.lower():
            found.append(Peripheral("microphone", name, works))
        else:
            faults += not works
    return found, faults


def conferences_of(value: Any) -> list[tuple[str, str, str]]:
    """Return key, far end and protocol of each conference that is going on."""
    found = []
    for one in objects_of(value)[:MOST_CALLS]:
        key = text_of(one.get("id"))
        far, kinds = objects_of(one.get("terminals")), objects_of(one.get("connections"))
        name = (text_of(far[0].get("systemID")) or text_of(far[0].get("address"))) if far else ""
        if key.isascii() and key.isalnum():
            found.append((key, name, word_of(kinds[0].get("callType")) if kinds else ""))
    return found


def streams_of(value: Any) -> Iterator[Stream]:
    """Yield the streams of `mediastats`; of video, the second in a direction is content."""
    seen: set[tuple[Media, Direction]] = set()
    for one in objects_of(value):
        direction = _DIRECTIONS.get(word_of(one.get("mediaDirection")))
        media = _MEDIA.get(word_of(one.get("mediaType")))
        if media == "video" and direction and ("video", direction) in seen:
            media = "content"
        if direction is None or media is None or (media, direction) in seen:
            continue
        seen.add((media, direction))
        yield Stream(
            media,
            direction,
            lost_ratio=ratio_of_percent(one.get("percentPacketLoss")),
            jitter_seconds=seconds_of_ms(one.get("jitter")),
            bits_per_second=kilobits(one.get("actualBitRate")),
            height_pixels=height_of(one.get("mediaFormat")),
            frames_per_second=amount_of(one.get("actualFrameRate")),
            codec=text_of(one.get("mediaAlgorithm")),
        )


# Trio


class Packets(NamedTuple):
    """What a stream of a Trio had counted at a poll."""

    lost: float
    expected: float


def uptime_of(value: Any) -> float | None:
    """Return the seconds of a text such as `1 day 1:41:50`."""
    found = _UPTIME.fullmatch(word_of(value))
    if found is None:
        return None
    days, hours, minutes, seconds = (int(one) for one in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def may_ask_for_streams(software: str) -> bool:
    """Say whether this version survives it; one that cannot be read does not."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", software)
    return found is not None and (int(found[1]), int(found[2])) >= STREAMS_SINCE


def lines_registered(value: Any) -> bool | None:
    """Return whether any line that has a server is registered; None where none has."""
    states = [
        word_of(one.get("RegistrationStatus"))
        for one in objects_of(value)
        if text_of(one.get("ProxyAddress"))
    ]
    return "registered" in states if states else None


def trio_calls(
    value: Any, sessions: Any, before: Mapping[str, Packets]
) -> tuple[tuple[Call, ...], dict[str, Packets]]:
    """Return the calls that are connected, and what their streams had counted."""
    calls = []
    counted: dict[str, Packets] = {}
    for one in objects_of(value)[:MOST_CALLS]:
        key = text_of(one.get("CallHandle"))
        if not key or word_of(one.get("CallState")) != "connected":
            continue
        of_call = [found for found in objects_of(sessions) if text_of(found.get("Ref")) == key]
        streams = objects_of(of_call[0].get("Streams")) if of_call else []
        duration = one.get("DurationInSeconds", one.get("DurationSeconds"))
        calls.append(
            Call(
                key,
                far_end=text_of(one.get("RemotePartyName"))
                or text_of(one.get("RemotePartyNumber")),
                protocol=word_of(one.get("Protocol")).replace("auto", ""),
                duration_seconds=amount_of(duration),
                streams=tuple(_trio_streams(key, streams, before, counted)),
            )
        )
    return tuple(calls), counted


def _trio_streams(
    call: str,
    streams: list[dict[str, Any]],
    before: Mapping[str, Packets],
    counted: dict[str, Packets],
) -> Iterator[Stream]:
    seen: set[Media] = set()
    for one in streams:
        kind = word_of(one.get("Category")).rpartition(":")[2]
        media: Media = "audio" if kind == "voice" else "video"
        if kind not in ("voice", "video") or media in seen:
            continue
        seen.add(media)
        key = f"{call}/{media}"
        lost, expected = amount_of(one.get("PacketsLost")), amount_of(one.get("PacketsExpected"))
        if lost is not None and expected is not None:
            counted[key] = Packets(lost, expected)
        yield Stream(
            media,
            "receive",
            lost_ratio=_lost_ratio(counted.get(key), before.get(key)),
            jitter_seconds=seconds_of_ms(one.get("Jitter")),
            latency_seconds=seconds_of_ms(one.get("Latency")),
            bits_per_second=kilobits(one.get("VideoRxActBitrateKbps")),
            height_pixels=amount_of(one.get("VideoRxFrameHeight")) or None,
            frames_per_second=amount_of(one.get("VideoRxFramerate")),
            codec=text_of(one.get("RxCodec")).partition(":")[2],
        )
        if media == "video":
            yield Stream(
                "video",
                "transmit",
                bits_per_second=kilobits(one.get("VideoTxActBitrateKbps")),
                height_pixels=amount_of(one.get("VideoTxFrameHeight")) or None,
                frames_per_second=amount_of(one.get("VideoTxFramerate")),
                codec=text_of(one.get("TxCodec")).partition(":")[2],
            )


def _lost_ratio(now: Packets | None, before: Packets | None) -> float | None:
    """Return the loss since the last poll, else since the call began."""
    if now is None:
        return None
    went_on = before is not None and before.lost <= now.lost and before.expected < now.expected
    start = before if went_on and before is not None else Packets(0, 0)
    lost, expected = now.lost - start.lost, now.expected - start.expected
    return round(min(lost / expected, 1.0), 6) if expected > 0 else None


def trio_identity(value: Any) -> tuple[str, str, str, float | None]:
    """Return model, software, serial (its hardware address) and seconds since it started."""
    known = fields_of(value)
    return (
        text_of(known.get("ModelNumber")),
        text_of(known.get("FirmwareRelease")),
        text_of(known.get("MACAddress")),
        uptime_of(known.get("UpTimeSinceLastReboot")),
    )
