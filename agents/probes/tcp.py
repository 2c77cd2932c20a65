"""Whether a TCP port takes connections, and greets as it should where it greets first."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.exchange import Stream, answer_of, left_of
from agents.probe import Means, Params, Probe, allow, allow_number, answered

if TYPE_CHECKING:
    from agents.check import Observation

NAME = "tcp"
MOST_GREETING_BYTES = 512


@dataclass(frozen=True, slots=True)
class TcpParams(Params):
    """A port; `expects` is what its greeting begins with (SSH-, 220), empty where none comes."""

    port: int = 80
    expects: str = ""
    limit_seconds: float = 3.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow("expects", self.expects, len(self.expects) <= 64, "at most 64 characters")
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: TcpParams, means: Means) -> list[Observation]:
    """Connect, read the greeting where one is expected, and hang up."""
    started_at = means.monotonic()
    stream = Stream(left_of(params.limit_seconds, means.monotonic))
    seconds = None
    with closing(stream):
        try:
            stream.open((params.address, params.port))
            seconds = means.monotonic() - started_at
            answer = _greeting(stream, params.expects.encode())
        except OSError as error:
            answer = answer_of(error, f"connect to {params.address} TCP port {params.port}")
    return list(answered(NAME, params.target, answer, seconds))


def _greeting(stream: Stream, expected: bytes) -> Answer:
    came = b""
    while len(came) < len(expected):
        piece = stream.receive(MOST_GREETING_BYTES)
        came += piece
        if not piece or not came.startswith(expected[: len(came)]):
            break
    return Answer.RIGHT if came.startswith(expected) else Answer.GARBAGE


PROBE = Probe(
    NAME,
    every_seconds=30,
    limit_seconds=3,
    params=TcpParams,
    metrics=(),
    most_series=3,
    run=run,
)
