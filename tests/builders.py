"""Values that many tests need: an instant to begin with, a procedure, a policy, a cause."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from incidents import causes
from incidents.causes import Cause
from incidents.channels import load_policy
from incidents.desk import Desk
from incidents.incident import apply
from incidents.procedures import shipped
from incidents.rulesets import only
from incidents.switchboard import NO_SWITCHBOARD
from incidents.timeline import FIRST_PREVIOUS, new_entry

if TYPE_CHECKING:
    from incidents.incident import Incident
    from incidents.paging_policy import PagingPolicy
    from incidents.switchboard import Switchboard

# Monday 23 November 2026, 09:00 in Viet Nam: office hours, and the day before a holiday.
T0 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PROCEDURE = shipped()
AN, BINH = "person:an", "person:binh"

CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
  hook: {kind: webhook, url: "http://127.0.0.1:9000/hook"}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}
  - {name: Lãnh đạo, channel: hook, severities: [S1, S2]}
repeat: {S1: 5m, S2: 10m, S3: 30m, S4: 4h}
"""


def policy(text: str = CHANNELS) -> PagingPolicy:
    """The paging policy of a text."""
    return load_policy(text, file="channels.yaml")


def desk(
    paging: PagingPolicy | None = None,
    *,
    prefix: str = "message",
    switchboard: Switchboard = NO_SWITCHBOARD,
) -> Desk:
    """A desk whose identifiers count up."""
    ids, salts = itertools.count(1), itertools.count(1)
    return Desk(
        only(PROCEDURE),
        paging if paging is not None else policy(),
        new_message_id=lambda: f"{prefix}-{next(ids)}",
        new_salt=lambda: f"{next(salts):032x}",
        console_url="http://127.0.0.1:8440",
        switchboard=switchboard,
    )


def cause(alert_id: int = 1, **changes: Any) -> Cause:
    """An alert of one host: impact I3 on P4 makes S1, I2 on P1 makes S4."""
    values: dict[str, Any] = {
        "alert_id": alert_id,
        "dedup_key": "FilesystemAlmostFull/may-chu-1",
        "rule": "FilesystemAlmostFull",
        "class_code": "kt_qua_tai",
        "impact": "I3",
        "scope": "P4",
        "severity": "critical",
        "unit": "000.01",
        "unit_name": "Văn phòng Tỉnh ủy",
        "host": "may-chu-1",
        "summary_vi": "Ổ đĩa /var chỉ còn 3 % trống",
        "summary_en": "/var has 3 % left",
        "value": "0.03",
        "started_at": T0,
        "runbook": "filesystem-almost-full",
    }
    return Cause(**(values | changes))


def opened(**changes: Any) -> Incident:
    """Return an incident as an alert opens it."""
    draft = causes.opening(cause(1, **changes), PROCEDURE, T0)
    entry = new_entry(
        code="SC26-0001", seq=1, at=T0, actor="machine:collector", kind=str(draft.kind),
        data=draft.data, texts=draft.texts, salt="00" * 16, previous=FIRST_PREVIOUS, clock=None,
    )  # fmt: skip
    return apply(None, entry)
