"""The firing alerts of silence, by what is silent and by what explains them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.alerts_in.nodes import node_of_outside, unit_of_beyond
from collector.metrics.own import MASS_SILENT_HOSTS, OUTSIDE_DOWN, PROBE_ALIVE
from collector.outages.topology import HOLD_SECONDS, MASS_NODE
from collector.targets.targets import unit_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.alerts import Firing, Suppression


@dataclass(slots=True, eq=False)
class Silence:
    """One firing alert of silence.

    Attributes:
        node: What is silent. Attribute `agent`: whose alert it is.
        started_at: Since when it fires; `since`: when its hold began (both Unix seconds).
        change: What is to be stored, while nothing of it is.
        suppression: Why it is not told, as stored; `root`: the node that is told in its place.
        is_told: It was decided that nothing explains it.
        due_at: When it is decided on next; None: when something happens.
    """

    fingerprint: str
    metric: str
    agent: str
    node: str
    started_at: float
    since: float
    hold_seconds: float = HOLD_SECONDS
    change: Firing | None = None
    suppression: Suppression | None = None
    root: str = ""
    is_told: bool = False
    due_at: float | None = None

    @property
    def is_stored(self) -> bool:
        """Say whether the tables know of it, or will before anything that is stored later."""
        return self.change is None


def node_of(agent: str, metric: str) -> str:
    """Return what an alert of silence is about: its agent, or many units at once."""
    return MASS_NODE if metric == MASS_SILENT_HOSTS else agent


def silence_of(change: Firing) -> Silence:
    """Return a new silence; one that somebody outside tells of begins when it is told."""
    is_outside = change.metric == OUTSIDE_DOWN
    at = (change.at if is_outside else change.started_at).timestamp()
    node = node_of(change.agent, change.metric)
    if is_outside:
        node = node_of_outside(change.agent, change.unit, change.host)
    return Silence(
        fingerprint=change.fingerprint,
        metric=change.metric,
        agent=change.agent,
        node=node,
        started_at=at,
        since=at,
        change=change,
    )


def hangs_under(node: str) -> str:
    """Return the node by which a node is found in the graph: itself, or of what is not enrolled
    its unit.
    """
    unit = unit_of_beyond(node)
    return unit_node(unit) if unit else node


class SilenceIndex:
    """Finds silences; each is under at most one root."""

    def __init__(self) -> None:
        self._all: dict[str, Silence] = {}
        self._by_node: dict[str, dict[str, Silence]] = {}
        self._by_root: dict[str, dict[str, Silence]] = {}

    def __iter__(self) -> Iterator[Silence]:
        """Yield all of them; the index may change meanwhile."""
        return iter(list(self._all.values()))

    def get(self, fingerprint: str) -> Silence | None:
        """Return the silence of an alert."""
        return self._all.get(fingerprint)

    def add(self, silence: Silence) -> None:
        """Take one in."""
        self._all[silence.fingerprint] = silence
        self._by_node.setdefault(silence.node, {})[silence.fingerprint] = silence
        if silence.root:
            self._by_root.setdefault(silence.root, {})[silence.fingerprint] = silence

    def remove(self, fingerprint: str) -> Silence | None:
        """Forget one that has ended."""
        silence = self._all.pop(fingerprint, None)
        if silence is not None:
            _discard(self._by_node, silence.node, fingerprint)
            _discard(self._by_root, silence.root, fingerprint)
        return silence

    def put_under(self, silence: Silence, root: str) -> None:
        """Let another node explain it, or none when `root` is empty."""
        _discard(self._by_root, silence.root, silence.fingerprint)
        silence.root = root
        if root:
            self._by_root.setdefault(root, {})[silence.fingerprint] = silence

    def of_node(self, node: str) -> list[Silence]:
        """Return the silences of a node."""
        return list(self._by_node.get(node, {}).values())

    def under(self, root: str) -> list[Silence]:
        """Return the silences that a node explains."""
        return list(self._by_root.get(root, {}).values())

    def roots(self) -> list[str]:
        """Return the nodes that explain others now."""
        return list(self._by_root)

    def is_told(self, node: str) -> bool:
        """Say whether a silence of a node is told by itself."""
        return any(silence.is_told for silence in self._by_node.get(node, {}).values())

    def is_said_down(self, node: str) -> bool:
        """Say whether somebody outside says that a node gives no answer."""
        return any(one.metric == OUTSIDE_DOWN for one in self._by_node.get(node, {}).values())

    def is_unanswered(self, node: str) -> bool:
        """Say whether a probe of a target has no answer."""
        return any(one.metric == PROBE_ALIVE for one in self._by_node.get(node, {}).values())


def _discard(table: dict[str, dict[str, Silence]], key: str, fingerprint: str) -> None:
    found = table.get(key)
    if found is not None:
        found.pop(fingerprint, None)
        if not found:
            del table[key]
