"""Whether an H.323 endpoint takes calls: its call-signalling port connects, and no more is said.

A SETUP can ring. Some endpoints log or limit connections: not more often than once a minute.
Sources: H.225.0 (port 1720).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.exchange import Stream, answer_of, left_of
from agents.probe import Means, Params, Probe, allow_number, answered

if TYPE_CHECKING:
    from agents.check import Observation

NAME = "h323"
PORT = 1720


@dataclass(frozen=True, slots=True)
class H323Params(Params):
    """An endpoint or a bridge."""

    port: int = PORT
    limit_seconds: float = 3.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: H323Params, means: Means) -> list[Observation]:
    """Connect and hang up. Refused: the stack is off; silent: filtered, or gone."""
    started_at = means.monotonic()
    stream = Stream(left_of(params.limit_seconds, means.monotonic))
    seconds = None
    with closing(stream):
        try:
            stream.open((params.address, params.port))
            seconds, answer = means.monotonic() - started_at, Answer.RIGHT
        except OSError as error:
            answer = answer_of(error, f"connect to {params.address} TCP port {params.port}")
    return list(answered(NAME, params.target, answer, seconds))


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=3,
    params=H323Params,
    metrics=(),
    most_series=3,
    run=run,
)
