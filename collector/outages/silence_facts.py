"""What is known about one silence when it is decided on, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collector.liveness import HEARD, MISSED, Liveness
from collector.metrics.own import (
    AGENT_UP,
    MASS_SILENT_HOSTS,
    OUTSIDE_DOWN,
    PROBE_ALIVE,
    TARGET_UP,
    UNIT_CUT_HOSTS,
    UNIT_SILENT_HOSTS,
)
from collector.outages.silence_index import hangs_under
from collector.outages.topology import (
    MASS_NODE,
    TARGET_PREFIX,
    UNIT_PREFIX,
    Facts,
    State,
    root_of,
)
from collector.rollup import UnitState, is_line_proven
from collector.targets.targets import unit_node

if TYPE_CHECKING:
    from datetime import datetime

    from collector.alerts import Firing
    from collector.fleet import Fleet, Host
    from collector.outages.graph import Graph
    from collector.outages.mass_watch import MassWatch
    from collector.outages.silence_index import Silence, SilenceIndex
    from collector.outages.target_watch import TargetWatch
    from collector.outages.unit_watch import UnitWatch, Usual
    from collector.rollup import Member

# A silence that was told this shortly before is of the same cause as the unit's.
SAME_CAUSE_SECONDS = 300.0
LINE_CLASS = "kt_duong_truyen"
GONE = frozenset({Liveness.OFF_HOURS, Liveness.STOPPED})
ONE_UNIT, SEVERAL_UNITS, WHOLE_NETWORK = "P2", "P3", "P4"


class SilenceFacts:
    """Reads the graph, the units, the probers and the fleet; decides nothing.

    Attributes:
        everybody: Set by its owner: what is silent across units.
    """

    everybody: MassWatch

    def __init__(
        self,
        fleet: Fleet,
        graph: Graph,
        index: SilenceIndex,
        units: UnitWatch,
        targets: TargetWatch,
        *,
        usual: Usual,
    ) -> None:
        self._fleet, self._graph, self._index = fleet, graph, index
        self._units, self._targets, self._usual = units, targets, usual
        self._members: dict[str, list[Member]] = {}

    def forget_members(self) -> None:
        """Count the hosts of units anew: once a turn is enough."""
        self._members.clear()

    def of(self, silence: Silence, now: datetime) -> Facts:
        """Return what is known about a silence now."""
        seconds = now.timestamp()
        return Facts(
            held_seconds=seconds - silence.since,
            hold_seconds=silence.hold_seconds,
            is_collector_blind=self.everybody.is_blind or self.everybody.is_behind,
            root=self.root(silence.node, seconds),
            is_undecided=self._is_undecided(silence, now),
            is_probe_open=self._targets.is_open_above(silence.node, seconds),
            is_usual=silence.metric == UNIT_CUT_HOSTS and self._is_usual(silence.node, now),
        )

    def root(self, node: str, seconds: float) -> str | None:
        """Return the node that explains a silent one: in the graph, then across units."""
        if node == MASS_NODE:
            return None
        if (unit := hangs_under(node)) != node:  # not enrolled: its unit's line is its own
            above = self._root_in_graph(unit, seconds)
            return above or (unit if self._state(unit, seconds) is State.DOWN else None)
        top = self._root_in_graph(node, seconds) or node
        host = self._fleet.hosts.get(top)
        if host is not None and not self._index.is_told(top):
            watch = self._units.watch(host.unit)
            if watch.state is UnitState.PARTLY and top in watch.agents:
                part = unit_node(host.unit)
                top = self._root_in_graph(part, seconds) or part
        if self._is_in_mass(top) and not self._index.is_told(top):
            return MASS_NODE
        return None if top == node else top

    def is_back(self, root: str, seconds: float) -> bool:
        """Say whether there is evidence that a node is down no longer, or that it is gone."""
        if self._index.is_said_down(root):
            return False
        if root == MASS_NODE:
            return not self.everybody.agents
        if root.startswith(UNIT_PREFIX):
            state = self._units.watch(root.removeprefix(UNIT_PREFIX)).state
            return state not in (UnitState.CUT, UnitState.PARTLY)
        if root.startswith(TARGET_PREFIX):
            return self._target(root, seconds) is State.UP
        host = self._fleet.hosts.get(root)
        return host is None or host.liveness not in MISSED | {Liveness.LATE}

    def may_count_as_mass(self, host: Host, seconds: float) -> bool:
        """Say whether a silent host is news that nothing else explains."""
        watch = self._units.watch(host.unit)
        is_whole = watch.state in (UnitState.CUT, UnitState.PARTLY)
        told = self._index.is_told(host.agent) or self._index.is_told(unit_node(host.unit))
        if told or not (host.is_always or is_whole):
            return False
        top = self._root_in_graph(host.agent, seconds)
        return top is None or not top.startswith(TARGET_PREFIX)

    def is_history(self, silence: Silence) -> bool:
        """Say whether a silence that ended before it was stored was one.

        Nobody waited for a host off hours; a target that carries reports only gave no answer; a
        part of a unit that is followed by the rest is not a part.
        """
        host = self._fleet.hosts.get(silence.agent)
        is_missed = host is None or host.liveness not in GONE or silence.metric == OUTSIDE_DOWN
        return is_missed and silence.metric not in (TARGET_UP, UNIT_SILENT_HOSTS)

    def is_told_alone(self, silence: Silence) -> bool:
        """Say whether the silence is an alert by itself; of others only their unit's is."""
        host = self._fleet.hosts.get(silence.agent)
        return host is None or host.is_always or silence.metric == OUTSIDE_DOWN

    def dress(self, silence: Silence, change: Firing) -> Firing:
        """Return an alert that is told: how far it reaches, and which incident it may join."""
        if silence.metric == MASS_SILENT_HOSTS and self.everybody.is_half_of_all:
            change = replace(change, scope=WHOLE_NETWORK)
        elif silence.metric == TARGET_UP:
            change = self._dress_target(silence.node, change)
        return replace(change, joins=self._joins(silence))

    def _root_in_graph(self, node: str, seconds: float) -> str | None:
        return root_of(
            node,
            self._graph.uplinks,
            lambda other: self._state(other, seconds),
            self._index.is_told,
        )

    def _state(self, node: str, seconds: float) -> State:
        if self._index.is_said_down(node):
            return State.DOWN
        if node.startswith(UNIT_PREFIX):
            state = self._units.watch(node.removeprefix(UNIT_PREFIX)).state
            if state is UnitState.CUT:
                return State.DOWN
            return State.UNKNOWN if state is UnitState.QUIET else State.UP
        if node.startswith(TARGET_PREFIX):
            return self._target(node, seconds)
        host = self._fleet.hosts.get(node)
        if host is None or (host.liveness in MISSED and not host.is_always):
            return State.UNKNOWN
        if host.liveness in MISSED:
            return State.DOWN
        return State.UP if host.liveness in HEARD else State.UNKNOWN

    def _target(self, node: str, seconds: float) -> State:
        """Return how a target is: as it answers on the way, else as its own probes say."""
        state = self._targets.state(node.removeprefix(TARGET_PREFIX), seconds)
        if state is not State.UNKNOWN:
            return state
        if self._index.is_unanswered(node):
            return State.DOWN
        place = self._fleet.places.known(node)
        answers = [] if place is None else place.series.values()
        is_up = any(one.value == 1 for one in answers if one.identity.name == PROBE_ALIVE)
        return State.UP if is_up else State.UNKNOWN

    def _is_in_mass(self, node: str) -> bool:
        agents = self.everybody.agents
        if not node.startswith(UNIT_PREFIX):
            return node in agents
        hosts = self._graph.members.get(node.removeprefix(UNIT_PREFIX), ())
        return any(host.agent in agents for host in hosts)

    def _is_undecided(self, silence: Silence, now: datetime) -> bool:
        """Say whether a silent host, or part of a unit, may yet turn out to be a whole unit."""
        if silence.metric not in (AGENT_UP, UNIT_SILENT_HOSTS):
            return False
        host = self._fleet.hosts.get(silence.agent)
        code = silence.node.removeprefix(UNIT_PREFIX) if host is None else host.unit
        watch = self._units.watch(code)
        if watch.state is UnitState.CUT:
            return False
        members = self._members.get(code)
        if members is None:
            members = self._members[code] = self._units.members(code, now)
        agents = watch.agents if host is None else {silence.agent}
        children = [member for member in members if member.agent in agents]
        is_proven = all(is_line_proven(child, members) for child in children)
        return not is_proven and any(member.fell_at is None for member in members)

    def _is_usual(self, node: str, now: datetime) -> bool:
        return self._usual(node.removeprefix(UNIT_PREFIX), now) == 0

    def _dress_target(self, node: str, change: Firing) -> Firing:
        cut = [
            name
            for name in self._graph.below(node)
            if name.startswith(UNIT_PREFIX)
            and self._units.watch(name.removeprefix(UNIT_PREFIX)).state is UnitState.CUT
        ]
        if not cut:
            return change
        scope = ONE_UNIT if len(cut) == 1 else SEVERAL_UNITS
        return replace(change, scope=scope, class_code=LINE_CLASS)

    def _joins(self, silence: Silence) -> tuple[str, ...]:
        """Return told silences of the same cause below: their incident is this one's, too."""
        if silence.metric == AGENT_UP or ":" not in silence.node:
            return ()
        if hangs_under(silence.node) != silence.node:
            return ()
        below = self._below(silence)
        return tuple(
            other.fingerprint
            for node in below
            for other in self._index.of_node(node)
            if other.is_told
            and other is not silence
            and abs(other.started_at - silence.started_at) <= SAME_CAUSE_SECONDS
        )

    def _below(self, silence: Silence) -> list[str]:
        if silence.node == MASS_NODE:
            units = [unit_node(code) for code in self.everybody.units]
            return [*units, *self.everybody.agents]
        return [silence.node, *self._graph.below(silence.node)]
