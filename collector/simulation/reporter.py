"""One simulated agent: its number, its state, and the signed bytes of its next report."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from agents.delivery import Verdict
from agents.report import AGENT_HEADER, PATH, SIGNATURE_HEADER, VERSION
from collector.simulation.behaviour import series, values

if TYPE_CHECKING:
    from agents.delivery import Outcome
    from agents.identity import Identity
    from collector.simulation.effects import Effect
    from collector.simulation.province import SimulatedHost

LEVEL = 1  # a tenth of the processor time of level 9 for a fifth more bytes

CLONE_STATE = "c" * 32  # looks like one, and was handed to nobody


@cache
def _beginnings(kind: str) -> tuple[str, ...]:
    """Return the JSON of each series up to its value: the same for all hosts of a kind."""
    return tuple(
        json.dumps([s.name, s.labels], ensure_ascii=False, separators=(",", ":"))[:-1] + ","
        for s in series(kind)
    )


@dataclass(slots=True)
class Reporter:
    """What an agent keeps between its reports; it keeps none of those that could not go.

    Attributes:
        oldest: The lowest number that is held; 0: the one that is sent.
    """

    host: SimulatedHost
    identity: Identity
    server: str
    seq: int = 1
    state: str = ""
    boots: int = 1
    failures: int = field(default=0)
    oldest: int = 0

    def request(self, at: float, effect: Effect) -> bytes:
        """Return the whole HTTP request of a report made at an instant (Unix seconds)."""
        return self._request(self._body(at, effect, self.state, self.seq))

    def clone_request(self, at: float, effect: Effect) -> bytes:
        """Return what a copy of this host would send that went another way some reports ago."""
        return self._request(self._body(at, effect, CLONE_STATE, self.seq))

    def after(self, outcome: Outcome) -> None:
        """Take over what an answer means."""
        if outcome.verdict is Verdict.KEEP:
            self.failures += 1
            return
        self.failures = 0
        self.state = self.state if outcome.state is None else outcome.state
        is_renumbered = outcome.verdict is Verdict.RENUMBER and outcome.next_seq is not None
        self.seq = outcome.next_seq if is_renumbered and outcome.next_seq else self.seq + 1

    def _body(self, at: float, effect: Effect, state: str, seq: int) -> bytes:
        sent_at = f"{at + effect.clock_ahead_seconds:.3f}"
        readings = zip(_beginnings(self.host.kind), values(self.host, at, effect), strict=True)
        samples = ",".join(f"{start}{value:.10g},{sent_at}]" for start, value in readings)
        text = (
            f'{{"v":{VERSION},"agent":"{self.identity.agent}","boot":"simulated-{self.boots}",'
            f'"seq":{seq},"oldest":{self.oldest or seq},"state":"{state}","sent_at":{sent_at},'
            f'"samples":[{samples}],"events":[],"sections":{{}}}}'
        )
        return gzip.compress(text.encode(), compresslevel=LEVEL, mtime=0)

    def _request(self, body: bytes) -> bytes:
        signature = base64.b64encode(self.identity.sign(body)).decode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {self.server}\r\n"
            f"Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
            f"{AGENT_HEADER}: {self.identity.agent}\r\n{SIGNATURE_HEADER}: {signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode("ascii") + body
