"""Devices that date changes of the parts they are made of (ENTITY-MIB): a module put in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.changes import count_changes
from agents.snmp.family import Asked, Family, Poll, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

# entLastChangeTime: sysUpTime then (RFC 6933).
CHANGED = "1.3.6.1.2.1.47.1.4.1.0"
ASKED = Asked((CHANGED,))
CHANGES = "wanwatch_device_parts_changes_total"


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield how often the parts of the device changed while it ran."""
    changed, ticks = whole(poll.values.get(CHANGED)), poll.identity.uptime_ticks
    if changed is not None and ticks is not None:
        changes = count_changes(changed, ticks, poll.at, poll.memory)
        yield Observation(CHANGES, {"target": poll.target}, changes)


FAMILY = Family(
    name="entity",
    is_likely=lambda _: True,
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=(CHANGES,),
    most_series=1,
    leaf=CHANGED,
)
