"""What a Codian or Cisco bridge says: its parts, its load, how many are in and what is lost.

Names of people and rooms are looked at to know a participant again, and are in no label. Source of
names and of their meaning: the reference of the remote management API, versions 2.5 to 2.10.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.device_text import amount_of, fields_of, ratio_of_percent, text_of, word_of
from agents.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FAMILY = "codian"
LOADS = ("cpu", "media", "audio", "video")
# A temperature and a voltage, named by what fails.
PARTS = {
    "fan": "fanStatus", "cooling": "temperatureStatus", "power": "voltagesStatus",
    "clock_battery": "rtcBatteryStatus",
}  # fmt: skip
OUT_OF_RANGE, CRITICAL = "outofspec", "critical"
PORTS = {"video": "totalVideoPorts", "audio": "totalAudioOnlyPorts"}
MEDIA = ("audio", "video")
# Fewer packets between two polls say nothing of a line.
LEAST_PACKETS = 100
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d):(\d\d):(\d\d)Z?", re.ASCII)
_KNOWN_BY = (
    "conferenceName", "autoAttendantUniqueId", "participantName", "participantProtocol",
    "participantType", "connectTime",
)  # fmt: skip
METRICS = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_uptime_seconds", "wanwatch_endpoint_faults",
    "wanwatch_bridge_part_up", "wanwatch_bridge_load_ratio", "wanwatch_bridge_ports",
    "wanwatch_bridge_conferences", "wanwatch_bridge_participants",
    "wanwatch_bridge_muted_participants", "wanwatch_bridge_lost_ratio",
    "wanwatch_bridge_worst_lost_ratio",
)  # fmt: skip
MOST_SERIES = 3 + len(PARTS) + len(LOADS) + len(PORTS) + 2 + 5 * len(MEDIA)

Of = dict[str, str]
Key = tuple[str, ...]
# By media and direction: packets lost, and packets in all.
Counted = dict[tuple[str, str], tuple[float, float]]


class Participant(NamedTuple):
    """Somebody who is in.

    Attributes:
        key: What it is known by at the next poll; another after it came anew.
        muted: By media, whether the bridge drops what it sends; left out where nothing is said.
    """

    key: Key
    muted: dict[str, bool]
    counted: Counted


def read_device(of: Of, device: Mapping[str, Any]) -> Iterator[Observation]:
    """Yield who it is, how long it runs and what it has."""
    info = {
        "family": FAMILY,
        "model": text_of(device.get("model")),
        "software": text_of(device.get("softwareVersion")),
        "serial": text_of(device.get("serial")),
    }
    yield Observation("wanwatch_endpoint_info", of | info, 1)
    uptime = _seconds_between(device.get("restartTime"), device.get("currentTime"))
    if uptime is not None:
        yield Observation("wanwatch_endpoint_uptime_seconds", of, uptime)
    for media, name in PORTS.items():
        if (count := amount_of(device.get(name))) is not None:
            yield Observation("wanwatch_bridge_ports", of | {"media": media}, count)


def _seconds_between(start: Any, end: Any) -> float | None:
    first, last = _time_of(start), _time_of(end)
    return amount_of((last - first).total_seconds()) if first and last else None


def _time_of(value: Any) -> datetime | None:
    """Return an instant in the device's own time, which is said to be UTC."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        return datetime(*map(int, found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001 - two of them are compared
    except ValueError:
        return None


def read_health(of: Of, health: Mapping[str, Any]) -> Iterator[Observation]:
    """Yield what its parts and its load are; what is out of range, and works yet, is a fault."""
    for part in LOADS:
        if (ratio := ratio_of_percent(health.get(f"{part}Load"))) is not None:
            yield Observation("wanwatch_bridge_load_ratio", of | {"part": part}, ratio)
    words = {part: word_of(health.get(name)) for part, name in PARTS.items()}
    told = {part: word for part, word in words.items() if word in ("ok", OUT_OF_RANGE, CRITICAL)}
    for part, word in told.items():
        yield Observation("wanwatch_bridge_part_up", of | {"part": part}, int(word != CRITICAL))
    if told:
        faults = sum(word == OUT_OF_RANGE for word in told.values())
        yield Observation("wanwatch_endpoint_faults", of, faults)


def read_participants(listed: Iterable[Any]) -> list[Participant]:
    """Return who is in, each once; older versions write the state beside the name."""
    found: dict[Key, Participant] = {}
    for one in listed:
        fields = fields_of(one)
        state = fields | fields_of(fields.get("currentState"))
        if not fields or word_of(state.get("callState", "connected")) != "connected":
            continue
        key = tuple(text_of(state.get(name)) for name in _KNOWN_BY)
        muted = {media: state.get(f"{media}RxMuted") for media in MEDIA}
        said = {media: one for media, one in muted.items() if isinstance(one, bool)}
        found.setdefault(key, Participant(key, said, _counted(state)))
    return list(found.values())


def _counted(state: Mapping[str, Any]) -> Counted:
    """Return what the bridge got, and what it sent as far as the other side told it."""
    found: Counted = {}
    for media in MEDIA:
        lost, came = (
            amount_of(state.get(f"{media}RxLost")),
            amount_of(state.get(f"{media}RxReceived")),
        )
        if lost is not None and came is not None:
            found[media, "receive"] = lost, lost + came
        lost, sent = (
            amount_of(state.get(f"{media}TxReportedLost")),
            amount_of(state.get(f"{media}TxSent")),
        )
        if lost is not None and sent is not None:
            found[media, "transmit"] = lost, sent
    return found


def told_of(
    of: Of, participants: list[Participant], before: Mapping[Key, Counted]
) -> Iterator[Observation]:
    """Yield how many there are, how many are muted, and the loss of all and of the worst.

    Args:
        before: What each had counted at the last poll.
    """
    yield Observation("wanwatch_bridge_participants", of, len(participants))
    for media in MEDIA:
        said = [one.muted[media] for one in participants if media in one.muted]
        if said or not participants:
            labels = of | {"media": media}
            yield Observation("wanwatch_bridge_muted_participants", labels, sum(said))
    parts: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in participants:
        for stream, part in _since(before.get(one.key, {}), one.counted):
            parts.setdefault(stream, []).append(part)
    for (media, direction), many in parts.items():
        labels = of | {"media": media, "direction": direction}
        lost, whole = sum(part[0] for part in many), sum(part[1] for part in many)
        worst = max(part[0] / part[1] for part in many)
        yield Observation("wanwatch_bridge_lost_ratio", labels, round(lost / whole, 6))
        yield Observation("wanwatch_bridge_worst_lost_ratio", labels, round(worst, 6))


def _since(before: Counted, now: Counted) -> Iterator[tuple[tuple[str, str], tuple[float, float]]]:
    """Yield lost and all packets since the last poll; nothing where it began to count anew."""
    for stream, (lost, whole) in now.items():
        if stream in before:
            more_lost, more = lost - before[stream][0], whole - before[stream][1]
            if more_lost >= 0 and more >= LEAST_PACKETS:
                yield stream, (min(more_lost, more), more)
