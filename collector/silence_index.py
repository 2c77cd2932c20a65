"""The firing alerts of silence, by what is silent and by what explains them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.topology import HOLD_SECONDS

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


def _discard(table: dict[str, dict[str, Silence]], key: str, fingerprint: str) -> None:
    found = table.get(key)
    if found is not None:
        found.pop(fingerprint, None)
        if not found:
            del table[key]
