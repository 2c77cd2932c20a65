"""A Huawei TE with the web interface of its own pages."""

from __future__ import annotations

import json
from typing import Any

from tests.devices.server import Came, Device, Said
from tests.probe_means import PASSWORD, USER

SUCCESS = {"success": 1}
REFUSED = {"success": 0, "exception": {"id": 100_663_297}}


class HuaweiTe(Device):
    """Packs its data into a text once more, as TE20 does; a session ends when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, Any] = {
            "callstate": 2, "conftype": 1, "calltype": 8, "mic": 0, "RemoteMicStates": 1
        }  # fmt: skip
        self.sleep: str | None = "unsleep"
        self.session = self.token = ""
        self.refuses_with = 200
        self.is_packed = True

    def expire(self) -> None:
        """Forget the session."""
        self.session = self.token = ""

    def answer(self, came: Came) -> Said:
        """Walk through the dialogue: session, log-in, questions."""
        action = came.path.partition("ActionID=")[2]
        fields = json.loads(came.body or b"{}")
        if action == "WEB_RequestSessionIDAPI":
            self.session, self.token = f"s{len(self.asked)}==", ""
            cookies = f"lang=vi; Path=/\nSessionID={self.session}; Path=/; HttpOnly\nuser=; Path=/"
            return Said(json.dumps(SUCCESS | {"data": {}}), headers={"Set-Cookie": cookies})
        is_ours = bool(self.session) and f"SessionID={self.session}" in came.headers.get(
            "cookie", ""
        )
        if action == "WEB_RequestCertificateAPI":
            self.log_ins += 1
            if not is_ours or (fields["user"], fields["password"]) != (USER, PASSWORD):
                return Said(json.dumps(REFUSED))
            self.token = f"csrf-{self.log_ins}"
            return self._data({"acCSRFToken": self.token})
        if not is_ours or not self.token or fields.get("acCSRFToken") != self.token:
            return Said(json.dumps(REFUSED), self.refuses_with, {"Location": "/login"})
        if action == "WEB_GetMailboxDataAPI":
            return self._data({"state": json.dumps(self.state) if self.is_packed else self.state})
        if action == "WEB_IsSystemSleepAPI" and self.sleep is not None:
            return self._data({"isSystemSleep": self.sleep})
        return Said(json.dumps(REFUSED))

    def _data(self, data: dict[str, Any]) -> Said:
        packed: Any = json.dumps(data) if self.is_packed else data
        return Said(json.dumps(SUCCESS | {"data": packed}))
