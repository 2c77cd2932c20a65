"""Where a unit stands: a tree of units, each in a region, and what lies below some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(NamedTuple):
    """A unit by its code, the unit above it, and its region."""

    code: str
    parent: str | None
    region: str


class Places:
    """All units, to ask which of them belong to somebody, and what one belongs to."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.regions: dict[str, set[str]] = {}
        self.codes: set[str] = set()
        self._below: dict[str, list[str]] = {}
        self._place: dict[str, Place] = {}
        for place in places:
            self.codes.add(place.code)
            self._place[place.code] = place
            if place.region:
                self.regions.setdefault(place.region, set()).add(place.code)
            if place.parent is not None:
                self._below.setdefault(place.parent, []).append(place.code)

    def region(self, unit: str) -> str:
        """Return the region of a unit; empty for one that is not known."""
        place = self._place.get(unit)
        return "" if place is None else place.region

    def upward(self, unit: str) -> tuple[str, ...]:
        """Return a unit and those above it, the nearest first."""
        found: list[str] = []
        above: str | None = unit
        while above and above not in found:
            found.append(above)
            place = self._place.get(above)
            above = None if place is None else place.parent
        return tuple(found)

    def covered(self, units: Iterable[str], regions: Iterable[str]) -> frozenset[str]:
        """Return these units, those of these regions, and everything below any of them."""
        waiting = [*units, *(code for region in regions for code in self.regions.get(region, ()))]
        found: set[str] = set()
        while waiting:
            code = waiting.pop()
            if code not in found:
                found.add(code)
                waiting += self._below.get(code, ())
        return frozenset(found)


NO_PLACES = Places(())
