"""Every device: what it calls itself and how long it runs; not where it stands or who keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, label, number, whole
from agents.snmp.uptime import uptime_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# SNMPv2-MIB sysUpTime; SNMP-FRAMEWORK-MIB snmpEngineTime; HOST-RESOURCES-MIB hrSystemUptime,
# which is the whole machine's, where sysUpTime may be that of a program on it.
SYSTEM_TICKS = "1.3.6.1.2.1.1.3.0"
ENGINE_SECONDS = "1.3.6.1.6.3.10.2.1.3.0"
HOST_TICKS = "1.3.6.1.2.1.25.1.1.0"
ASKED = Asked((SYSTEM_TICKS, ENGINE_SECONDS, HOST_TICKS))
METRICS = ("wanwatch_device_uptime_seconds", "wanwatch_device_system_info")


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the name and description, and the seconds since the machine began."""
    of = {"target": poll.target}
    first_line = poll.identity.description.strip().split("\n", 1)[0]
    said = {"name": label(poll.identity.name), "description": label(first_line)}
    yield Observation("wanwatch_device_system_info", of | said, 1)
    ticks = whole(poll.values.get(HOST_TICKS, poll.values.get(SYSTEM_TICKS)))
    seconds = uptime_of(poll, ticks, number(poll.values.get(ENGINE_SECONDS)))
    if seconds is not None:
        yield Observation("wanwatch_device_uptime_seconds", of, seconds)


FAMILY = Family(
    name="system",
    is_likely=lambda _: True,
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=2,
)
