"""Who is asked anew before a session, and when: in turns that no line feels.

A path's stream takes its share of the line, a device's dialogue a part of it. What is asked at
the same time stays below the budget of each line and the ceiling of the centre; what alone is more
than that is asked alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.rush import ANEW_SECONDS, ONLY_SELDOM, STREAM
from collector.targets.mesh import LEAST_BITS, LINE_MOST_BITS, line_budget

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from agents.probe_plan import Ask
    from collector.targets.targets import Target, Targets

# Bytes that one run takes of a line, both ways together: estimates from above. A status page of a
# codec is 30–150 kB of XML, a walk of a device's tables 20–60 kB; an echo or a greeting is small.
SMALL_BYTES, OF_DEVICE_BYTES = 3_000, 60_000
RUN_BYTES: Mapping[str, int] = {"cisco_xapi": 150_000, "http": 100_000}
SMALL = frozenset({"icmp", "sip", "tcp", "h323", "ras", "ntp", "dns", "reach"})


class Wanted(NamedTuple):
    """A target that is to be asked.

    Attributes:
        line: The target over which it is reached; empty where no line lies between.
        bits: What asking it takes of the line, per second.
    """

    target: str
    line: str
    bits: float


def admitted(
    asked: Collection[Wanted],
    waiting: Iterable[Wanted],
    line_bits: Callable[[str], float],
    most_bits: float,
) -> list[Wanted]:
    """Return which of those that wait may be asked now, beside those that are asked already."""
    on_line: dict[str, float] = {}
    total = 0.0
    for one in asked:
        on_line[one.line] = on_line.get(one.line, 0.0) + one.bits
        total += one.bits if one.line else 0.0
    found = []
    for one in waiting:
        if one.line:
            used = on_line.get(one.line, 0.0)
            if used and used + one.bits > line_bits(one.line):
                continue
            if total and total + one.bits > most_bits:
                continue
            on_line[one.line] = used + one.bits
            total += one.bits
        found.append(one)
    return found


def rounds(
    waiting: Sequence[Wanted], line_bits: Callable[[str], float], most_bits: float
) -> list[list[Wanted]]:
    """Return in how many turns all have been asked, where each waits for those before it."""
    left, found = list(waiting), []
    while left:
        now = admitted((), left, line_bits, most_bits)
        found.append(now)
        left = [one for one in left if one not in now]
    return found


def bits_of(asks: Iterable[Ask], stream_bits: float) -> float:
    """Return what asking a target takes of its line, per second.

    Args:
        stream_bits: What its stream may send; it comes back as well, the other way.
    """
    return sum(
        stream_bits if ask.probe == STREAM else 8 * run_bytes(ask.probe) / ANEW_SECONDS
        for ask in asks
        if ask.probe not in ONLY_SELDOM
    )


def run_bytes(probe: str) -> int:
    """Return how many bytes one run of a probe takes of a line, at the most."""
    return RUN_BYTES.get(probe, SMALL_BYTES if probe in SMALL else OF_DEVICE_BYTES)


def line_of(target: Target, targets: Targets, near: str) -> str:
    """Return the name of the line over which a target is asked.

    Args:
        near: The unit of the agent that asks it; one of its own unit needs no line.
    """
    if targets.mesh is not None:
        for site in targets.mesh.sites:
            if site.name == target.name:
                return site.line or site.name
    if near and near == target.unit and not any(ask.probe == STREAM for ask in target.probes):
        return ""
    seen, ahead = set[str](), [target.node]
    while ahead:
        here = ahead.pop(0)
        found = targets.of_node(here)
        if found is not None and (found.circuit or found.rate_kbit is not None):
            return found.name
        seen.add(here)
        ahead += [one for one in targets.uplinks.get(here, ()) if one not in seen]
    return target.name


def budget_of(line: str, targets: Targets) -> float:
    """Return what probes may take of a line in bits per second."""
    target = targets.by_name.get(line)
    rate_kbit = None if target is None else target.rate_kbit
    return line_budget(None if rate_kbit is None else rate_kbit * 1_000)


def stream_bits(target: Target, budget: float) -> float:
    """Return what the stream of a target may send; none: it has no stream."""
    for ask in target.probes:
        if ask.probe == STREAM:
            given = float(ask.params.get("most_bits_per_second", LINE_MOST_BITS))
            return max(LEAST_BITS, min(given, budget))
    return 0.0
