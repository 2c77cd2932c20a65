"""The graph of a fleet: who belongs to which unit, and through what each thing is reached.

Without a policy of targets every host lies in its unit and nothing above a unit is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.outages.topology import above
from collector.targets.targets import HostName, Target, unit_node

if TYPE_CHECKING:
    from collector.fleet import Fleet, Host


class Graph:
    """Made anew when hosts, units or targets changed.

    Attributes:
        uplinks: The nodes through which a node is reached, any one of them being enough.
        members: The hosts of each unit that somebody approved.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._version = -1
        self.uplinks: dict[str, tuple[str, ...]] = {}
        self.members: dict[str, list[Host]] = {}
        self._below: dict[str, list[str]] = {}
        self._only_through: dict[str, list[str]] = {}

    def refresh(self) -> bool:
        """Follow the inventory; return whether anything was other than before."""
        if self._version == self._fleet.version:
            return False
        self._version = self._fleet.version
        self.members, self._below, self._only_through = {}, {}, {}
        for host in self._fleet.approved():
            self.members.setdefault(host.unit, []).append(host)
        self._link()
        return True

    def targets_above(self, node: str) -> list[Target]:
        """Return the targets that may explain a node and that somebody can be asked about."""
        found = (self._fleet.targets.of_node(name) for name in above(node, self.uplinks))
        return [target for target in found if target is not None and target.address]

    def below(self, node: str) -> list[str]:
        """Return every node that may be explained by a node."""
        if node not in self._below:
            found = [name for name in self.uplinks if node in above(name, self.uplinks)]
            self._below[node] = found
        return self._below[node]

    def only_through(self, node: str) -> list[str]:
        """Return the nodes that are reached through a node alone, at any distance."""
        if node not in self._only_through:
            self._only_through[node] = self._find_only_through(node)
        return self._only_through[node]

    def _find_only_through(self, node: str) -> list[str]:
        found: set[str] = {node}
        grows = True
        while grows:
            new = {
                name
                for name, direct in self.uplinks.items()
                if name not in found and direct and found.issuperset(direct)
            }
            grows = bool(new)
            found |= new
        return sorted(found - {node})

    def _link(self) -> None:
        """Put hosts in the place of the targets that they are."""
        targets = self._fleet.targets
        agents = {HostName(host.unit, host.host): host.agent for host in self._fleet.approved()}
        same = {
            target.node: agents[HostName(target.unit, target.host)]
            for target in targets.by_name.values()
            if HostName(target.unit, target.host) in agents
        }

        def linked(nodes: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(same.get(node, node) for node in nodes)

        self.uplinks = {
            same.get(node, node): linked(nodes) for node, nodes in targets.uplinks.items()
        }
        devices = set(same.values())
        for host in self._fleet.approved():
            if host.agent not in devices:
                direct = targets.hosts.get(HostName(host.unit, host.host), (unit_node(host.unit),))
                self.uplinks[host.agent] = linked(direct)
