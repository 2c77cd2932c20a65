"""The strict reader of a report's body: what it lets through is well-formed, bounded and harmless.

Samples come as columns and labels stay raw: a report laid out like an earlier one of its host
names nothing that was not checked then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from agents.report import MAX_SAMPLES
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
    from collections.abc import Iterator

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


class WireSample(NamedTuple):
    """One value; `labels` is the JSON object as it came, `at` Unix seconds of the agent's clock."""

    name: str
    labels: msgspec.Raw
    value: float
    at: float


class WireSamples(NamedTuple):
    """The samples of a report by column; all columns are equally long."""

    names: tuple[str, ...] = ()
    labels: tuple[msgspec.Raw, ...] = ()
    values: tuple[float, ...] = ()
    instants: tuple[float, ...] = ()

    def rows(self) -> Iterator[WireSample]:
        """Yield one sample after the other; for whoever has time."""
        return map(WireSample, *self)


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
    samples: msgspec.Raw
    events: msgspec.Raw
    sections: msgspec.Raw


class Known(Protocol):
    """What was checked of a host's reports before."""

    def layout_of(self, samples: WireSamples) -> object | None:
        """Return what is known of reports with these names and labels in this order."""

    def has_identity(self, name: str, raw: bytes) -> bool:
        """Say whether this name with these labels was seen."""


class WireReport(msgspec.Struct, frozen=True):
    """A checked report; the fields are those of `agents.report.Report`.

    Attributes:
        layout: What `Known` said of the samples; None when they are laid out in a new way.
    """

    agent: str
    boot: str
    seq: int
    oldest: int
    state: str
    sent_at: float
    samples: WireSamples
    events: list[WireEvent]
    sections: dict[str, WireSection]
    layout: object | None = None


_EVENTS, _NO_EVENTS = list[WireEvent], msgspec.Raw(b"[]")
_SECTIONS, _NO_SECTIONS = dict[str, WireSection], msgspec.Raw(b"{}")
_DECODER = msgspec.json.Decoder(_Body)
_SAMPLES = msgspec.json.Decoder(list[tuple[str, msgspec.Raw, float, float]])


def read(body: bytes, known: Known | None = None) -> WireReport:
    """Return the report in `body`; names and labels that are `known` are not checked again.

    Raises:
        RejectedReport: 413 when it is too large packed or unpacked, 422 with the field otherwise.
    """
    text = unpack(body)
    if is_too_deep(text):
        raise RejectedReport(422, "body", f"brackets do not match or nest deeper than {MAX_DEPTH}")
    decoded = _decode(_DECODER, text, "")
    refuse_repeated_names(text, bytes(decoded.samples))
    samples = _columns(decoded.samples)
    report = WireReport(
        agent=decoded.agent,
        boot=decoded.boot,
        seq=decoded.seq,
        oldest=decoded.oldest,
        state=decoded.state,
        sent_at=decoded.sent_at,
        samples=samples,
        events=[] if decoded.events == _NO_EVENTS else _rare(decoded.events, _EVENTS, "events"),
        sections={}
        if decoded.sections == _NO_SECTIONS
        else _rare(decoded.sections, _SECTIONS, "sections"),
        layout=None if known is None else known.layout_of(samples),
    )
    _check_head(report)
    _check_instants(report)
    if report.layout is None:
        _check_identities(samples, known)
    if report.events:
        _check_events(report)
    if report.sections:
        _check_sections(report)
    return report


def _decode(decoder: msgspec.json.Decoder[T], text: bytes | msgspec.Raw, field: str) -> T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise RejectedReport(422, (field + path).strip("`.") or "body", reason) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedReport(422, field or "body", f"not JSON: {error}") from error


def _columns(raw: msgspec.Raw) -> WireSamples:
    rows = _decode(_SAMPLES, raw, "samples")
    if len(rows) > MAX_SAMPLES:
        raise RejectedReport(422, "samples", f"{len(rows)}; at most {MAX_SAMPLES}")
    return WireSamples(*zip(*rows, strict=True)) if rows else WireSamples()


def _rare(raw: msgspec.Raw, kind: type[T], field: str) -> T:
    """Read a part that is mostly empty by the slow and strict parser."""
    value = strict_json(bytes(raw), field)
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


def _check_instants(report: WireReport) -> None:
    instants = report.samples.instants
    earliest = report.sent_at - MAX_AGE_SECONDS
    latest = report.sent_at + MAX_AHEAD_SECONDS
    if not instants or (earliest <= min(instants) and max(instants) <= latest):
        return
    number, at = next(
        (number, at) for number, at in enumerate(instants) if not earliest <= at <= latest
    )
    raise _absurd_time(f"samples[{number}][3]", at, report.sent_at)


def _check_identities(samples: WireSamples, known: Known | None) -> None:
    for number, (name, labels) in enumerate(zip(samples.names, samples.labels, strict=True)):
        raw = bytes(labels)
        if known is None or not known.has_identity(name, raw):
            if METRIC_NAME.fullmatch(name) is None:
                reason = f"{name[:60]!r} is not a metric name"
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
