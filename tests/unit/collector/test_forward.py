"""Samples out: labels in order and nobody else's, time order in a request, and what has gone."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.check_config import settings_problems
from collector.forward import proto
from collector.forward.batch import Batch
from collector.forward.gone import HostMemory
from collector.forward.labels import host_holder, target_holder, template
from collector.forward.layouts import Layouts
from collector.samples_in.protobuf import read_labels, read_request
from collector.samples_in.requests import unpack
from collector.settings import Settings, SettingsError, load
from collector.wire import WireSamples

if TYPE_CHECKING:
    from pathlib import Path

    from collector.forward.labels import Holder, Template
    from collector.forward.layouts import Layout

NAMES = st.from_regex(r"\A(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,8}\Z")
LABELS = st.dictionaries(NAMES, st.text(max_size=20), max_size=6)
OWN = host_holder("H1", "máy 1")


def samples(*rows: tuple[str, dict[str, str], float, float]) -> WireSamples:
    raw = [
        (name, msgspec.Raw(json.dumps(labels).encode()), value, at)
        for name, labels, value, at in rows
    ]
    return WireSamples(*zip(*raw, strict=True))


def filled(one: Template, holder: Holder) -> dict[str, str]:
    """Return the labels of a template with somebody's in its holes."""
    parts = [*one.parts]
    whole = [parts[0], holder.host, parts[1], holder.instance, parts[2], holder.unit, parts[3]]
    return read_labels(b"".join(whole))


def holder_of(target: str) -> Holder:
    return target_holder("H2", OWN) if target else OWN


@given(LABELS, st.sampled_from([{}, {"region": "x"}]))
def test_labels_are_sorted_and_say_whose_they_are(
    labels: dict[str, str], more: dict[str, str]
) -> None:
    """By name, each once, none empty; what a report says of unit and host is exported as such."""
    told = filled(template("node_load1", labels, more), holder_of(labels.get("target", "")))
    names = list(told)
    assert all(a.encode() < b.encode() for a, b in pairwise(names))
    assert all(told.values())
    assert told["__name__"] == "node_load1"
    assert told["instance"] == "H1/máy 1"
    if labels.get("target"):
        assert (told["unit"], told.get("host")) == ("H2", None)
    else:
        assert (told["unit"], told["host"]) == ("H1", "máy 1")
    for name, value in labels.items():
        if value and name in ("unit", "host", "instance"):
            assert told[f"exported_{name}"] == value


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 1000), st.floats(allow_nan=False)),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_samples_of_each_series_are_in_time_order(rows: list[tuple[int, int, float]]) -> None:
    """Whatever order reports came in: live ones first, then what was kept."""
    layouts, batch = Layouts({}), Batch()
    for number, second, value in rows:
        report = samples((f"m{number}", {}, value, float(second)))
        batch.add(report, layouts.of(report, []), 1_000.0, holder_of)
    found = read_request(unpack(batch.body()), ())
    by_series: dict[bytes, list[int]] = {}
    for one in found:
        by_series.setdefault(one.labels, []).append(one.samples[0][1])
    assert all(times == sorted(times) for times in by_series.values())
    assert sum(map(len, by_series.values())) == len(rows)


def test_marker_is_the_one_nan_and_no_other() -> None:
    """Prometheus takes these bits for gone; any other NaN is a value."""
    layouts, batch = Layouts({}), Batch()
    report = samples(("m", {}, 1.0, 1.0))
    layout = layouts.of(report, [])
    memory = HostMemory()
    memory.note(layout, 1_000, 1_000)
    batch.mark(memory.sweep(1_000_000), holder_of)
    data = unpack(batch.body())
    assert b"\x09\x02\x00\x00\x00\x00\x00\xf0\x7f" in data
    assert (len(batch), batch.samples, batch.markers) == (1, 0, 1)


class Layed:
    """Layouts of one host, by which metrics they hold."""

    def __init__(self) -> None:
        self.layouts, self.memory = Layouts({}), HostMemory()

    def note(self, names: str, second: float, heard: float | None = None) -> Layout:
        report = samples(*((name, {}, 1.0, second) for name in names))
        layout = self.layouts.of(report, self.memory.layouts)
        at_ms = int(second * 1000)
        self.memory.note(layout, at_ms, at_ms if heard is None else int(heard * 1000))
        return layout

    def gone(self, second: float) -> list[tuple[str, float]]:
        found = [
            (filled(one.template, OWN)["__name__"], one.at_ms / 1000)
            for one in self.memory.sweep(int(second * 1000))
        ]
        return sorted(found)


def test_series_that_its_host_no_longer_reports_is_gone_after_three_spacings() -> None:
    """Half a minute at least; the others, which go on in another layout, stay.

    The mark lies before the instant that is missed: it may come late.
    """
    host = Layed()
    for second in (0, 10, 20):
        host.note("ab", second)
    for second in (30, 40, 50):
        host.note("a", second)
        assert host.gone(second) == []
    host.note("a", 60)
    assert host.gone(60) == [("b", 29.999)]
    assert host.gone(70) == []


def test_checks_that_run_seldom_do_not_come_and_go() -> None:
    """Every turn, every third and every sixth: three layouts that alternate."""
    host = Layed()
    for turn in range(60):
        names = "abc" if turn % 6 == 0 else "ab" if turn % 3 == 0 else "a"
        host.note(names, turn * 10)
        assert host.gone(turn * 10) == []


def test_host_that_fell_silent_is_gone_as_a_whole() -> None:
    """By the time of the stream: nobody hears it any more."""
    host = Layed()
    for second in (0, 10, 20):
        host.note("ab", second)
    assert host.gone(60) == []
    assert host.gone(90) == [("a", 29.999), ("b", 29.999)]
    assert host.memory.is_empty


def test_backlog_of_an_outage_takes_nothing_away() -> None:
    """Kept reports come fast and are old: only the host's own clock says what it no longer has."""
    host = Layed()
    for second in (0, 10, 20):
        host.note("ab", second)
    for second in range(30, 600, 10):
        host.note("ab", second, heard=600 + second / 100)
        assert host.gone(600 + second / 100) == []


def test_layouts_are_shared_by_hosts_that_report_alike() -> None:
    """Another host, the same series in the same order: one object."""
    layouts = Layouts({})
    one, other = (samples(("m", {"x": "1"}, value, 1.0)) for value in (1.0, 2.0))
    first = layouts.of(one, [])
    assert layouts.of(other, []) is first
    assert layouts.of(other, [first]) is first


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"url": "ftp://x/"}, "http"),
        ({"url": "http://geheim:pass@x/"}, "credentials"),
        ({"url": "http://x/", "labels": {"unit": "x"}}, "collector sets"),
        ({"url": "http://x/", "labels": {"a-b": "x"}}, "label name"),
        ({"url": "http://x/", "headers": {"Host": "x"}}, "header"),
        ({"url": "http://x/", "username": "a"}, "go together"),
        ({"url": "http://x/", "nonsense": 1}, "nonsense"),
        ({"url": "http://x/", "name": "Không"}, "name"),
        ({"url": "http://x:99999/"}, "address"),
    ],
)
def test_receiver_with_a_mistake_is_named_without_a_secret(
    given: dict[str, object], word: str
) -> None:
    """The field and what is allowed; what was given may hold a password."""
    receiver = {"name": "x", **given}
    with pytest.raises(SettingsError) as raised:
        load(None, {}, {"remote_write": [receiver]})
    assert word in str(raised.value)
    assert "geheim" not in str(raised.value)


def test_receivers_come_from_a_variable_and_have_names_of_their_own() -> None:
    """A JSON array; two of one name would share their place in the journal."""
    one = {"name": "a", "url": "https://x/write"}
    found: Settings = load(None, {"WANWATCH_REMOTE_WRITE": json.dumps([one])}, {})
    assert found.remote_write[0].url == "https://x/write"
    for text in (json.dumps([one, one]), "no json"):
        with pytest.raises(SettingsError, match="remote_write"):
            load(None, {"WANWATCH_REMOTE_WRITE": text}, {})


@given(st.integers(min_value=0, max_value=(1 << 63) - 1))
def test_numbers_of_any_size_are_written_as_protobuf_does(value: int) -> None:
    """What is looked up and what is computed are the same."""
    written = proto.varint(value)
    assert sum((byte & 0x7F) << 7 * place for place, byte in enumerate(written)) == value
    assert proto.size(value) == written


def test_check_of_the_settings_names_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A credential's file that is not there is found before the service starts."""
    config = tmp_path / "collector.toml"
    receiver = '[[remote_write]]\nname = "a"\nurl = "https://x/write"\n'
    config.write_text(receiver + 'bearer_token_file = "/nonexistent/token"\n', encoding="utf-8")
    [found] = settings_problems(config)
    assert (found.file, found.field) == (str(config), "remote_write.a.bearer_token_file")
    assert "/nonexistent/token" in found.message_en
    config.write_text(receiver.replace("https", "ftp"), encoding="utf-8")
    [wrong] = settings_problems(config)
    assert "remote_write.0.url" in wrong.message_en
