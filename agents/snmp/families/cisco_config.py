"""Cisco devices that date changes of their configuration (CISCO-CONFIG-MAN-MIB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.changes import STARTING_TICKS, age_seconds, count_changes
from agents.snmp.family import Asked, Family, Poll, is_below, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

# ccmHistoryRunningLastChanged, ccmHistoryRunningLastSaved: sysUpTime then.
CHANGED, SAVED = "1.3.6.1.4.1.9.9.43.1.1.1.0", "1.3.6.1.4.1.9.9.43.1.1.2.0"
ASKED = Asked((CHANGED, SAVED))
CHANGES = "wanwatch_device_config_changes_total"
AGE = "wanwatch_device_config_age_seconds"
UNSAVED = "wanwatch_device_config_unsaved"


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield how often the running configuration changed, how long ago, and whether it is kept."""
    changed, ticks = whole(poll.values.get(CHANGED)), poll.identity.uptime_ticks
    if changed is None or ticks is None or ticks < 0:
        return
    of = {"target": poll.target}
    age = age_seconds(changed, ticks)
    yield Observation(CHANGES, of, count_changes(changed, ticks, poll.at, poll.memory))
    yield Observation(AGE, of, age)
    saved = whole(poll.values.get(SAVED))
    if saved is not None:
        is_from_start = changed < STARTING_TICKS
        is_unsaved = not is_from_start and age < age_seconds(saved, ticks)
        yield Observation(UNSAVED, of, int(is_unsaved))


FAMILY = Family(
    name="cisco_config",
    is_likely=lambda identity: is_below(identity.object_id, "1.3.6.1.4.1.9"),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=(CHANGES, AGE, UNSAVED),
    most_series=3,
    leaf=CHANGED,
)
