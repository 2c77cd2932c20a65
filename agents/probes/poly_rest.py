"""A Poly G7500 or Studio (VideoOS) over its REST interface; one session, kept from poll to poll.

403 says that the session is lost: one log-in makes another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.device import Device, DeviceParams, Told, good, token_of
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import fields_of, read_json, switch_of, text_of
from agents.endpoint import MOST_SERIES, Call, Endpoint, Protocol, observe
from agents.probe import Means, Probe
from agents.probes.poly_state import (
    conferences_of,
    is_registered,
    microphones_of,
    status_of,
    streams_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.check import Observation

NAME = "poly_rest"
FAMILY = "poly_videoos"
SERVERS: tuple[tuple[str, Protocol], ...] = (
    ("/rest/system/sipservers", "sip"),
    ("/rest/system/h323gatekeepers", "h323"),
)
TOLD = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_registered", "wanwatch_endpoint_calls",
    "wanwatch_endpoint_microphone_muted", "wanwatch_endpoint_video_muted",
    "wanwatch_endpoint_peripheral_up", "wanwatch_endpoint_faults", "wanwatch_call_info",
    "wanwatch_call_lost_ratio", "wanwatch_call_jitter_seconds", "wanwatch_call_bits_per_second",
    "wanwatch_call_frame_height_pixels", "wanwatch_call_best_frame_height_pixels",
    "wanwatch_call_frames_per_second",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolyParams(DeviceParams):
    """An endpoint with remote access to its web interface."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a log-in gave; shown to nobody."""

    key: str

    def __repr__(self) -> str:
        """Hide it."""
        return "Session(…)"


class _Lost(Exception):
    """The device does not know the session any more."""


def run(params: PolyParams, means: Means) -> list[Observation]:
    """Ask for its state, with the session that there is or a new one."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    kept = device.shared.get(NAME)
    endpoint = None
    if isinstance(kept, Session):
        try:
            endpoint = _ask(device, kept)
        except _Lost:
            device.shared.pop(NAME, None)
    if endpoint is None:
        session = device.shared[NAME] = _log_in(device)
        try:
            endpoint = _ask(device, session)
        except _Lost:
            device.shared.pop(NAME, None)
            raise Told(Answer.DENIED) from None
    yield from observe(device.params.target, endpoint, device.memory)


def _log_in(device: Device) -> Session:
    body = json.dumps({"user": device.user, "password": device.password}).encode()
    came = device.post("/rest/current/session", body, {"Content-Type": "application/json"})
    said = fields_of(read_json(good(came).body))
    if said.get("success") is not True:
        raise Told(Answer.DENIED)
    return Session(token_of(said.get("sessionId")))


def _ask(device: Device, session: Session) -> Endpoint:
    system = fields_of(_get(device, session, "/rest/system"))
    if not system:
        raise Told(Answer.GARBAGE)
    attached, faults = status_of(_get(device, session, "/rest/system/status", needed=False))
    microphones = list(
        microphones_of(_get(device, session, "/rest/audio/microphones", needed=False))
    )
    registered: dict[Protocol, bool] = {}
    for path, protocol in SERVERS:
        state = is_registered(_get(device, session, path, needed=False))
        if state is not None:
            registered[protocol] = state
    # Each microphone says more than the one word that the status page has for all.
    others = [one for one in attached if one.kind != "microphone" or not microphones]
    return Endpoint(
        FAMILY,
        model=text_of(system.get("model")),
        software=text_of(system.get("softwareVersion")),
        serial=text_of(system.get("serialNumber")),
        registered=registered,
        calls=tuple(_calls(device, session)),
        is_microphone_muted=switch_of(_get(device, session, "/rest/audio/muted", needed=False)),
        is_video_muted=switch_of(_get(device, session, "/rest/video/local/mute", needed=False)),
        peripherals=(*microphones, *others),
        faults=faults,
    )


def _calls(device: Device, session: Session) -> Iterator[Call]:
    for key, far_end, protocol in conferences_of(_get(device, session, "/rest/conferences")):
        stats = _get(device, session, f"/rest/conferences/{key}/mediastats", needed=False)
        yield Call(key, far_end=far_end, protocol=protocol, streams=tuple(streams_of(stats)))


def _get(device: Device, session: Session, path: str, *, needed: bool = True) -> Any:
    """Return what a page says; None for one that this version does not have and may lack."""
    came = device.get(path, {"Cookie": f"session_id={session.key}", "Accept": "application/json"})
    if came.status in (401, 403):
        raise _Lost
    if came.status == 404 and not needed:
        return None
    return read_json(good(came).body)


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=PolyParams,
    metrics=(*TOLD, *ADMITTED),
    most_series=MOST_SERIES + 5,
    run=run,
)
