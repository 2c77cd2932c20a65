"""Poly endpoints (Group, Trio, G7500, Studio): problems and resolutions share a key.

Source: POLYCOM-ENDPOINT-MIB of 2017-06-09, its notifications and the variables they carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.receivers.meaning import Meaning, Phase, Traps, Values

if TYPE_CHECKING:
    from agents.receivers.notification import Notification

ROOT = "1.3.6.1.4.1.13885.101"
# Under the root, or one deeper, as the MIB's own groups lie.
TYPE, KEY, SUMMARY, SEVERITY, CONFERENCE = (
    (f"{ROOT}.1.99.{n}", f"{ROOT}.99.{n}") for n in (3, 5, 6, 7, 10)
)
_PHASES = {1: Phase.PROBLEM, 2: Phase.RESOLUTION, 3: Phase.INFO}
_PAIRS = {
    (17, 19): "login",
    (21, 22): "port_lock",
    (23, 24): "account_lock",
    (70, 71): "h323_registration",
    (72, 73): "sip_registration",
    (74, 75): "isdn",
    (76, 77): "camera",
    (81, 82): "call_jitter",
    (83, 84): "call_latency",
    (85, 86): "call_loss",
    (87, 88): "presence",
    (89, 90): "call_records",
    (91, 92): "syslog",
    (93, 94): "update_server",
    (95, 96): "provisioning",
    (97, 98): "calendar",
    (99, 100): "phone_book",
    (101, 102): "remote_battery",
}
_KINDS = {problem: (kind, Phase.PROBLEM) for (problem, _), kind in _PAIRS.items()}
_KINDS |= {end: (kind, Phase.RESOLUTION) for (_, end), kind in _PAIRS.items()}
_KINDS |= {
    25: ("configuration", Phase.INFO),
    67: ("software_update_started", Phase.INFO),
    68: ("software_updated", Phase.INFO),
    69: ("software_update_failed", Phase.INFO),
    78: ("call_connected", Phase.INFO),
    79: ("call_disconnected", Phase.INFO),
    80: ("call_failed", Phase.INFO),
}


def read(said: Notification) -> Meaning | None:
    """Return what an endpoint tells; what the device itself says of its phase counts."""
    number = said.kind.removeprefix(f"{ROOT}.0.")
    known = _KINDS.get(int(number)) if number.isdecimal() and len(number) < 5 else None
    if known is None:
        return None
    kind, usual = known
    values = Values(said)
    labels = {}
    severity = values.number(*SEVERITY)
    if severity is not None and 0 <= severity <= 7:
        labels["severity"] = str(severity)
    if conference := values.text(*CONFERENCE):
        labels["conference"] = conference
    phase = _PHASES.get(values.number(*TYPE) or 0, usual)
    return Meaning(kind, phase, values.text(*KEY), labels, values.text(*SUMMARY))


TRAPS = Traps("poly", (f"{ROOT}.0",), read)
