"""Whether a DNS server gives the right answer to a question. Source: RFC 1035."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.check import Observation
from agents.exchange import ask_udp
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.probes.dns_message import KINDS, NotDns, Reply, is_name, judge, question, read_reply

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "dns"
PORT = 53
TRIES_AT = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class DnsParams(Params):
    """A server and a question; `expects` is a value that must be in the answer, empty for any."""

    name: str
    kind: str = "A"
    expects: str = ""
    port: int = PORT
    limit_seconds: float = 3.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow("name", self.name, is_name(self.name), "a name in ASCII of up to 253 characters")
        allow("kind", self.kind, self.kind in KINDS, ", ".join(KINDS))
        allow("expects", self.expects, len(self.expects) <= 253, "at most 253 characters")
        allow_number("port", self.port, 1, 65_535)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


def run(params: DnsParams, means: Means) -> list[Observation]:
    """Ask, twice at the most."""
    asked = question(int.from_bytes(means.token(2), "big"), params.name, params.kind)

    def read(data: bytes) -> Reply | None:
        try:
            return read_reply(data, asked)
        except NotDns:
            return None

    outcome = ask_udp(
        (params.address, params.port),
        lambda _own: asked,
        read,
        tries_at=[at for at in TRIES_AT if at < params.limit_seconds],
        limit_seconds=params.limit_seconds,
        monotonic=means.monotonic,
    )
    reply = outcome.found
    answer = outcome.answer if reply is None else judge(reply, params.expects)
    return [
        *answered(NAME, params.target, answer, outcome.seconds),
        *(() if reply is None else _observe(params.target, reply)),
    ]


def _observe(target: str, reply: Reply) -> Iterator[Observation]:
    labels = {"target": target}
    yield Observation("wanwatch_dns_response_code", labels, reply.code)
    yield Observation("wanwatch_dns_answer_records", labels, len(reply.records))


PROBE = Probe(
    NAME,
    every_seconds=30,
    limit_seconds=3,
    params=DnsParams,
    metrics=("wanwatch_dns_response_code", "wanwatch_dns_answer_records"),
    most_series=5,
    run=run,
)
