"""Whether a SIP endpoint, bridge or proxy answers OPTIONS: UDP, TCP, TLS. Source: RFC 3261."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation
from agents.exchange import Outcome, Stream, answer_of_tls, ask_udp, left_of, trusting_context
from agents.probe import Means, Params, Probe, allow, allow_number, answered, known_by
from agents.probes.sip_message import (
    MOST_BYTES,
    NotSip,
    Options,
    Response,
    is_answer_to,
    judge,
    options,
    read_response,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "sip"
UDP, TCP, TLS = "UDP", "TCP", "TLS"
PORTS = {UDP: 5060, TCP: 5060, TLS: 5061}
# T1 of 500 ms, doubled once: three in the limit of a probe instead of seven in 32 s.
TRIES_AT = (0.0, 0.5, 1.5)
MOST_DEVICE_CHARACTERS = 120
_BETWEEN = re.compile(rb"(?:\r\n)*(.*?\r\n\r\n)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SipParams(Params):
    """Whom to ask over what; port 0 is the usual one of the transport."""

    transport: str = UDP
    port: int = 0
    limit_seconds: float = 5.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow("transport", self.transport, self.transport in PORTS, ", ".join(PORTS))
        allow_number("port", self.port, 0, 65_535)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: SipParams, means: Means) -> list[Observation]:
    """Ask, and return what the answer means."""
    token = means.token(24).hex()
    port = params.port or PORTS[params.transport]
    own = ("", 0)
    asked = Options(
        params.address, port, params.transport, own, token[:16], token[16:32], token[32:]
    )
    over = _over_udp if params.transport == UDP else _over_stream
    outcome = over(params, asked, means)
    found = outcome.found
    answer = outcome.answer if found is None else judge(found)
    return [
        *answered(NAME, params.target, answer, outcome.seconds),
        *(() if found is None else _observe(params.target, found, means)),
    ]


def _observe(target: str, found: Response, means: Means) -> Iterator[Observation]:
    yield Observation("wanwatch_sip_status_code", {"target": target}, found.status)
    if found.retry_after_seconds is not None:
        value = found.retry_after_seconds
        yield Observation("wanwatch_sip_retry_after_seconds", {"target": target}, value)
    if found.device:
        device = found.device[:MOST_DEVICE_CHARACTERS]
        metric = "wanwatch_sip_device_info"
        yield from known_by(means, NAME, target, metric, "device", device)


def _over_udp(params: SipParams, asked: Options, means: Means) -> Outcome[Response]:
    def read(data: bytes) -> Response | None:
        try:
            found = read_response(data)
        except NotSip:
            return None
        return found if is_answer_to(found, asked) else None

    return ask_udp(
        (asked.address, asked.port),
        lambda own: options(asked._replace(own=own)),
        read,
        tries_at=[at for at in TRIES_AT if at < params.limit_seconds],
        limit_seconds=params.limit_seconds,
        monotonic=means.monotonic,
    )


def _over_stream(params: SipParams, asked: Options, means: Means) -> Outcome[Response]:
    stream = Stream(left_of(params.limit_seconds, means.monotonic))
    started_at = means.monotonic()
    context = trusting_context() if params.transport == TLS else None
    what = f"ask {asked.address} {params.transport} port {asked.port}"
    received = b""
    with closing(stream):
        try:
            own = stream.open((asked.address, asked.port), context)
            stream.send(options(asked._replace(own=own)))
            while len(received) < MOST_BYTES and (piece := stream.receive(4_096)):
                received += piece
                while (whole := _BETWEEN.match(received)) is not None:
                    found = read_response(whole[1])
                    if is_answer_to(found, asked):
                        return Outcome(Answer.RIGHT, found, means.monotonic() - started_at)
                    received = received[whole.end() :]
        except NotSip:
            return Outcome(Answer.GARBAGE)
        except TimeoutError:
            return Outcome(Answer.GARBAGE if received else Answer.SILENT)
        except OSError as error:
            return Outcome(answer_of_tls(error, what))
    return Outcome(Answer.GARBAGE)


PROBE = Probe(
    NAME,
    every_seconds=30,
    limit_seconds=5,
    params=SipParams,
    metrics=(
        "wanwatch_sip_status_code",
        "wanwatch_sip_retry_after_seconds",
        "wanwatch_sip_device_info",
    ),
    most_series=7,
    run=run,
)
