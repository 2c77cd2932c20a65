"""A Poly Trio over its REST interface; it answers one request at a time, and 403 to a second.

Busy with somebody else's question it is alive and says nothing of itself: the next turn asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.device import Device, DeviceParams, Told, good
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import fields_of, number_of, read_json, switch_of
from agents.endpoint import MOST_SERIES, Endpoint, observe
from agents.probe import Means, Probe
from agents.probes.poly_state import (
    Packets,
    lines_registered,
    may_ask_for_streams,
    trio_calls,
    trio_identity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.check import Observation

NAME = FAMILY = "poly_trio"
RIGHT, NO_CALL = 2000, 4007
TOLD = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_registered", "wanwatch_endpoint_calls",
    "wanwatch_endpoint_microphone_muted", "wanwatch_endpoint_uptime_seconds",
    "wanwatch_call_info", "wanwatch_call_duration_seconds", "wanwatch_call_lost_ratio",
    "wanwatch_call_jitter_seconds", "wanwatch_call_media_latency_seconds",
    "wanwatch_call_bits_per_second", "wanwatch_call_frame_height_pixels",
    "wanwatch_call_best_frame_height_pixels", "wanwatch_call_frames_per_second",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrioParams(DeviceParams):
    """A Trio whose REST interface is switched on."""


def run(params: TrioParams, means: Means) -> list[Observation]:
    """Ask for what it is, its lines and its calls, one after the other."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    model, software, serial, uptime = trio_identity(_data(device, "mgmt/device/info"))
    registered = lines_registered(_data(device, "mgmt/lineInfo"))
    status = _data(device, "webCallControl/callStatus")
    has_call = bool(status)
    streams = None
    if has_call and may_ask_for_streams(software):
        streams = _data(device, "mgmt/media/sessionStats")
    muted = _data(device, "mgmt/media/communicationInfo") if has_call else None
    kept = device.memory.get(NAME)
    before: dict[str, Packets] = kept if isinstance(kept, dict) else {}
    calls, device.memory[NAME] = trio_calls(status, streams, before)
    endpoint = Endpoint(
        FAMILY,
        model=model,
        software=software,
        serial=serial,
        registered={} if registered is None else {"sip": registered},
        calls=calls,
        is_microphone_muted=switch_of(fields_of(muted).get("PhoneMuteState")),
        uptime_seconds=uptime,
    )
    yield from observe(device.params.target, endpoint, device.memory)


def _data(device: Device, path: str) -> Any:
    """Return the data of an answer; None where it says that there is no call to speak of."""
    came = device.get(f"/api/v1/{path}", device.basic)
    if came.status == 403:
        raise Told(Answer.BUSY)
    said = fields_of(read_json(good(came).body))
    status = number_of(said.get("Status"))
    if status == NO_CALL:
        return None
    if status != RIGHT:
        raise Told(Answer.GARBAGE if status is None else Answer.OUT_OF_SERVICE)
    return said.get("data")


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=TrioParams,
    metrics=(*TOLD, *ADMITTED),
    most_series=MOST_SERIES + 5,
    run=run,
)
