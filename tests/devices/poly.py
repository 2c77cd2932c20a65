"""A Poly Studio with the REST interface of VideoOS, and a Poly Trio with its own."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.devices.server import BASIC, Came, Device, Said
from tests.probe_means import PASSWORD, USER


def stat(direction: str, kind: str, percent: float, form: str = "") -> dict[str, Any]:
    """Return one line of the media statistics."""
    return {
        "mediaDirection": direction, "mediaType": kind, "actualBitRate": 1_920, "jitter": 12.5,
        "packetLoss": 3, "percentPacketLoss": percent, "actualFrameRate": 30.0,
        "mediaAlgorithm": "H.264", "mediaFormat": form,
    }  # fmt: skip


class PolyStudio(Device):
    """One session at a time; `pages` is what it says, a page that is None is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.session = ""
        self.pages: dict[str, Any] = {
            "/rest/system": {
                "model": "StudioX50",
                "softwareVersion": "4.1.0",
                "serialNumber": "8G",
            },
            "/rest/system/status": [
                {"langtag": "CAMERAS", "stateList": ["UP"]},
                {"langtag": "MICROPHONES", "stateList": ["DOWN"]},
                {"langtag": "PROVISIONING", "stateList": ["DOWN"]},
                {"langtag": "LOG_THRESHOLD", "stateList": ["OFF"]},
            ],
            "/rest/audio/microphones": [
                {"number": "1", "typeInString": "Bàn", "state": "CONNECTED"}
            ],
            "/rest/system/sipservers": [{"address": "10.0.0.5", "state": "down"}],
            "/rest/system/h323gatekeepers": [],
            "/rest/audio/muted": True,
            "/rest/video/local/mute": False,
            "/rest/conferences": [],
        }

    def call(self) -> None:
        """Be in a call with a far end in Vietnamese."""
        self.pages["/rest/conferences"] = [{
            "id": 5, "terminals": [{"address": "sip:a@hop.vn", "systemID": "Điểm cầu xã A"}],
            "connections": [{"callType": "SIP"}],
        }]  # fmt: skip
        self.pages["/rest/conferences/5/mediastats"] = [
            stat("RX", "AUDIO", 0), stat("RX", "VIDEO", 4.0, "1280x720"),
            stat("RX", "VIDEO", 0.1, "1920x1080"), stat("TX", "VIDEO", 0, "1080p"),
        ]  # fmt: skip

    def answer(self, came: Came) -> Said:
        """Log in, or give a page to the session that there is."""
        if came.path == "/rest/current/session":
            self.log_ins += 1
            given = json.loads(came.body)
            if (given.get("user"), given.get("password")) != (USER, PASSWORD):
                return Said(json.dumps({"success": False, "reason": "BadPassword"}))
            self.session = f"PSN0+{self.log_ins}/x="
            return Said(json.dumps({"success": True, "sessionId": self.session}))
        if not self.session or f"session_id={self.session}" not in came.headers.get("cookie", ""):
            return Said("", 403)
        if self.pages.get(came.path) is None:
            return Said("", 404)
        return Said(json.dumps(self.pages[came.path], ensure_ascii=False))


class PolyTrio(Device):
    """Answers one request at a time, and 403 to a second; old versions stand still for streams."""

    def __init__(self, software: str = "5.9.3.2857") -> None:
        super().__init__()
        self.software = software
        self.lines = [{"RegistrationStatus": "registered", "ProxyAddress": "10.0.0.5"}]
        self.streams: list[dict[str, str]] | None = None
        self.under_way = threading.Lock()

    def answer(self, came: Came) -> Said:
        """Refuse a second request while one is under way."""
        if came.headers.get("authorization") != BASIC:
            return Said("", 401)
        if not self.under_way.acquire(blocking=False):
            return Said("", 403)
        try:
            data = self._data(came.path.removeprefix("/api/v1/"))
        finally:
            self.under_way.release()
        if data is None:
            return Said(json.dumps({"Status": "4007"}))
        return Said(json.dumps({"data": data, "Status": "2000"}))

    def _data(self, path: str) -> Any:
        in_call = self.streams is not None
        call = {
            "CallHandle": "0xb53e57c0", "CallState": "Connected", "Protocol": "Sip",
            "RemotePartyName": "Điểm cầu xã A", "DurationInSeconds": "308",
        }  # fmt: skip
        return {
            "mgmt/device/info": {
                "ModelNumber": "Trio 8800", "FirmwareRelease": self.software,
                "MACAddress": "0004f2fe3ab0", "UpTimeSinceLastReboot": "1 Day 22:02:09",
            },
            "mgmt/lineInfo": self.lines,
            "webCallControl/callStatus": call if in_call else None,
            "mgmt/media/sessionStats": [{"Ref": "0xb53e57c0", "Streams": self.streams}],
            "mgmt/media/communicationInfo": {"PhoneMuteState": "True"},
        }.get(path)  # fmt: skip


def voice(lost: int, expected: int) -> dict[str, str]:
    """Return the stream of a voice."""
    return {
        "Category": "0:Voice", "Jitter": "20", "Latency": "40", "PacketsLost": str(lost),
        "PacketsExpected": str(expected), "RxCodec": "3:G.722.1",
    }  # fmt: skip
