"""What people use across the province: shared systems, who answers for them, what each needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.hours.hours import NO_HOURS, Hours
from collector.outages.topology import TARGET_PREFIX


@dataclass(frozen=True, slots=True)
class Entry:
    """One shared system.

    Attributes:
        vi, en: What people call it.
        owner: Who answers for it, in words.
        hours: When it is used; outside of them nobody misses it. `hours_text`: as written.
        needs: Without what it does not work: other entries by name, targets as `target:NAME`.
        checked_by: Targets whose probes say how it is.
        enough: How many of them must work for it to work; with fewer than all it is degraded.
        unmeasured_vi, unmeasured_en: Why this network cannot see it; empty where it can.
    """

    name: str
    vi: str
    en: str
    owner: str = ""
    hours: Hours = NO_HOURS
    hours_text: str = ""
    needs: tuple[str, ...] = ()
    checked_by: tuple[str, ...] = ()
    enough: int = 0
    unmeasured_vi: str = ""
    unmeasured_en: str = ""

    @property
    def is_measured(self) -> bool:
        """Say whether anything can be told of it from here."""
        return not self.unmeasured_vi


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of them, in the order of the file; by default none."""

    by_name: dict[str, Entry] = field(default_factory=dict)

    def targets(self) -> set[str]:
        """Return the targets that say something of any of them."""
        found: set[str] = set()
        for entry in self.by_name.values():
            found |= set(entry.checked_by)
            found |= {
                need.removeprefix(TARGET_PREFIX)
                for need in entry.needs
                if need.startswith(TARGET_PREFIX)
            }
        return found


NO_CATALOGUE = Catalogue()
