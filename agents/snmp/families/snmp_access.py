"""Every device: whom its SNMP turned away, by why; somebody may be trying names and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

# SNMPv2-MIB (RFC 3418) and SNMP-USER-BASED-SM-MIB (RFC 3414). Unknown engines are left out: that
# is how every manager of version 3 begins.
REASONS = {
    "community": "1.3.6.1.2.1.11.4.0",
    "community_use": "1.3.6.1.2.1.11.5.0",
    "security_level": "1.3.6.1.6.3.15.1.1.1.0",
    "user": "1.3.6.1.6.3.15.1.1.3.0",
    "password": "1.3.6.1.6.3.15.1.1.5.0",
    "privacy_password": "1.3.6.1.6.3.15.1.1.6.0",
}
ASKED = Asked(tuple(REASONS.values()))
METRIC = "wanwatch_device_snmp_refused_total"


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield what the device counted since it started."""
    for reason, oid in REASONS.items():
        count = whole(poll.values.get(oid))
        if count is not None:
            yield Observation(METRIC, {"target": poll.target, "reason": reason}, count)


FAMILY = Family(
    name="snmp_access",
    is_likely=lambda _: True,
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=(METRIC,),
    most_series=len(REASONS),
)
