"""Report, Sample and Event and their JSON: the one wire contract, used by agent and collector."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

VERSION = 1
PATH = "/api/v1/reports"
AGENT_HEADER = "X-Agent"
SIGNATURE_HEADER = "X-Signature"
MAX_COMPRESSED_BYTES = 1 << 20
MAX_UNPACKED_BYTES = 4 << 20
MAX_SAMPLES = 2_000
MAX_LABEL_CHARACTERS = 120
# What no label may hold: C0 and C1 controls, line and paragraph separators, the marks that reorder
# text on a screen, and halves of characters (a file name that is not UTF-8).
HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_DIGEST_CHARACTERS = 12
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_GZIP = 31  # Source: zlib's manual, windowBits of deflateInit2

Labels = dict[str, str]


class Sample(NamedTuple):
    """One value of one metric; `at` is Unix time in seconds by the agent's own clock."""

    name: str
    labels: Labels
    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once; `at` is Unix time in seconds by the agent's own clock."""

    kind: str
    at: float
    labels: Labels = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A slow-changing block of facts: always its digest, its content only when that changed."""

    digest: str
    content: Any = None


@dataclass(frozen=True, slots=True)
class Report:
    """One signed batch from an agent.

    Attributes:
        boot: Identifier of this boot of the host.
        seq: One counter per key, durable in the spool, never reset.
        oldest: The lowest `seq` that the agent still holds.
        state: What the collector's last answer handed out; empty before the first answer.
        sent_at: Unix time in seconds of the agent's clock when this body was made. The collector
            reads every instant as `received_at - (sent_at - at)`, so the clock's offset cancels.
    """

    agent: str
    boot: str
    seq: int
    oldest: int
    state: str
    sent_at: float
    samples: list[Sample] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)


class Known(TypedDict):
    """What the collector knows of this host or its unit; `since` is Unix time in seconds."""

    since: float
    text_vi: str


class AskedAbout(TypedDict):
    """A device: its name, its IP address, and its TCP port, or 0 for an ICMP echo."""

    name: str
    address: str
    port: int


class Accepted(TypedDict, total=False):
    """The JSON object of a 202; what is absent or not as said here means nothing.

    Attributes:
        state: What the next request presents.
        plan: The etag of what the agent is to run.
        duplicate: The number was received before; then `next` is the lowest that is free.
        backlog_per_minute: How many reports of the backlog may go a minute, at least 1; absent,
            the agent's own pace. The header Retry-After pauses the backlog for so many seconds.
            Live reports go on in either case.
        known: What the province knows of this host already, at most 5, for the local page.
        contact: Whom the person at the machine can call, one line.
        targets: Devices of which the collector wants to know whether they answer from there, at
            most 32; absent, it asks about none.
    """

    state: str
    plan: str
    duplicate: bool
    next: int
    backlog_per_minute: int
    known: list[Known]
    contact: str
    targets: list[AskedAbout]


class PutOff(TypedDict, total=False):
    """The JSON object of a 503, beside which Retry-After says when to come again.

    Attributes:
        error: Why, for a person.
        oldest_first: The collector keeps no more gaps between the numbers it received. It takes the
            oldest report that the agent holds, and those behind it, at once; others when a gap is
            closed.
    """

    error: str
    oldest_first: bool


@lru_cache(maxsize=8_192)
def label_value(text: str) -> str:
    """Return a text as a label may hold it: harmless, at most 120 characters.

    What had to be changed ends in a piece of its digest, so that two values never become one.
    """
    clean = HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text)
    if clean == text and len(text) <= MAX_LABEL_CHARACTERS:
        return text
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{clean[: MAX_LABEL_CHARACTERS - _DIGEST_CHARACTERS - 1]}…{digest}"


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as the JSON object of the wire."""
    return {
        "v": VERSION,
        "agent": report.agent,
        "boot": report.boot,
        "seq": report.seq,
        "oldest": report.oldest,
        "state": report.state,
        "sent_at": report.sent_at,
        "samples": report.samples,
        "events": [
            {"kind": e.kind, "at": e.at, "labels": e.labels, "detail": e.detail}
            for e in report.events
        ],
        "sections": {
            name: {"digest": s.digest}
            if s.content is None
            else {"digest": s.digest, "content": s.content}
            for name, s in report.sections.items()
        },
    }


def from_json(body: dict[str, Any]) -> Report:
    """Read a trusted JSON object (the agent's own spool); the collector has its own strict reader.

    Raises:
        KeyError, TypeError, ValueError: The object is not a report of this version.
    """
    if body["v"] != VERSION:
        raise ValueError(f"report version {body['v']!r}: this program reads version {VERSION}")
    return Report(
        agent=body["agent"],
        boot=body["boot"],
        seq=body["seq"],
        oldest=body["oldest"],
        state=body["state"],
        sent_at=body["sent_at"],
        samples=[Sample(*sample) for sample in body["samples"]],
        events=[Event(**event) for event in body["events"]],
        sections={name: Section(**section) for name, section in body["sections"].items()},
    )


def to_text(content: dict[str, Any]) -> str:
    """Return compact JSON; NaN and infinity are refused.

    Raises:
        ValueError: A value is not finite.
    """
    return _ENCODER.encode(content)


def pack(report: Report) -> bytes:
    """Return the body of the request: gzip over the JSON. The spool makes the same piece by piece.

    Raises:
        ValueError: A value is not finite.
    """
    packer = zlib.compressobj(wbits=_GZIP)
    return packer.compress(to_text(to_json(report)).encode()) + packer.flush()
