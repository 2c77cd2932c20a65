"""What is known here of units, hosts and targets, found by the names that labels give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.alerts_in.meaning import Thing

if TYPE_CHECKING:
    from collector.fleet import Fleet


class FleetInventory:
    """The fleet by names; indexed anew when hosts, units or targets changed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._version = -1
        self._hosts: dict[str, list[Thing]] = {}

    @property
    def own_unit(self) -> str:
        """Return the unit of whatever names none."""
        return self._fleet.own.unit

    def has_unit(self, code: str) -> bool:
        """Say whether there is a unit of this code."""
        return code in self._fleet.units

    def unit_name(self, code: str) -> str:
        """Return a unit's name."""
        return self._fleet.unit_name(code)

    def host(self, unit: str, name: str) -> Thing | None:
        """Return an approved host of a name; without a unit only where no other has that name."""
        if self._version != self._fleet.version:
            self._index()
        found = [one for one in self._hosts.get(name, ()) if not unit or one.unit == unit]
        return found[0] if len(found) == 1 else None

    def target(self, name: str) -> Thing | None:
        """Return a target of a name."""
        target = self._fleet.targets.by_name.get(name) if name else None
        if target is None:
            return None
        unit = target.unit or self.own_unit
        return Thing(target.node, unit, target.label_vi, target.kind)

    def _index(self) -> None:
        self._version, self._hosts = self._fleet.version, {}
        for host in self._fleet.approved():
            thing = Thing(host.agent, host.unit, host.host, host.kind)
            self._hosts.setdefault(host.host, []).append(thing)
