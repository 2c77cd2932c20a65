"""Who must be on, and when: by unit and kind of host, from policy and from what people approved.

The most particular word holds: of a kind in a unit, of the unit, of the kind; the policy's file
before what was approved on the console. Without any of them a host that must always be on is
expected around the clock, and the others in the hours of their unit in units.csv.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.hours.hours import NO_HOURS, Hours
from collector.liveness import LOST_AFTER, Presence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

# A unit's code and a kind of host, or no kind for the whole unit.
Whom = tuple[str, str]
WHOLE_UNIT = ""
# What a host is when nobody said otherwise.
PRESENCE_OF_KIND: Mapping[str, Presence] = {
    "server": Presence.ALWAYS,
    "network": Presence.ALWAYS,
    "shared": Presence.ALWAYS,
    "workstation": Presence.WORKING_HOURS,
    "conference": Presence.SOMETIMES,
}


@dataclass(frozen=True, slots=True)
class HoursPolicy:
    """What `hours.yaml` says; empty is what comes with the program.

    Attributes:
        presence, lost_after, kinds: By kind of host.
        units: By unit and kind.
    """

    presence: Mapping[str, Presence] = field(default_factory=dict)
    lost_after: Mapping[str, timedelta] = field(default_factory=dict)
    kinds: Mapping[str, Hours] = field(default_factory=dict)
    units: Mapping[Whom, Hours] = field(default_factory=dict)


SHIPPED = HoursPolicy()


@dataclass(slots=True)
class Expectations:
    """The policy and what was approved; lives on the event loop."""

    policy: HoursPolicy = SHIPPED
    approved: Mapping[Whom, Hours] = field(default_factory=dict)

    def presence(self, asked: str, kind: str) -> Presence:
        """Return when a host is expected; `asked` is empty where its kind decides."""
        if asked:
            return Presence(asked)
        shipped = PRESENCE_OF_KIND.get(kind, Presence.ALWAYS)
        return self.policy.presence.get(kind, shipped)

    def lost_after(self, kind: str, presence: Presence) -> timedelta:
        """Return after how long a silent host of a kind is lost."""
        return self.policy.lost_after.get(kind, LOST_AFTER[presence])

    def of_unit(self, code: str, written: Hours) -> Hours:
        """Return when a unit as a whole is expected; `written`: its hours in units.csv."""
        said = self._said(code, WHOLE_UNIT)
        return written if said is None else said

    def of_host(self, code: str, kind: str, presence: Presence, written: Hours) -> Hours:
        """Return when a host is expected; no hours at all are around the clock."""
        for said in (
            self._said(code, kind),
            self._said(code, WHOLE_UNIT),
            self.policy.kinds.get(kind),
        ):
            if said is not None:
                return said
        return NO_HOURS if presence is Presence.ALWAYS else written

    def _said(self, code: str, kind: str) -> Hours | None:
        found = self.policy.units.get((code, kind))
        return self.approved.get((code, kind)) if found is None else found
