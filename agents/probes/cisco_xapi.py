"""A codec of Cisco or Tandberg (CE, RoomOS, TC) over its xAPI: one page of XML, one request.

When a call has ended, its history is asked for once: what a poll missed stands there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.device import Device, DeviceParams, Told, good
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import Node, NotReadable, read_xml
from agents.endpoint import MOST_SERIES, LastCall, observe
from agents.probe import Means, Probe
from agents.probes.cisco_status import Counted, read_history, read_status
from agents.seen import lost_or_working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.check import Observation

NAME = "cisco_xapi"
STATUS = "/getxml?location=/Status"
HISTORY = (
    b"<Command><CallHistory><Get><DetailLevel>Full</DetailLevel><Limit>4</Limit></Get>"
    b"</CallHistory></Command>"
)
TOLD = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_registered", "wanwatch_endpoint_calls",
    "wanwatch_endpoint_standby", "wanwatch_endpoint_microphone_muted",
    "wanwatch_endpoint_video_muted", "wanwatch_endpoint_peripheral_up",
    "wanwatch_endpoint_uptime_seconds", "wanwatch_endpoint_faults",
    "wanwatch_endpoint_last_call_timestamp_seconds", "wanwatch_endpoint_last_call_lost_ratio",
    "wanwatch_call_info", "wanwatch_call_duration_seconds", "wanwatch_call_encrypted",
    "wanwatch_call_lost_ratio", "wanwatch_call_jitter_seconds", "wanwatch_call_bits_per_second",
    "wanwatch_call_frame_height_pixels", "wanwatch_call_best_frame_height_pixels",
    "wanwatch_call_frames_per_second",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CiscoParams(DeviceParams):
    """A codec with its web interface switched on; a user with the role of a reader is enough."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last poll left behind.

    Attributes:
        at: When it was, monotonic seconds.
        calls: The calls that were going on.
    """

    at: float
    counted: dict[str, Counted]
    calls: frozenset[str]
    last_call: LastCall | None = None


def run(params: CiscoParams, means: Means) -> list[Observation]:
    """Ask for the status tree."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    means, target = device.means, device.params.target
    root = Node(read_xml(good(device.get(STATUS, device.basic)).body))
    status = root if root.name == "Status" else root.at("Status")
    if not status.is_there:
        raise Told(Answer.GARBAGE)
    before = device.memory.get(NAME)
    former = before if isinstance(before, Remembered) else None
    at = means.monotonic()
    found = read_status(
        status, former.counted if former else {}, at - former.at if former else None
    )
    calls = frozenset(one.key for one in found.endpoint.calls or ())
    last = former.last_call if former else None
    ended = former.calls - calls if former else frozenset()
    if ended:
        last = _last_call(device, ended) or last
    device.memory[NAME] = Remembered(at, found.counted, calls, last)
    sockets, notes = lost_or_working(found.sockets, means.notes.of(NAME), target, means.now())
    for key, day in notes.items():
        means.notes.put(NAME, key, day)
    endpoint = replace(
        found.endpoint, peripherals=sockets + found.endpoint.peripherals, last_call=last
    )
    yield from observe(target, endpoint, device.memory)


def _last_call(device: Device, ended: frozenset[str]) -> LastCall | None:
    """Return what the codec noted; a reader who may not ask for it goes without."""
    try:
        came = good(device.post("/putxml", HISTORY, {**device.basic, "Content-Type": "text/xml"}))
        lost = read_history(Node(read_xml(came.body)), ended)
    except (Told, NotReadable, OSError):
        return None
    return LastCall(device.means.now(), lost) if lost is not None else None


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=CiscoParams,
    metrics=(*TOLD, *ADMITTED),
    most_series=MOST_SERIES + 5,
    run=run,
)
