"""A Codian or Cisco bridge with its XML-RPC, read and written by the standard library."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

from tests.devices.server import Came, Device, Said
from tests.probe_means import PASSWORD, USER

FAULTS = {1: "method not supported", 14: "authorization failed", 16: "invalid enumerateID"}
ABOUT = {
    "model": "Codian MCU 4510", "serial": "SM000001", "softwareVersion": "4.5(1.89)",
    "apiVersion": "2.10", "totalVideoPorts": 20, "totalAudioOnlyPorts": 5,
    "currentTime": xmlrpc.client.DateTime("20261126T08:10:00"),
    "restartTime": xmlrpc.client.DateTime("20261125T08:00:00"),
    "activatedFeatures": [{"feature": "Video Firewall"}],
}  # fmt: skip
HEALTH = {
    "cpuLoad": 31, "mediaLoad": 92, "audioLoad": 12, "videoLoad": 80, "fanStatus": "ok",
    "temperatureStatus": "outOfSpec", "temperatureStatusWorst": "critical",
    "voltagesStatus": "critical", "rtcBatteryStatus": "ok", "operationalStatus": "active",
}  # fmt: skip


def participant(name: str, lost: int = 0, came: int = 0, **said: Any) -> dict[str, Any]:
    """Return somebody who is in: of video so many packets lost and received."""
    state = {
        "callState": "connected", "connectTime": xmlrpc.client.DateTime("20261126T08:00:00"),
        "displayName": "Điểm cầu xã", "address": "10.42.1.20", "audioRxMuted": False,
        "videoRxMuted": False, "activeSpeaker": False, "videoRxLost": lost,
        "videoRxReceived": came,
    }  # fmt: skip
    known_by = {
        "participantName": name, "participantProtocol": "sip", "participantType": "ad_hoc",
        "conferenceName": "Giao ban <tỉnh> & xã",
    }  # fmt: skip
    return known_by | {"currentState": state | said}


class CodianMcu(Device):
    """`answers` is what each method says; a number there is the fault that it answers with."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {"device.query": ABOUT, "device.health.query": HEALTH}
        self.participants = [participant(f"xã {number}") for number in range(5)]
        self.conferences = ["Giao ban <tỉnh> & xã"]
        self.in_a_page = 2
        self.refuses_with = 14
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.never_ends = False

    def answer(self, came: Came) -> Said:
        """Let a user in with each call, and answer it."""
        if (came.method, came.path) != ("POST", "/RPC2"):
            return Said("", 404)
        (given,), method = xmlrpc.client.loads(came.body)
        self.calls.append((str(method), given))  # type: ignore[arg-type]
        who = (given["authenticationUser"], given["authenticationPassword"])  # type: ignore[call-overload,index]
        if who != (USER, PASSWORD):
            return self._fault(self.refuses_with)
        said = self.answers.get(str(method), self._listed(str(method), given))  # type: ignore[arg-type]
        if isinstance(said, Said):
            return said
        return self._fault(said) if isinstance(said, int) else self._said(said)

    def _listed(self, method: str, given: dict[str, Any]) -> dict[str, Any] | int:
        lists: dict[str, tuple[str, list[Any]]] = {
            "participant.enumerate": ("participants", self.participants),
            "conference.enumerate": (
                "conferences",
                [{"conferenceName": one} for one in self.conferences],
            ),
        }
        if method not in lists:
            return 1
        name, every = lists[method]
        start = int(given.get("enumerateID", "0"))
        end = start + self.in_a_page
        some = every[start:end]
        is_more = end < len(every) or self.never_ends
        return ({name: some} if some else {}) | ({"enumerateID": str(end)} if is_more else {})

    def _fault(self, code: int) -> Said:
        return self._said(xmlrpc.client.Fault(code, FAULTS.get(code, "operation failed")))

    def _said(self, value: Any) -> Said:
        wrapped = value if isinstance(value, xmlrpc.client.Fault) else (value,)
        return Said(xmlrpc.client.dumps(wrapped, methodresponse=True))
