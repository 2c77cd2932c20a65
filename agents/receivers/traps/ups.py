"""UPS of any maker that follow the standard: on battery, and alarms that come and go.

Source: RFC 1628, upsTraps and upsWellKnownAlarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.receivers.meaning import Meaning, Phase, Traps, Values

if TYPE_CHECKING:
    from agents.receivers.notification import Notification

ROOT = "1.3.6.1.2.1.33"
MINUTES_LEFT, SECONDS_ON_BATTERY = f"{ROOT}.1.2.3", f"{ROOT}.1.2.2"
ALARM_ID, ALARM, WELL_KNOWN = f"{ROOT}.1.6.2.1.1", f"{ROOT}.1.6.2.1.2", f"{ROOT}.1.6.3."
TEST_RESULT = f"{ROOT}.1.7.4"
_ALARMS = (
    "battery_bad",
    "on_battery",
    "low_battery",
    "depleted_battery",
    "temperature",
    "input",
    "output",
    "overload",
    "on_bypass",
    "bypass",
    "output_off_as_requested",
    "off_as_requested",
    "charger",
    "output_off",
    "system_off",
    "fan",
    "fuse",
    "general",
    "test_failed",
    "communications",
    "awaiting_power",
    "shutdown_pending",
    "shutdown_imminent",
    "test_running",
)


def read(said: Notification) -> Meaning | None:
    """Return what a UPS tells; on battery it does so again every minute, and never when it ends."""
    number = said.kind.removeprefix(f"{ROOT}.2.").removeprefix("0.")  # as one of v1 is called
    values = Values(said)
    match number:
        case "1":
            left, since = values.number(MINUTES_LEFT), values.number(SECONDS_ON_BATTERY)
            labels = {} if left is None else {"minutes_left": str(left)}
            return Meaning(
                "ups_on_battery",
                Phase.PROBLEM,
                labels=labels,
                detail="" if since is None else f"{since} s on battery",
            )
        case "2":
            return Meaning("ups_tested", Phase.INFO, detail=values.text(TEST_RESULT))
        case "3" | "4":
            phase = Phase.PROBLEM if number == "3" else Phase.RESOLUTION
            row = values.number(ALARM_ID)
            labels = {"alarm": _alarm(values.text(ALARM))}
            return Meaning("ups_alarm", phase, "" if row is None else str(row), labels)
    return None


def _alarm(oid: str) -> str:
    number = oid.removeprefix(WELL_KNOWN)
    is_known = number != oid and number.isdecimal() and 0 < int(number[:5]) <= len(_ALARMS)
    return _ALARMS[int(number) - 1] if is_known else oid or "unknown"


TRAPS = Traps("ups", (f"{ROOT}.2",), read)
