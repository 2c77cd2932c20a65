"""How shared systems are: what probes of their targets found, their hours, and what they need."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from agents.answer import Answer
from collector.outages.topology import TARGET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from collector.catalogue.catalogue import Catalogue, Entry

# A probe that missed two turns says nothing of now; as for alerts.
FRESH_SPACINGS, LEAST_FRESH_SECONDS = 3, 60.0
# Before its second value a series does not say how often it comes.
UNKNOWN_FRESH_SECONDS = 300.0
_GOOD = frozenset({Answer.RIGHT, Answer.BUSY})
_DEGRADED = frozenset({Answer.DENIED, Answer.UNREGISTERED, Answer.WRONG_CONTENT})


class ServiceState(StrEnum):
    """How a shared system is; the last three are neither red nor green."""

    GOOD = "good"
    DEGRADED = "degraded"
    DOWN = "down"
    NO_DATA = "no_data"
    OUTSIDE_HOURS = "outside_hours"
    NOT_MEASURED = "not_measured"


class Reading(NamedTuple):
    """The newest answer of one probe; `at` is Unix seconds, `spacing_seconds` 0 where unknown."""

    probe: str
    answer: Answer
    at: float
    spacing_seconds: float


class Check(NamedTuple):
    """What the probes of one target say.

    Attributes:
        probe, answer: Which answer is the reason; empty where there is none of now.
        at: When the last answer came, Unix seconds; 0: none ever.
    """

    target: str
    state: ServiceState
    probe: str = ""
    answer: str = ""
    at: float = 0.0


class Standing(NamedTuple):
    """How one entry is.

    Attributes:
        state: What people are shown.
        measured: What is found, whatever the hours are.
        because: Which things that it needs are down and explain it, the deepest of each way.
    """

    entry: Entry
    state: ServiceState
    measured: ServiceState
    checks: tuple[Check, ...] = ()
    because: tuple[str, ...] = ()


def check_target(
    target: str, readings: Iterable[Reading], now: float, *, is_down: bool, is_critical: bool
) -> Check:
    """Return what a target's probes say together; the worst of those that are of now counts.

    Args:
        now: Unix seconds.
        is_down: The network's own question whether it is there was answered with no.
        is_critical: A critical alert about it fires: what answers is degraded at the best.
    """
    known = list(readings)
    last_at = max((one.at for one in known), default=0.0)
    if is_down:
        return Check(target, ServiceState.DOWN, at=last_at)
    found = Check(target, ServiceState.NO_DATA, at=last_at)
    rank = (ServiceState.NO_DATA, ServiceState.GOOD, ServiceState.DEGRADED, ServiceState.DOWN)
    for one in known:
        state = _state_of(one.answer)
        if _is_fresh(one, now) and rank.index(state) > rank.index(found.state):
            found = Check(target, state, one.probe, one.answer.name.lower(), last_at)
    if is_critical and found.state is ServiceState.GOOD:
        return found._replace(state=ServiceState.DEGRADED)
    return found


def _state_of(answer: Answer) -> ServiceState:
    if answer in _GOOD:
        return ServiceState.GOOD
    if answer in _DEGRADED:
        return ServiceState.DEGRADED
    return ServiceState.NO_DATA if answer is Answer.UNKNOWN else ServiceState.DOWN


def _is_fresh(reading: Reading, now: float) -> bool:
    spacing = reading.spacing_seconds
    lasts = max(LEAST_FRESH_SECONDS, FRESH_SPACINGS * spacing) if spacing else UNKNOWN_FRESH_SECONDS
    return now - reading.at <= lasts


def standings(
    catalogue: Catalogue, checks: Mapping[str, Check], is_open: Callable[[Entry], bool]
) -> list[Standing]:
    """Return how each entry is, in the order of the catalogue.

    Args:
        checks: By target, of every target that the catalogue names.
        is_open: Whether an entry is within its hours.
    """
    found: dict[str, Standing] = {}

    def of(name: str) -> Standing:
        if name not in found:  # what is needed is looked at first; the file has no circles
            found[name] = _standing(catalogue.by_name[name], checks, is_open, of)
        return found[name]

    return [of(name) for name in catalogue.by_name]


def _standing(
    entry: Entry,
    checks: Mapping[str, Check],
    is_open: Callable[[Entry], bool],
    of: Callable[[str], Standing],
) -> Standing:
    if not entry.is_measured:
        return Standing(entry, ServiceState.NOT_MEASURED, ServiceState.NOT_MEASURED)
    own = tuple(checks[name] for name in entry.checked_by)
    needed = {need: _needed(need, checks, of) for need in entry.needs}
    states = [check.state for check in own]
    measured = _together(states, entry.enough) if own else _of_needs(needed)
    because: list[str] = []
    if measured in (ServiceState.DOWN, ServiceState.DEGRADED, ServiceState.NO_DATA):
        for need, state in needed.items():
            if state is ServiceState.DOWN:
                because += _roots(need, of)
    shown = measured if is_open(entry) else ServiceState.OUTSIDE_HOURS
    return Standing(entry, shown, measured, own, tuple(dict.fromkeys(because)))


def _needed(need: str, checks: Mapping[str, Check], of: Callable[[str], Standing]) -> ServiceState:
    target = need.removeprefix(TARGET_PREFIX)
    return checks[target].state if target != need else of(need).measured


def _roots(need: str, of: Callable[[str], Standing]) -> tuple[str, ...]:
    """Return what explains that this is down: itself, unless something explains it in turn."""
    return (need,) if need.startswith(TARGET_PREFIX) else of(need).because or (need,)


def _together(states: list[ServiceState], enough: int) -> ServiceState:
    """Return what several checks of one entry say.

    Down when too few can still work, however those without data are; good only when all are.
    """
    down = states.count(ServiceState.DOWN)
    works = states.count(ServiceState.GOOD) + states.count(ServiceState.DEGRADED)
    if len(states) - down < enough:
        return ServiceState.DOWN
    if works < enough:
        return ServiceState.NO_DATA
    is_whole = states.count(ServiceState.GOOD) == len(states)
    return ServiceState.GOOD if is_whole else ServiceState.DEGRADED


def _of_needs(needed: Mapping[str, ServiceState]) -> ServiceState:
    """Return what is left of an entry that nobody checks: what it needs, the worst first.

    What cannot be measured says nothing of it.
    """
    told = set(needed.values()) - {ServiceState.NOT_MEASURED}
    for state in (ServiceState.DOWN, ServiceState.NO_DATA, ServiceState.DEGRADED):
        if state in told:
            return state
    return ServiceState.GOOD if told else ServiceState.NO_DATA
