"""How far the clock of a time server or a device is from ours. Source: RFC 5905."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation
from agents.exchange import ask_udp
from agents.probe import Means, Params, Probe, allow_number, answered
from agents.probes.ntp_packet import judge, offset_and_delay, question, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.probes.ntp_packet import Clock

NAME = "ntp"
PORT = 123
TRIES_AT = (0.0,)  # a second question would blur when the first one left


@dataclass(frozen=True, slots=True)
class NtpParams(Params):
    """A server."""

    port: int = PORT
    limit_seconds: float = 3.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: NtpParams, means: Means) -> list[Observation]:
    """Ask once."""
    token = means.token(8)
    asked_at = 0.0

    def asking(_own: tuple[str, int]) -> bytes:
        nonlocal asked_at
        asked_at = means.now()
        return question(token)

    outcome = ask_udp(
        (params.address, params.port),
        asking,
        partial(read_answer, token=token),
        tries_at=TRIES_AT,
        limit_seconds=params.limit_seconds,
        monotonic=means.monotonic,
    )
    clock, seconds = outcome.found, outcome.seconds
    if clock is None or seconds is None:
        return list(answered(NAME, params.target, outcome.answer))
    answer = judge(clock)
    values = _observe(params.target, clock, answer, asked_at, asked_at + seconds)
    return [*answered(NAME, params.target, answer, seconds), *values]


def _observe(
    target: str, clock: Clock, answer: Answer, asked_at: float, answered_at: float
) -> Iterator[Observation]:
    """Yield what it says; no offset of a clock that calls itself unkept."""
    labels = {"target": target}
    yield Observation("wanwatch_ntp_stratum", labels, clock.stratum)
    if answer is Answer.RIGHT:
        offset, delay = offset_and_delay(clock, asked_at, answered_at)
        dispersion = round(clock.root_dispersion_seconds, 6)
        yield Observation("wanwatch_ntp_offset_seconds", labels, round(offset, 6))
        yield Observation("wanwatch_ntp_delay_seconds", labels, round(max(0.0, delay), 6))
        yield Observation("wanwatch_ntp_root_dispersion_seconds", labels, dispersion)


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=3,
    params=NtpParams,
    metrics=(
        "wanwatch_ntp_stratum",
        "wanwatch_ntp_offset_seconds",
        "wanwatch_ntp_delay_seconds",
        "wanwatch_ntp_root_dispersion_seconds",
    ),
    most_series=7,
    run=run,
)
