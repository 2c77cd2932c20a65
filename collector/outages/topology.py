"""Which silence explains which: nodes, their uplinks, and the one node that is told for all.

Three rules. Only the raising of a child is suppressed, never its checks and never its resolution.
A node explains what hangs under it only while it is known to be down: one that nobody asked, that
nobody knows or that lies on a circle explains nothing. And every explained node has a root that
explains it and is not itself explained: something is always told.

A node is named as the agent of its alert: an agent's id, `unit:CODE` or `target:NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# How long the silence of a host or a unit waits for what may explain it, before anybody is told.
HOLD_SECONDS = 20.0
# How long an answer of a prober is waited for after it was asked.
PROBE_PATIENCE_SECONDS = 8.0
# How long one that waits for others to decide themselves is put off each time, and at most.
AGAIN_SECONDS = 2.0
MAX_HOLD_SECONDS = 300.0
# Agents that could not deliver try again at the latest after this (agents/delivery.py).
LONGEST_AGENT_WAIT_SECONDS = 60.0
# Programs outside that tell of alerts in groups tell of an end at the latest after this, where
# they are set up as docs/alertmanager.md says.
OUTSIDE_SECONDS = 60.0

UNIT_PREFIX = "unit:"
TARGET_PREFIX = "target:"
# Many units that fell silent at once are one node, too.
MASS_NODE = "mass"


class State(Enum):
    """What is known of a node; unknown is neither up nor down."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class Why(Enum):
    """Why an alert that is recorded is not told."""

    PARENT = "parent"
    USUAL = "usual"
    SILENCE = "silence"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Raise:
    """Nothing explains it: it is told."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It cannot be said yet; look again in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Keep:
    """It is recorded and not told; `root` is the node that is told in its place, if one is."""

    why: Why
    root: str = ""


Verdict = Raise | Wait | Keep


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one silent node when it is decided on.

    Attributes:
        held_seconds: How long it has waited.
        hold_seconds: How long it has to.
        is_collector_blind: The collector hears nobody, or is itself behind.
        root: The node that explains it.
        is_undecided: A node above it may yet turn out to be down.
        is_probe_open: A prober was asked about a node above it and may still answer.
        is_usual: Its unit was as silent at this hour of former days of this kind.
    """

    held_seconds: float
    hold_seconds: float = HOLD_SECONDS
    is_collector_blind: bool = False
    root: str | None = None
    is_undecided: bool = False
    is_probe_open: bool = False
    is_usual: bool = False


def decide(facts: Facts) -> Verdict:
    """Say what becomes of a silence; a hold that has just passed has ended.

    Nothing is said before the hold ended, nor while a prober may still answer; that nothing
    explains it not while a node above is undecided either, at most five minutes. Of what a
    collector that hears nobody takes for silence, nothing is said at all.
    """
    if facts.is_collector_blind:
        return Wait(AGAIN_SECONDS)
    if facts.held_seconds < facts.hold_seconds:
        return Wait(facts.hold_seconds - facts.held_seconds)
    may_wait = facts.held_seconds < max(MAX_HOLD_SECONDS, facts.hold_seconds)
    if may_wait and facts.is_probe_open:
        return Wait(AGAIN_SECONDS)
    if facts.root is not None:
        return Keep(Why.PARENT, facts.root)
    if may_wait and facts.is_undecided:
        return Wait(AGAIN_SECONDS)
    return Keep(Why.USUAL) if facts.is_usual else Raise()


def root_of(
    node: str,
    uplinks: Mapping[str, tuple[str, ...]],
    state_of: Callable[[str], State],
    is_told: Callable[[str], bool] = lambda _: False,
) -> str | None:
    """Return the node that explains a silent node; None when it must be told itself.

    A node is explained when it has uplinks, all of them are down, it is on no circle and it has
    not been told already. Each is judged by its uplinks' own states, so one step at a time leads
    to the root; of several uplinks the first one's root is taken.
    """
    here = node
    while _is_explained(here, uplinks, state_of, is_told):
        here = uplinks[here][0]
    return None if here == node else here


def above(node: str, uplinks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return every node that may explain a node, the nearest first; itself too if on a circle."""
    found: list[str] = []
    waiting = list(uplinks.get(node, ()))
    while waiting:
        here = waiting.pop(0)
        if here not in found:
            found.append(here)
            waiting += uplinks.get(here, ())
    return found


def circle_through(node: str, uplinks: Mapping[str, tuple[str, ...]]) -> list[str] | None:
    """Return a way from a node back to itself, both ends included, if there is one."""
    ways = [[node]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for above_it in uplinks.get(way[-1], ()):
            if above_it == node:
                return [*way, node]
            if above_it not in seen:
                seen.add(above_it)
                ways.append([*way, above_it])
    return None


def _is_explained(
    node: str,
    uplinks: Mapping[str, tuple[str, ...]],
    state_of: Callable[[str], State],
    is_told: Callable[[str], bool],
) -> bool:
    direct = uplinks.get(node, ())
    return (
        bool(direct)
        and all(state_of(uplink) is State.DOWN for uplink in direct)
        and not is_told(node)
        and circle_through(node, uplinks) is None
    )


def return_hold_seconds(down_seconds: float, interval_seconds: float) -> float:
    """Return how long a child waits after its parent is back before it is told itself.

    Its agent may still be in a pause between attempts, which grows with the outage.
    """
    return HOLD_SECONDS + min(down_seconds, LONGEST_AGENT_WAIT_SECONDS) + interval_seconds
