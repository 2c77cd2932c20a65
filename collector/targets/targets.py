"""What lies between hosts and the province: devices, and through what each thing is reached.

A target is its region and those that ask it, in order, plus an address: merged provinces use the
same private addresses, so an address alone names nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from collector.outages.topology import TARGET_PREFIX, UNIT_PREFIX, circle_through

if TYPE_CHECKING:
    from agents.probe_plan import Ask
    from collector.targets.mesh import Mesh

COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class Target:
    """One device or line.

    Attributes:
        label_vi, label_en: What people call it.
        address: What a prober asks; empty where only a host's agent tells of it.
        port: Asked over TCP; 0: by an ICMP echo.
        asked_by: Who asks, in order: the collector or an agent.
        host: The host of `unit` that is this device, where an agent runs on it.
        circuit: The carrier's own number of the line; it may leave the network.
        carrier: Who runs the line.
        rate_kbit: What the carrier sold; None where it is not said.
        kind: Which rules judge what is measured of it, as of a host of that kind.
        probes: What an agent of `asked_by` measures all the time.
    """

    name: str
    label_vi: str
    label_en: str
    region: str = ""
    unit: str = ""
    address: str = ""
    port: int = 0
    asked_by: tuple[str, ...] = (COLLECTOR,)
    host: str = ""
    circuit: str = ""
    carrier: str = ""
    rate_kbit: float | None = None
    kind: str = "network"
    probes: tuple[Ask, ...] = ()

    @property
    def node(self) -> str:
        """Return its name in the graph."""
        return TARGET_PREFIX + self.name


class HostName(NamedTuple):
    """A host as people name it: its unit and its name there."""

    unit: str
    host: str


@dataclass(frozen=True, slots=True)
class Targets:
    """All of a policy's targets, and the uplinks it gives; empty is the default graph.

    Attributes:
        uplinks: Of targets and units, by their node.
        hosts: Of hosts that do not simply lie in their unit.
        mesh: The paths to the centre; they are targets, too.
    """

    by_name: dict[str, Target] = field(default_factory=dict)
    uplinks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: dict[HostName, tuple[str, ...]] = field(default_factory=dict)
    mesh: Mesh | None = None

    def of_node(self, node: str) -> Target | None:
        """Return the target of a node, if it is one."""
        name = node.removeprefix(TARGET_PREFIX)
        return self.by_name.get(name) if name != node else None

    @property
    def watched(self) -> list[str]:
        """The names of the targets of which anybody could notice that they are down, in order.

        An agent measures them, or something is reached through them.
        """
        on_the_way = {above for uplinks in self.uplinks.values() for above in uplinks}
        on_the_way.update(above for uplinks in self.hosts.values() for above in uplinks)
        found = (t for t in self.by_name.values() if t.probes or t.node in on_the_way)
        return sorted(target.name for target in found)

    def circuit_from(self, node: str) -> str:
        """Return the circuit of a target, or the nearest one on its or a unit's way; or nothing."""
        line = self.line_from(node)
        return "" if line is None else line.circuit

    def line_from(self, node: str) -> Target | None:
        """Return a target that has a circuit, or the nearest one on its or a unit's way."""
        seen, ahead = set[str](), [node]
        while ahead:
            here = ahead.pop(0)
            target = self.of_node(here)
            if target is not None and target.circuit:
                return target
            seen.add(here)
            ahead += [one for one in self.uplinks.get(here, ()) if one not in seen]
        return None


NO_TARGETS = Targets()


def speakers(targets: Targets) -> dict[str, frozenset[str]]:
    """Return the names of the targets that each agent, as UNIT/HOST, may speak of."""
    found: dict[str, set[str]] = {}
    for target in targets.by_name.values():
        for name in target.asked_by:
            found.setdefault(name, set()).add(target.name)
    return {name: frozenset(names) for name, names in found.items()}


def circles(uplinks: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return each node that leads back to itself, with the way."""
    found = ((node, circle_through(node, uplinks)) for node in uplinks)
    return {node: way for node, way in found if way is not None}


def unit_node(code: str) -> str:
    """Return the name of a unit in the graph."""
    return UNIT_PREFIX + code
