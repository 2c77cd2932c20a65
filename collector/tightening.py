"""Tighter rules for what lies in the path of a session, for as long as that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.topology import TARGET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.judge import Judge


def tighten(fleet: Fleet, judge: Judge, targets: Iterable[str], now: datetime) -> None:
    """Judge these targets by the tighter rules from now on, and all others as usual.

    What is pending or firing goes on under the other rule.
    """
    nodes = frozenset(TARGET_PREFIX + name for name in targets)
    changed = nodes ^ fleet.in_session
    fleet.in_session = nodes
    for node in sorted(changed):
        place = fleet.find(node)
        if place is not None:
            judge.rebind(place, now)
