"""A Huawei TE or Box over the web interface that its own pages use: `action.cgi`.

A session is asked for, then logged in to; the token that comes of it goes with each question. The
session is kept from poll to poll, and when the device has forgotten it, one log-in makes another.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.device import Device, DeviceParams, Told, good, token_of
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import NotReadable, fields_of, number_of, read_json, word_of
from agents.endpoint import MOST_SERIES, Call, Endpoint, observe
from agents.probe import Means, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.check import Observation

NAME = FAMILY = "huawei_te"
_COOKIE = re.compile(r"SessionID=([^;,\s]+)")
_TO_THE_LOG_IN = frozenset({301, 302, 303, 307})
_PROTOCOLS = {3: "h323", 8: "sip"}
# The kinds of conference a device can be in; 0 is none.
_IN_A_CALL = frozenset({1, 2, 3, 4})
TOLD = (
    "wanwatch_endpoint_info", "wanwatch_endpoint_calls", "wanwatch_endpoint_standby",
    "wanwatch_endpoint_microphone_muted", "wanwatch_call_info",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HuaweiParams(DeviceParams):
    """An endpoint; the user is one for its interface (`api` as delivered)."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a log-in gave; shown to nobody."""

    cookie: str
    token: str

    def __repr__(self) -> str:
        """Hide both."""
        return "Session(…)"


class _Forgotten(Exception):
    """The device does not know the session any more."""


def run(params: HuaweiParams, means: Means) -> list[Observation]:
    """Ask for its state, with the session that there is or a new one."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    kept = device.shared.get(NAME)
    session = kept if isinstance(kept, Session) else None
    endpoint = None
    if session is not None:
        try:
            endpoint = _ask(device, session)
        except _Forgotten:
            device.shared.pop(NAME, None)
    if endpoint is None:
        session = _log_in(device)
        device.shared[NAME] = session
        try:
            endpoint = _ask(device, session)
        except _Forgotten:
            device.shared.pop(NAME, None)
            raise Told(Answer.DENIED) from None
    yield from observe(device.params.target, endpoint, device.memory)


def _ask(device: Device, session: Session) -> Endpoint:
    mailbox = _data(device, "WEB_GetMailboxDataAPI", session)
    if mailbox is None:
        raise _Forgotten
    # Not every model knows this one.
    sleeping = _data(device, "WEB_IsSystemSleepAPI", session)
    return read_state(mailbox, sleeping or {})


def read_state(mailbox: dict[str, Any], sleeping: dict[str, Any]) -> Endpoint:
    """Return what the two answers say; a state that is not in them stays unknown.

    `callstate` is left alone: what 2 means is told differently by different devices.

    Raises:
        NotReadable: The first has no state at all.
    """
    state = fields_of(mailbox.get("state"))
    if not state:
        raise NotReadable("no state")
    kind, microphone = number_of(state.get("conftype")), number_of(state.get("mic"))
    calls: tuple[Call, ...] | None = None
    if kind is not None:
        protocol = _PROTOCOLS.get(int(number_of(state.get("calltype")) or 0), "")
        calls = (Call("1", protocol=protocol),) if kind in _IN_A_CALL else ()
    sleep = word_of(sleeping.get("isSystemSleep"))
    return Endpoint(
        FAMILY,
        calls=calls,
        is_standby={"sleep": True, "unsleep": False}.get(sleep),
        is_microphone_muted=None if microphone is None else microphone == 0,
    )


def _log_in(device: Device) -> Session:
    came = _post(device, "WEB_RequestSessionIDAPI", {}, "")
    cookie = _COOKIE.search(came.cookies)
    found = cookie[1] if cookie else came.data.get("acSessionId")
    if not came.is_success:
        raise Told(Answer.OUT_OF_SERVICE)
    session = token_of(found)
    given = {"user": device.user, "password": device.password}
    came = _post(device, "WEB_RequestCertificateAPI", given, session)
    if not came.is_success:
        raise Told(Answer.DENIED)
    changed = _COOKIE.search(came.cookies)
    return Session(
        token_of(changed[1]) if changed else session, token_of(came.data.get("acCSRFToken"))
    )


def _data(device: Device, action: str, session: Session) -> dict[str, Any] | None:
    """Return the data of an answer; None where the device says that it did not succeed."""
    try:
        came = _post(device, action, {"acCSRFToken": session.token}, session.cookie)
    except Told as told:
        if told.answer is Answer.DENIED:
            raise _Forgotten from None
        raise
    return came.data if came.is_success else None


@dataclass(frozen=True, slots=True)
class _Came:
    is_success: bool
    data: dict[str, Any]
    cookies: str


def _post(device: Device, action: str, fields: dict[str, str], cookie: str) -> _Came:
    headers = {"Content-Type": "application/json"}
    if cookie:
        headers["Cookie"] = f"SessionID={cookie}"
    body = json.dumps(fields).encode() if fields else b""
    came = device.post(f"/action.cgi?ActionID={action}", body, headers)
    if came.status in _TO_THE_LOG_IN:
        raise Told(Answer.DENIED)
    good(came)
    said = read_json(came.body)
    if not isinstance(said, dict) or "success" not in said:
        raise NotReadable("no answer of this interface")
    is_success = number_of(said["success"]) == 1
    return _Came(is_success, fields_of(said.get("data")), came.headers.get("set-cookie", ""))


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=HuaweiParams,
    metrics=(*TOLD, *ADMITTED),
    most_series=MOST_SERIES + 5,
    run=run,
)
