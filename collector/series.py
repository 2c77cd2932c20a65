"""Which series there are: identities are shared by all hosts, values belong to one host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from collector.indicators import role_of
from collector.layouts import Layout
from collector.wire_json import Labels, read_labels

if TYPE_CHECKING:
    from collector.identity.binding import Bound
    from collector.indicators import Role
    from collector.wire import WireSamples

NO_LABELS: Labels = ()
# A series seen once has no known spacing; checks run at least this often.
MAX_SPACING_SECONDS = 7_200
MIN_STALE_SECONDS = 300
STALE_SPACINGS = 3
# What an agent says of the devices that silences may be explained by.
REACH = frozenset({"wanwatch_probe_up", "wanwatch_probe_rtt_seconds"})


class Identity:
    """A metric and its labels, once for all hosts that report it.

    Attributes:
        target: What a probe measured; empty for what a host says of itself.
    """

    __slots__ = ("labels", "name", "raw", "role", "target", "uses")

    def __init__(self, name: str, labels: Labels, raw: bytes) -> None:
        self.name, self.labels, self.raw = name, labels, raw
        self.role: Role | None = role_of(name, dict(labels))
        self.target = target_of(name, labels)
        self.uses = 0


def target_of(name: str, labels: Labels) -> str:
    """Return the target that a metric is about; whether it is reached is the prober's own word."""
    return "" if name in REACH else dict(labels).get("target", "")


class Identities:
    """The table of identities; one that no host uses any more is forgotten."""

    def __init__(self) -> None:
        self._by_raw: dict[tuple[str, bytes], Identity] = {}
        self._by_key: dict[tuple[str, Labels], Identity] = {}
        self._layouts: WeakValueDictionary[tuple[Identity, ...], Layout] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._by_key)

    def has(self, name: str, raw: bytes) -> bool:
        """Say whether this name with these raw labels needs no second check."""
        return (name, raw) in self._by_raw

    def of(self, name: str, raw: bytes) -> Identity:
        """Return the identity of a checked sample; its labels are parsed when they are new."""
        found = self._by_raw.get((name, raw))
        return found if found is not None else self.named(name, read_labels(raw), raw)

    def named(self, name: str, labels: Labels = NO_LABELS, raw: bytes = b"{}") -> Identity:
        """Return the identity with these labels."""
        found = self._by_key.get((name, labels))
        if found is None:
            found = self._by_key[name, labels] = Identity(name, labels, raw)
            self._by_raw[name, raw] = found
        return found

    def own(self, name: str, labels: Labels = NO_LABELS) -> Identity:
        """Return the identity of what the collector itself finds out.

        It has no raw form: a report that brings the name is never taken for one already checked.
        """
        found = self._by_key.get((name, labels))
        if found is None:
            found = self._by_key[name, labels] = Identity(name, labels, b"")
        return found

    def find(self, name: str, labels: Labels) -> Identity | None:
        """Return the identity if any host uses it."""
        return self._by_key.get((name, labels))

    def layout(self, samples: WireSamples, identities: tuple[Identity, ...]) -> Layout:
        """Return the layout with these identities in its columns."""
        found = self._layouts.get(identities)
        if found is None or found.names != samples.names or found.labels != samples.labels:
            found = self._layouts[identities] = Layout(samples, identities)
        return found

    def release(self, identity: Identity) -> None:
        """Say that one host uses it no longer."""
        identity.uses -= 1
        self.forget_unused(identity)

    def forget_unused(self, identity: Identity) -> None:
        """Let go of an identity that no host has."""
        if identity.uses <= 0:
            self._by_key.pop((identity.name, identity.labels), None)
            self._by_raw.pop((identity.name, identity.raw), None)


class Series:
    """The newest value of one series of one host.

    Attributes:
        at: Unix seconds by our clock; 0 as long as no value came. `before`: of the value before.
    """

    __slots__ = ("at", "before", "bounds", "identity", "value")

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.value = 0.0
        self.at = 0.0
        self.before = 0.0
        self.bounds: tuple[Bound, ...] = ()

    @property
    def is_new(self) -> bool:
        """Say whether no value came yet."""
        return self.at == 0

    @property
    def spacing_seconds(self) -> int:
        """Return how far apart its last two values were, rounded up; 0 before the second."""
        return min(int(self.at - self.before) + 1, MAX_SPACING_SECONDS) if self.before else 0

    def set(self, value: float, at: float) -> None:
        """Take a newer value."""
        self.before, self.at, self.value = self.at, at, value

    def growth_to(self, value: float, at: float) -> float | None:
        """Return how much it grows per second up to a newer value; None where none came yet."""
        return (value - self.value) / (at - self.at) if self.at else None

    def shift(self, seconds: float) -> None:
        """Move both instants, after our clock was set."""
        self.at += seconds
        self.before += seconds if self.before else 0.0

    def is_stale(self, at: float) -> bool:
        """Say whether a host that reported at `at` no longer has this series."""
        spacing_seconds = self.spacing_seconds
        if not spacing_seconds:
            return at - self.at > MAX_SPACING_SECONDS
        return at - self.at > max(MIN_STALE_SECONDS, STALE_SPACINGS * spacing_seconds)
