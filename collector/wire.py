"""The strict reader of a report's body: what it lets through is well-formed, bounded and harmless.

Labels stay raw bytes here: a series that is `known` was checked when it was first seen.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from collector.own_metrics import OWN_METRICS
from collector.wire_json import (
    RejectedReport,
    check_labels,
    read_labels,
    refuse_repeated_names,
    strict_json,
    unpack,
)
from collector.wire_text import MAX_DEPTH, check_text, check_words, is_too_deep

if TYPE_CHECKING:
    from collections.abc import Container

MAX_SAMPLES = 2_000
MAX_EVENTS = 500
MAX_SECTIONS = 50
MAX_DETAIL_CHARACTERS = 2_000
MAX_SEQ = 1 << 53
MAX_UNIX_SECONDS = 4_102_444_800.0  # 2100-01-01
MAX_AGE_SECONDS = 31 * 86_400.0
MAX_AHEAD_SECONDS = 86_400.0
METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,119}")
_STATE = re.compile(r"[0-9a-f]{0,64}")
T = TypeVar("T")


class WireSample(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    """One value; `labels` is the JSON object as it came, `at` Unix seconds of the agent's clock."""

    name: str
    labels: msgspec.Raw
    value: float
    at: float


class WireEvent(msgspec.Struct, forbid_unknown_fields=True):
    """Something that happened once; `at` is Unix seconds of the agent's clock."""

    kind: str
    at: float
    labels: dict[str, str] = {}
    detail: str = ""


class WireSection(msgspec.Struct, forbid_unknown_fields=True):
    """A slow-changing block of facts: always its digest, its content only when that changed."""

    digest: str
    content: Any = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    v: Literal[1]
    agent: str
    boot: str
    seq: int
    oldest: int
    state: str
    sent_at: float
    samples: list[WireSample]
    events: msgspec.Raw
    sections: msgspec.Raw


class WireReport(msgspec.Struct, frozen=True):
    """A checked report; the fields are those of `agents.report.Report`."""

    agent: str
    boot: str
    seq: int
    oldest: int
    state: str
    sent_at: float
    samples: list[WireSample]
    events: list[WireEvent]
    sections: dict[str, WireSection]


_DECODER = msgspec.json.Decoder(_Body)


def read(body: bytes, known: Container[tuple[str, bytes]] = frozenset()) -> WireReport:
    """Return the report in `body`; names and labels of `known` series are not checked again.

    Raises:
        RejectedReport: 413 when it is too large packed or unpacked, 422 with the field otherwise.
    """
    text = unpack(body)
    if is_too_deep(text):
        raise RejectedReport(422, "body", f"brackets do not match or nest deeper than {MAX_DEPTH}")
    refuse_repeated_names(text)
    decoded = _decode(text)
    report = WireReport(
        agent=decoded.agent,
        boot=decoded.boot,
        seq=decoded.seq,
        oldest=decoded.oldest,
        state=decoded.state,
        sent_at=decoded.sent_at,
        samples=decoded.samples,
        events=_rare(decoded.events, list[WireEvent], "events"),
        sections=_rare(decoded.sections, dict[str, WireSection], "sections"),
    )
    _check_head(report)
    _check_samples(report, known)
    _check_events(report)
    _check_sections(report)
    return report


def _decode(text: bytes) -> _Body:
    try:
        return _DECODER.decode(text)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise RejectedReport(422, path.strip("`.") or "body", reason) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedReport(422, "body", f"not JSON: {error}") from error


def _rare(raw: msgspec.Raw, kind: type[T], field: str) -> T:
    """Read a part that is mostly empty by the slow and strict parser."""
    data = bytes(raw)
    value = json.loads(data) if data in (b"[]", b"{}") else strict_json(data, field)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise RejectedReport(422, field + path.strip("`"), reason) from error


def _check_head(report: WireReport) -> None:
    for field in ("agent", "boot"):
        if (reason := check_words(getattr(report, field))) is not None:
            raise RejectedReport(422, field, reason)
    if not report.agent:
        raise RejectedReport(422, "agent", "is empty")
    if not 0 <= report.seq <= MAX_SEQ:
        raise RejectedReport(422, "seq", f"{report.seq}; must be 0 to 2^53")
    if not 0 <= report.oldest <= report.seq:
        raise RejectedReport(422, "oldest", f"{report.oldest}; must be 0 to seq {report.seq}")
    if _STATE.fullmatch(report.state) is None:
        raise RejectedReport(422, "state", "must be what the last answer handed out, or empty")
    if not 0 <= report.sent_at <= MAX_UNIX_SECONDS:
        raise RejectedReport(422, "sent_at", f"{report.sent_at}; must be Unix seconds before 2100")


def _check_samples(report: WireReport, known: Container[tuple[str, bytes]]) -> None:
    if len(report.samples) > MAX_SAMPLES:
        raise RejectedReport(422, "samples", f"{len(report.samples)}; at most {MAX_SAMPLES}")
    earliest = report.sent_at - MAX_AGE_SECONDS
    latest = report.sent_at + MAX_AHEAD_SECONDS
    for number, sample in enumerate(report.samples):
        if not earliest <= sample.at <= latest:
            raise _absurd_time(f"samples[{number}][3]", sample.at, report.sent_at)
        raw = bytes(sample.labels)
        if (sample.name, raw) not in known:
            if METRIC_NAME.fullmatch(sample.name) is None:
                reason = f"{sample.name[:60]!r} is not a metric name"
                raise RejectedReport(422, f"samples[{number}][0]", reason)
            if sample.name in OWN_METRICS:
                reason = f"{sample.name} is found out here; no agent reports it"
                raise RejectedReport(422, f"samples[{number}][0]", reason)
            read_labels(raw, f"samples[{number}][1]")


def _check_events(report: WireReport) -> None:
    if len(report.events) > MAX_EVENTS:
        raise RejectedReport(422, "events", f"{len(report.events)}; at most {MAX_EVENTS}")
    for number, event in enumerate(report.events):
        field = f"events[{number}]"
        if not report.sent_at - MAX_AGE_SECONDS <= event.at <= report.sent_at + MAX_AHEAD_SECONDS:
            raise _absurd_time(f"{field}.at", event.at, report.sent_at)
        if (reason := check_words(event.kind)) is not None:
            raise RejectedReport(422, f"{field}.kind", reason)
        if (reason := check_text(event.detail, MAX_DETAIL_CHARACTERS)) is not None:
            raise RejectedReport(422, f"{field}.detail", reason)
        check_labels(event.labels, f"{field}.labels")


def _check_sections(report: WireReport) -> None:
    if len(report.sections) > MAX_SECTIONS:
        raise RejectedReport(422, "sections", f"{len(report.sections)}; at most {MAX_SECTIONS}")
    for name, section in report.sections.items():
        for words in (name, section.digest):
            if (reason := check_words(words)) is not None:
                raise RejectedReport(422, f"sections.{name[:60]}", reason)


def _absurd_time(field: str, at: float, sent_at: float) -> RejectedReport:
    return RejectedReport(422, field, f"{at} is 31 days before or a day after sent_at {sent_at}")
