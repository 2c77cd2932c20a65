"""The strict reader: what an agent packs comes back, what an attacker packs is refused by name."""

from __future__ import annotations

import gzip
import json
import math
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import records
from agents.report import Event, Report, Sample, Section, pack, to_json
from collector.layouts import HostLayouts
from collector.series import Identities
from collector.wire import WireReport, read
from collector.wire_json import RejectedReport, read_labels
from collector.wire_text import is_too_deep

NOW = 1_795_000_000.0

words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), max_size=120)
names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,30}", fullmatch=True)
label_names = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,20}", fullmatch=True)
labels = st.dictionaries(label_names, words, max_size=6)
numbers = st.floats(allow_nan=False, allow_infinity=False)
instants = st.floats(min_value=NOW - 86_400, max_value=NOW + 60)
contents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
reports = st.builds(
    Report,
    agent=words.filter(bool),
    boot=words,
    seq=st.integers(100, 1 << 53),
    oldest=st.integers(0, 100),
    state=st.from_regex(r"[0-9a-f]{0,32}", fullmatch=True),
    sent_at=st.just(NOW),
    samples=st.lists(st.builds(Sample, names, labels, numbers, instants), max_size=8),
    events=st.lists(st.builds(Event, words, instants, labels, words), max_size=4),
    sections=st.dictionaries(words, st.builds(Section, words, contents), max_size=3),
)


def as_report(report: WireReport) -> Report:
    """The same report in the agent's own classes."""
    return Report(
        report.agent,
        report.boot,
        report.seq,
        report.oldest,
        report.state,
        report.sent_at,
        [
            Sample(s.name, dict(read_labels(bytes(s.labels))), s.value, s.at)
            for s in report.samples.rows()
        ],
        [Event(e.kind, e.at, e.labels, e.detail) for e in report.events],
        {name: Section(s.digest, s.content) for name, s in report.sections.items()},
    )


def body_of(**changes: Any) -> bytes:
    """A body with some fields replaced, packed without the agent's own checks."""
    content = {**to_json(Report("a", "b", 1, 1, "", NOW)), **changes}
    return gzip.compress(json.dumps(content).encode())


def raw_body(text: str) -> bytes:
    return gzip.compress(text.encode("utf-8", "surrogatepass"))


def refusal(body: bytes) -> RejectedReport:
    with pytest.raises(RejectedReport) as caught:
        read(body)
    return caught.value


@settings(deadline=None)
@given(reports)
def test_reader_returns_what_the_agent_packed(report: Report) -> None:
    """Whatever `agents.report.pack` makes is read back equal: one contract, two ends."""
    assert as_report(read(pack(report))) == report


@settings(deadline=None)
@given(reports)
def test_reader_returns_what_the_agent_spooled(report: Report) -> None:
    """What is put together out of the spool when it is sent is read back equal, too."""
    record = records.encode(report, made_at=NOW, made_uptime=0.0)
    body = records.body(record, oldest=report.oldest, state=report.state, sent_at=report.sent_at)

    assert as_report(read(body)) == report


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(gzip.compress))
def test_reader_refuses_any_bytes_with_a_status(body: bytes) -> None:
    """No input raises anything but a refusal with a status and a field."""
    assert refusal(body).status in (413, 422)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"v": 2}, "v"),
        ({"agent": 5}, "agent"),
        ({"agent": ""}, "agent"),
        ({"agent": "x" * 121}, "agent"),
        ({"agent": "a\u202eb"}, "agent"),
        ({"boot": "a\nb"}, "boot"),
        ({"seq": -1}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"seq": 1 << 60}, "seq"),
        ({"seq": 3, "oldest": 4}, "oldest"),
        ({"state": "not hex"}, "state"),
        ({"sent_at": -1}, "sent_at"),
        ({"sent_at": 1e12}, "sent_at"),
        ({"surprise": 1}, "body"),
        ({"samples": [["m", {}, 1]]}, "samples[0]"),
        ({"samples": [["m", {}, "1", NOW]]}, "samples[0][2]"),
        ({"samples": [["m", {}, True, NOW]]}, "samples[0][2]"),
        ({"samples": [["1m", {}, 1, NOW]]}, "samples[0][0]"),
        ({"samples": [["m" * 121, {}, 1, NOW]]}, "samples[0][0]"),
        ({"samples": [["m", [], 1, NOW]]}, "samples[0][1]"),
        ({"samples": [["m", {"a": 1}, 1, NOW]]}, "samples[0][1].a"),
        ({"samples": [["m", {"a": {"b": "c"}}, 1, NOW]]}, "samples[0][1].a"),
        ({"samples": [["m", {"__name__": "x"}, 1, NOW]]}, "samples[0][1]"),
        ({"samples": [["m", {"a": "x" * 121}, 1, NOW]]}, "samples[0][1].a"),
        ({"samples": [["m", {"a": "\x1b[31m"}, 1, NOW]]}, "samples[0][1].a"),
        ({"samples": [["m", {f"l{n}": "" for n in range(21)}, 1, NOW]]}, "samples[0][1]"),
        ({"samples": [["m", {}, 1, NOW - 40 * 86_400]]}, "samples[0][3]"),
        ({"samples": [["m", {}, 1, NOW + 2 * 86_400]]}, "samples[0][3]"),
        ({"samples": [["m", {}, 1, NOW]] * 2_001}, "samples"),
        ({"events": [{"kind": "k", "at": NOW}] * 501}, "events"),
        ({"events": [{"kind": "k", "at": 0}]}, "events[0].at"),
        ({"events": [{"kind": "k\x07", "at": NOW}]}, "events[0].kind"),
        ({"events": [{"kind": "k", "at": NOW, "detail": "x" * 2_001}]}, "events[0].detail"),
        ({"events": [{"kind": "k", "at": NOW, "more": 1}]}, "events[0]"),
        ({"events": [{"kind": "k", "at": NOW, "labels": {"a b": "c"}}]}, "events[0].labels"),
        ({"events": {}}, "events"),
        ({"sections": {"s": {}}}, "sections[...]"),
        ({"sections": {"s": {"digest": "d\u2066"}}}, "sections.s"),
        ({"sections": {f"s{n}": {"digest": "d"} for n in range(51)}}, "sections"),
    ],
)
def test_reader_names_the_field_when_it_refuses(changes: dict[str, Any], field: str) -> None:
    """422 says which field is wrong, so that the agent's log explains its refused folder."""
    rejected = refusal(body_of(**changes))

    assert (rejected.status, rejected.field) == (422, field)
    assert rejected.reason


def head(samples: str = "[]", more: str = "") -> str:
    return (
        f'{{"v":1,"agent":"a","boot":"b","seq":1,"oldest":1,"state":"","sent_at":{NOW},'
        f'"samples":{samples},"events":[],"sections":{{}}{more}}}'
    )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_reader_refuses_a_value_that_is_no_finite_number(number: str) -> None:
    """NaN and infinity never reach a rule."""
    assert refusal(raw_body(head(f'[["m",{{}},{number},{NOW}]]'))).status == 422


@pytest.mark.parametrize(
    "text",
    [
        head(f'[["m",{{"a":"1","a":"2"}},1,{NOW}]]'),
        head(f'[["m",{{"a":"1","\\u0061":"2"}},1,{NOW}]]'),
        head(more=',"agent":"b"'),
        head(more=',"\\u0061gent":"b"'),
        head().replace('"events":[]', f'"events":[{{"kind":"k","kind":"j","at":{NOW}}}]'),
        head().replace('"sections":{}', '"sections":{"s":{"digest":"1"},"s":{"digest":"2"}}'),
    ],
)
def test_reader_refuses_a_repeated_name(text: str) -> None:
    """Two readers of one text must not see two values."""
    assert "twice" in refusal(raw_body(text)).reason


@pytest.mark.parametrize("opening", ["[", "{", '{"a":', "[[["])
def test_reader_refuses_deep_json_before_parsing_it(opening: str) -> None:
    """A hundred thousand brackets cost microseconds, not the stack."""
    assert "deeper" in refusal(raw_body(opening * 100_000)).reason


def test_reader_accepts_brackets_inside_text() -> None:
    """Brackets in a label's value are no depth."""
    body = pack(Report("a", "b", 1, 1, "", NOW, [Sample("m", {"a": "[[{" * 30}, 1, NOW)]))

    assert read(body).samples.values[0] == 1


@given(st.integers(1, 40), st.sampled_from(["[", "{"]))
def test_depth_is_exact(depth: int, bracket: str) -> None:
    """Sixteen levels are fine, seventeen are not."""
    closing = {"[": "]", "{": "}"}[bracket]
    assert is_too_deep((bracket * depth + closing * depth).encode()) is (depth > 16)


def test_reader_stays_linear_on_unclosed_text() -> None:
    """Four mebibytes of escaped quotes and a bracket do not stall the loop."""
    assert is_too_deep(b'["' + b'\\"' * (2 << 20))


def test_reader_refuses_a_zip_bomb_in_bounded_memory() -> None:
    """A body that unpacks to 256 MiB costs no more than the limit of 4 MiB."""
    bomb = gzip.compress(bytes(256 << 20))
    tracemalloc.start()
    rejected = refusal(bomb)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rejected.status == 413
    assert peak_bytes < 16 << 20


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (bytes((1 << 20) + 1), 413, "bytes"),
        (b"", 422, "too early"),
        (b"{}", 422, "not gzip"),
        (gzip.compress(b"{}")[:-4], 422, "too early"),
        (gzip.compress(b"{}") + gzip.compress(b"{}"), 422, "follow"),
        (gzip.compress(b"{}") + b"x", 422, "follow"),
        (gzip.compress(gzip.compress(head().encode(), mtime=0), mtime=0), 422, "JSON"),
        (gzip.compress(head().encode("utf-16")), 422, "JSON"),
        (gzip.compress(b'{"agent":"\xff"}'), 422, "JSON"),
    ],
    ids=[
        "too long", "empty", "plain", "cut", "two members", "a byte more", "packed twice",
        "utf-16", "latin-1",
    ],
)  # fmt: skip
def test_reader_refuses_what_is_not_one_gzip_member(body: bytes, status: int, reason: str) -> None:
    """One encoding, no nesting, nothing behind it, never too large."""
    rejected = refusal(body)

    assert rejected.status == status
    assert reason in rejected.reason


def test_reader_checks_a_series_once_when_it_is_known() -> None:
    """The labels of a series that was accepted before are not parsed again."""
    identities = Identities()
    body = raw_body(head(f'[["m",{{"a" : "b"}},1,{NOW}]]'))
    identities.of("m", b'{"a" : "b"}')

    assert HostLayouts(identities).has_identity("m", b'{"a" : "b"}')
    assert math.isclose(read(body, HostLayouts(identities)).samples.values[0], 1)
