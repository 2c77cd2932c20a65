"""Tighter rules for what lies in the path of a session, for as long as that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.outages.topology import TARGET_PREFIX, above

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.judge import Judge


def tighten(fleet: Fleet, judge: Judge, targets: Iterable[str], now: datetime) -> None:
    """Judge these targets, and those they are reached through, by the tighter rules from now on.

    All others are judged as usual. What is pending or firing goes on under the other rule.
    """
    own = {TARGET_PREFIX + name for name in targets}
    on_the_way = (node for one in own for node in above(one, fleet.targets.uplinks))
    nodes = frozenset(own | {node for node in on_the_way if node.startswith(TARGET_PREFIX)})
    changed = nodes ^ fleet.in_session
    fleet.in_session = nodes
    for node in sorted(changed):
        place = fleet.find(node)
        if place is not None:
            judge.rebind(place, now)
