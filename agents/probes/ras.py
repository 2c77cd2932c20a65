"""Whether an H.323 gatekeeper lives, and whether a number is registered with it. Source: H.225.0.

Gatekeepers may ignore whom they do not know: silence of one that never answered says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.exchange import ask_udp
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.probes.ras_message import (
    MOST_DIGITS,
    PORT,
    Ras,
    gatekeeper_request,
    is_number,
    location_request,
    read_answer,
)

if TYPE_CHECKING:
    from agents.check import Observation

NAME = "ras"
TRIES_AT = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class RasParams(Params):
    """A gatekeeper; with `alias` it is asked for that number, else only whether it is there."""

    port: int = PORT
    alias: str = ""
    limit_seconds: float = 3.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow("address", self.address, ":" not in self.address, "an IPv4 address")
        allow_number("port", self.port, 1, 65_535)
        is_good = not self.alias or is_number(self.alias)
        allow("alias", self.alias, is_good, f"up to {MOST_DIGITS} of 0-9, #, * and comma")
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: RasParams, means: Means) -> list[Observation]:
    """Ask, twice at the most."""
    seq = int.from_bytes(means.token(2), "big") % 65_535 + 1

    def question(own: tuple[str, int]) -> bytes:
        if params.alias:
            return location_request(seq, params.alias, own)
        return gatekeeper_request(seq, own)

    outcome = ask_udp(
        (params.address, params.port),
        question,
        partial(read_answer, seq=seq),
        tries_at=[at for at in TRIES_AT if at < params.limit_seconds],
        limit_seconds=params.limit_seconds,
        monotonic=means.monotonic,
    )
    answer = outcome.answer
    if outcome.found is not None:
        means.notes.put(NAME, params.target, params.address)
        answer = Answer.UNREGISTERED if outcome.found is Ras.NOT_LOCATED else Answer.RIGHT
    elif answer is Answer.SILENT and not _is_known(params, means):
        answer = Answer.UNKNOWN
    return list(answered(NAME, params.target, answer, outcome.seconds))


def _is_known(params: RasParams, means: Means) -> bool:
    """Say whether it answered before, from where it is asked now."""
    return means.notes.of(NAME).get(params.target) == params.address


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=3,
    params=RasParams,
    metrics=(),
    most_series=3,
    run=run,
)
