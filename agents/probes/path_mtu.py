"""How large a packet passes to a reflector and back without being cut in pieces.

A path that lost its messages of "too big" (a tunnel, a filter) loses the large packets alone: the
session starts, and the picture never comes. Source: RFC 8899 (searching with probes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation
from agents.probe import Means, Params, Probe, allow_number, answered
from agents.probes.datagrams import version
from agents.probes.pace import OVERHEAD_BYTES, Budget
from agents.probes.stamp import answer_of
from agents.probes.stamp_packet import PORT
from agents.probes.stamp_sender import LEAST_BYTES, Run, Traffic, send

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "path_mtu"
ATTEMPTS = 2
STEP_BYTES = 4  # padding comes with a head of four bytes


@dataclass(frozen=True, slots=True)
class PathMtuParams(Params):
    """A search between two sizes of IP packets, both in bytes with all headers."""

    port: int = PORT
    least_bytes: int = 576
    most_bytes: int = 1_500
    dscp: int = 0
    most_bits_per_second: float = 64_000.0
    wait_seconds: float = 1.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow_number("least_bytes", self.least_bytes, LEAST_BYTES + 60, 8_900)
        allow_number("most_bytes", self.most_bytes, self.least_bytes, 8_948)
        allow_number("dscp", self.dscp, 0, 63)
        allow_number("most_bits_per_second", self.most_bits_per_second, 8_000, 10_000_000)
        allow_number("wait_seconds", self.wait_seconds, 0.05, 5)


def largest(least: int, most: int, passes: Callable[[int], bool]) -> int | None:
    """Return the largest size that passes, to the step; None: not even the least does."""
    if not passes(least):
        return None
    if passes(most):
        return most
    while most - least > STEP_BYTES:
        middle = (least + most) // 2
        if passes(middle):
            least = middle
        else:
            most = middle
    return least


def run(params: PathMtuParams, means: Means) -> list[Observation]:
    """Search, within the budget."""
    headers = OVERHEAD_BYTES[version(params.address)]
    per_second = params.most_bits_per_second
    budget = Budget(per_second, 8 * params.most_bytes, means.monotonic())
    runs: list[Run] = []

    def passes(size: int) -> bool:
        content, pace = size - headers, per_second / (8 * size)
        where = (params.address, params.port, content, params.dscp)
        traffic = Traffic(*where, 1, pace, per_second, params.wait_seconds)
        for _ in range(ATTEMPTS):
            runs.append(send(traffic, means, never_fragment=True, budget=budget))
            if runs[-1].replies or runs[-1].error is not None:
                break
        return bool(runs[-1].replies)

    found = largest(params.least_bytes, params.most_bytes, passes)
    answer = Answer.RIGHT if found is not None else answer_of(runs[-1], params.address)
    observed = list(answered(NAME, params.target, answer))
    if found is not None:
        labels = {"target": params.target}
        observed.append(Observation("wanwatch_path_mtu_bytes", labels, found))
    return observed


PROBE = Probe(
    NAME,
    every_seconds=3600,
    limit_seconds=30,
    params=PathMtuParams,
    metrics=("wanwatch_path_mtu_bytes",),
    most_series=4,
    run=run,
)
