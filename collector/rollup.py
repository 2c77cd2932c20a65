"""Silent hosts of a unit, of several units, of everybody → what is down as a whole.

A host counts once it is expected and has been heard in this stretch of its hours: one that was
not switched on this morning has not fallen silent. Instants are Unix seconds by our clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# A unit is told as a whole from this share and this many of its hosts on.
UNIT_SHARE = 0.30
UNIT_HOSTS = 3
# Several units are told as one from this many hosts in this many units on.
MASS_HOSTS = 10
MASS_UNITS = 3
# Hosts that fall silent within this, beside their own interval, fall together.
TOGETHER_SECONDS = 120.0
# The collector hears nobody: at most this share of those it heard are left, or one.
BLIND_SHARE = 0.05
BLIND_HOSTS = 3
BLIND_UNITS = 2
CUT_HOSTS = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One host that is expected and was heard.

    Attributes:
        heard_at: Its last report.
        fell_at: Since when it is silent; None while it is heard, also when it is only late.
        is_always: Its silence alone is an alert; the others count for their unit only.
    """

    agent: str
    interval_seconds: float
    heard_at: float
    fell_at: float | None
    is_always: bool


class UnitState(Enum):
    """How a unit is as a whole."""

    HEARD = "heard"
    PARTLY = "partly"
    CUT = "cut"
    QUIET = "quiet"  # nobody is expected, so nobody is missed


def unit_state(members: Sequence[Member], *, usual_present: int | None = None) -> UnitState:
    """Return how a unit is; `usual_present`: how many are heard at this hour of former days.

    Cut: nobody is heard and at least two fell silent, or fell together where none of them must
    always be on. Partly: at least 30 % and three fell together; without former days to compare
    with, only of those that must always be on.
    """
    fallen = [member for member in members if member.fell_at is not None]
    if not members:
        return UnitState.QUIET
    if len(fallen) == len(members):
        together = fallen if any(m.is_always for m in fallen) else fell_together(fallen)
        return UnitState.CUT if len(together) >= CUT_HOSTS else UnitState.HEARD
    counted = members if usual_present is not None else [m for m in members if m.is_always]
    together = fell_together([m for m in counted if m.fell_at is not None])
    missing = len(together)
    if usual_present is not None:
        present = len(members) - len(fallen)
        missing = min(missing, usual_present - present)
    if missing >= UNIT_HOSTS and missing >= UNIT_SHARE * len(counted):
        return UnitState.PARTLY
    return UnitState.HEARD


def fell_together(fallen: Sequence[Member]) -> list[Member]:
    """Return those that fell silent at about the time of the last one."""
    if not fallen:
        return []
    last_heard_at = max(member.heard_at for member in fallen)
    return [
        member
        for member in fallen
        if last_heard_at - member.heard_at <= TOGETHER_SECONDS + member.interval_seconds
    ]


def is_line_proven(child: Member, others: Collection[Member]) -> bool:
    """Say whether another host of the unit was heard after the child's report stayed away."""
    missed_at = child.heard_at + child.interval_seconds
    return any(other.heard_at >= missed_at for other in others if other.agent != child.agent)


def is_mass(fallen_by_unit: Sequence[int]) -> bool:
    """Say whether so many hosts of so many units fell together that one cause is told for all."""
    units = [count for count in fallen_by_unit if count]
    return len(units) >= MASS_UNITS and sum(units) >= MASS_HOSTS


def is_blind(*, heard: int, fallen: int, fallen_units: int) -> bool:
    """Say whether so few of all hosts are heard that it is the collector that does not hear.

    Args:
        heard: Hosts that are heard, also when late.
        fallen: Hosts that fell silent together; `fallen_units`: of how many units.
    """
    if fallen < BLIND_HOSTS or fallen_units < BLIND_UNITS:
        return False
    return heard <= max(1.0, BLIND_SHARE * (heard + fallen))
