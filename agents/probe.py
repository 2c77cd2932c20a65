"""What a probe is: typed parameters in, observations out; and where an agent lets it go."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, field, fields
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agents.check import Observation
from agents.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agents.answer import Answer
    from agents.snmp.credential import Credential

TARGET = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")
# What every probe reports beside its own values.
COMMON = ("wanwatch_probe_alive", "wanwatch_probe_answer_code", "wanwatch_probe_answer_seconds")


@dataclass(frozen=True, slots=True)
class Params:
    """Whom to ask: how the collector calls it, and its IP address; names are never looked up.

    Raises:
        ValueError: A parameter is not allowed; the text names it, its value and what is.
    """

    target: str
    address: str

    def __post_init__(self) -> None:
        """Check what all probes have in common."""
        allow("target", self.target, TARGET.fullmatch(self.target), "a name such as bridge-1")
        try:
            ip_address(self.address)
            is_good = "%" not in self.address
        except ValueError:
            is_good = False
        allow("address", self.address, is_good, "an IP address without a zone")


def allow(name: str, value: object, is_allowed: object, what: str) -> None:
    """Hold a parameter to what is allowed.

    Raises:
        ValueError: It is not.
    """
    if not is_allowed:
        raise ValueError(f"parameter {name!r} is {value!r}; allowed is {what}")


def allow_number(name: str, value: float, least: float, most: float) -> None:
    """Hold a number to its range, both ends allowed.

    Raises:
        ValueError: It is outside.
    """
    allow(name, value, least <= value <= most, f"a number from {least:g} to {most:g}")


@dataclass(frozen=True, slots=True)
class Means:
    """What a probe works with; a test hands in others.

    Attributes:
        now: Unix time in seconds.
        monotonic: Seconds that only grow.
        token: Bytes that nobody can guess.
        clock_error_seconds: How wrong this clock may be; None where nothing keeps it.
        credentials: From this agent's own file, by the name that a parameter says.
        snmp_credentials: From the same file, for devices that are asked by SNMP.
        ca_file: Whom this host trusts to sign; empty for the system's own list.
        notes: What is remembered over a restart.
        memory: What this probe noted of this target at its last run; gone with the process.
        shared: What runs of any plan item and question know of a device: its session, its refusals.
    """

    now: Callable[[], float]
    monotonic: Callable[[], float]
    token: Callable[[int], bytes]
    clock_error_seconds: Callable[[], float | None] = lambda: None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    snmp_credentials: Mapping[str, Credential] = field(default_factory=dict)
    ca_file: str = ""
    notes: Notes = field(default_factory=lambda: Notes(None))
    memory: dict[str, object] = field(default_factory=dict)
    shared: dict[tuple[str, ...], dict[str, object]] = field(default_factory=dict, repr=False)


P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Probe(Generic[P]):
    """One file of `agents/probes` has one of these, called PROBE, where it asks something.

    Attributes:
        name: The label `probe` of what all report, and the name in a plan.
        limit_seconds: What one run takes at the most with its default parameters.
        metrics: All that `run` may report of its own.
        run: All input and output. Never raises for what comes back; at most `most_series` values.
    """

    name: str
    every_seconds: float
    limit_seconds: float
    params: type[P]
    metrics: tuple[str, ...]
    most_series: int
    run: Callable[[P, Means], list[Observation]]


def typed(kind: type[P], given: Mapping[str, Any]) -> P:
    """Return the parameters of a plan, each of the type of its default; text where there is none.

    Raises:
        ValueError: One is unknown, missing, of another type or not allowed.
    """
    known = {one.name: one.default for one in fields(kind)}
    for name in given:
        allow(name, given[name], name in known, f"one of {', '.join(known)}")
    values: dict[str, Any] = {}
    for name, default in known.items():
        if name not in given:
            allow(name, None, default is not MISSING, "a value: it must be given")
            continue
        like = "" if default is MISSING else default
        value = float(given[name]) if _is_whole_for(like, given[name]) else given[name]
        allow(name, value, type(value) is type(like), f"a {type(like).__name__}")
        values[name] = value
    return kind(**values)


def _is_whole_for(like: object, value: object) -> bool:
    return isinstance(like, float) and type(value) is int and abs(value) < 2**53


def ask(probe: Probe[P], params: P, networks: Sequence[str], means: Means) -> list[Observation]:
    """Run a probe if its target lies in a network that may be asked; else say that it does not."""
    address = ip_address(params.address)
    if not any(address in ip_network(network) for network in networks):
        labels = {"probe": probe.name, "target": params.target}
        return [Observation("wanwatch_probe_refused", labels, 1)]
    return probe.run(params, means)


def answered(
    probe: str, target: str, answer: Answer, seconds: float | None = None
) -> Iterator[Observation]:
    """Yield what every probe reports; nothing about life where it cannot be said."""
    labels = {"probe": probe, "target": target}
    if answer.is_alive is not None:
        yield Observation("wanwatch_probe_alive", labels, int(answer.is_alive))
    yield Observation("wanwatch_probe_answer_code", labels, int(answer))
    if seconds is not None:
        yield Observation("wanwatch_probe_answer_seconds", labels, round(seconds, 6))


def known_by(
    means: Means, probe: str, target: str, metric: str, label: str, value: str
) -> Iterator[Observation]:
    """Yield what a target is known by as a label; a former one is set to 0 once."""
    former = means.notes.put(probe, target, value)
    yield Observation(metric, {"target": target, label: value}, 1)
    if former is not None and former != value:
        yield Observation(metric, {"target": target, label: former}, 0)
