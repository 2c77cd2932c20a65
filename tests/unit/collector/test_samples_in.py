"""Samples of other programs: the bytes of a request, whose each series is, and what follows."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.forward import proto
from collector.samples_in.derive import HostFigures
from collector.samples_in.naming import host_of, named
from collector.samples_in.protobuf import Malformed, read_labels, read_request
from collector.samples_in.requests import MAX_UNPACKED_BYTES, RequestReader

if TYPE_CHECKING:
    from collector.samples_in.derive import Derived

AT = 1_764_000_000_000
TEXT = st.text(max_size=30)
LABELS = st.dictionaries(st.text(min_size=1, max_size=10), TEXT, min_size=1, max_size=6)
INSTANTS = st.integers(min_value=1, max_value=1 << 50)
VALUES = st.floats(allow_nan=False)


def encoded_sample(value: float, at: int) -> bytes:
    stamp = proto.timestamp(at)
    return proto.sample_head(stamp) + proto.double(value) + stamp


def series(labels: dict[str, str], *samples: tuple[float, int]) -> bytes:
    """Encode one series by the sender's own functions."""
    content = b"".join(proto.label(*pair) for pair in labels.items()) + b"".join(
        encoded_sample(value, at) for value, at in samples
    )
    return b"\x0a" + proto.size(len(content)) + content


def body(*parts: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def node(name: str, value: float, at: int = AT, **labels: str) -> bytes:
    told = {"__name__": name, "instance": "may-1:9100", "job": "node", **labels}
    return series(told, (value, at))


@given(st.lists(st.tuples(LABELS, st.lists(st.tuples(VALUES, INSTANTS), max_size=3)), max_size=5))
def test_what_is_encoded_is_read(
    every: list[tuple[dict[str, str], list[tuple[float, int]]]],
) -> None:
    """Round trip, and once more when the labels are known already."""
    data = b"".join(series(labels, *samples) for labels, samples in every)
    first = read_request(data, ())
    assert [(read_labels(one.labels), one.samples) for one in first] == every
    assert read_request(data, {one.labels for one in first}) == first


@given(st.binary(max_size=300), st.lists(st.integers(0, 299), max_size=4))
def test_any_bytes_are_a_request_or_malformed(noise: bytes, places: list[int]) -> None:
    """Nothing else is raised, whatever comes: noise, and a good request with bytes turned over."""
    good = bytearray(node("node_load1", 1.0) + node("node_load5", 2.0))
    for place in places:
        good[place % len(good)] ^= 0x55
    for data in (noise, bytes(good)):
        try:
            for one in read_request(data, ()):
                read_labels(one.labels)
        except Malformed:
            pass
        try:
            RequestReader("x").read(body(data))
            RequestReader("x").read(data)
        except Malformed:
            pass


def test_body_that_unpacks_to_more_than_the_limit_is_refused_unread() -> None:
    """What its head announces decides, before anything of that size is held."""
    with pytest.raises(Malformed, match="at most"):
        RequestReader("x").read(proto.varint(MAX_UNPACKED_BYTES + 1) + b"\x00" * 10)
    with pytest.raises(Malformed, match="snappy"):
        RequestReader("x").read(b"\xff\xff\xff\xff\xff\xff")


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("may-1:9100", ("may-1", "9100")),
        ("10.0.0.5:9100", ("10.0.0.5", "9100")),
        ("may-1", ("may-1", "")),
        ("https://may-1.tinh.vn:9100/metrics", ("may-1.tinh.vn", "9100")),
        ("[fe80::1]:9100", ("fe80--1", "9100")),
        ("fe80::1", ("fe80--1", "")),
    ],
)
def test_host_is_what_the_instance_says_without_its_port(
    instance: str, host: tuple[str, str]
) -> None:
    """Names, addresses of both kinds, and whole addresses of a page."""
    assert host_of(instance) == host


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            {"__name__": "node_load1", "instance": "may-1:9100", "job": "node"},
            ("may-1", "node_load1", (("job", "node"),), ""),
        ),
        (
            {"__name__": "up", "instance": "may-1:9100", "job": "node"},
            ("may-1", "up", (("job", "node"), ("port", "9100")), ""),
        ),
        (
            {"__name__": "node_load1", "instance": "localhost:9100"},
            ("prometheus-1", "node_load1", (), ""),
        ),
        (
            {"__name__": "mem_total", "host": "may-2"},
            ("may-2", "node_memory_MemTotal_bytes", (), ""),
        ),
        (
            {
                "__name__": "disk_free", "host": "m", "path": "/", "device": "sda1",
                "fstype": "ext4", "mode": "rw",
            },
            (
                "m",
                "node_filesystem_avail_bytes",
                (("device", "sda1"), ("fstype", "ext4"), ("mountpoint", "/")),
                "",
            ),
        ),
        ({"__name__": "cpu_usage_idle", "host": "m", "cpu": "cpu0"}, ("", "", (), "not_needed")),
        (
            {"__name__": "windows_logical_disk_free_bytes", "instance": "w:9182", "volume": "C:"},
            ("w", "node_filesystem_avail_bytes", (("mountpoint", "C:"),), ""),
        ),
        (
            {
                "__name__": "windows_logical_disk_free_bytes", "instance": "w:9182",
                "volume": "HarddiskVolume1",
            },
            ("", "", (), "not_needed"),
        ),
        (
            {
                "__name__": "node_filesystem_avail_bytes", "instance": "m:9100",
                "mountpoint": "/snap/x", "fstype": "squashfs",
            },
            ("", "", (), "not_needed"),
        ),
        ({"__name__": "job:up:sum", "job": "node"}, ("", "", (), "no_host")),
        ({"__name__": "có dấu", "instance": "m"}, ("", "", (), "name")),
        ({"instance": "m"}, ("", "", (), "name")),
        ({"__name__": "x", "instance": "\u202eevil"}, ("", "", (), "no_host")),
    ],
)  # fmt: skip
def test_series_is_of_one_host_and_has_our_name(
    labels: dict[str, str], expected: tuple[str, str, tuple[tuple[str, str], ...], str]
) -> None:
    """Prometheus' names stay; a few of Telegraf and Windows are called as rules call them."""
    found = named(labels, "prometheus-1")
    assert (found.host, found.name, found.labels, found.refused) == expected


def test_scrape_that_failed_is_no_sign_of_life() -> None:
    """Prometheus writes `up 0` and how long it tried: the host itself said nothing."""
    reader = RequestReader("p")
    dead = reader.read(body(node("up", 0.0), node("scrape_duration_seconds", 10.0)))
    assert dead.hosts == {}
    assert dead.refused == {"no_answer": 2}
    alive = reader.read(body(node("up", 1.0), node("scrape_duration_seconds", 0.1)))
    assert [row.name for row in alive.hosts["may-1"]] == ["up", "scrape_duration_seconds"]


def test_series_that_has_gone_is_no_value() -> None:
    """The marker of staleness, and what is not finite, never reach a rule."""
    stale = struct.unpack("<d", proto.STALE)[0]
    found = RequestReader("p").read(
        body(node("node_load1", stale), node("node_load5", float("inf")), node("up", 1.0))
    )
    assert [row.name for row in found.hosts["may-1"]] == ["up"]
    assert found.refused["no_value"] == 2


def feed(figures: HostFigures, at: int, busy: float) -> list[Derived]:
    """Give an instant of two processors and a file system, in any order."""
    found: list[Derived] = []
    seconds = (at - AT) / 1000
    for cpu in ("0", "1"):
        for mode, value in (("user", busy * seconds), ("idle", (1 - busy) * seconds)):
            labels = (("cpu", cpu), ("job", "node"), ("mode", mode))
            found += figures.note("node_cpu_seconds_total", labels, value, at)
    disk = (("device", "sda1"), ("mountpoint", "/"))
    for what, value in (("avail", 20.0), ("size", 100.0), ("free", 25.0)):
        found += figures.note(f"node_filesystem_{what}_bytes", disk, value, at)
    for key, value in (("MemTotal", 8.0), ("MemAvailable", 2.0)):
        found += figures.note(f"node_memory_{key}_bytes", (), value, at)
    return found


def test_figures_follow_when_a_later_instant_begins() -> None:
    """What our agent computes on the host is computed here, of the same instant."""
    figures = HostFigures()
    assert feed(figures, AT, 0.0) == []
    first = feed(figures, AT + 15_000, 0.25)
    assert {one.at_ms for one in first} == {AT}
    second = {one.name: (one.value, one.labels) for one in feed(figures, AT + 30_000, 0.25)}
    assert second["wanwatch_cpu_used_ratio"] == (0.25, (("job", "node"),))
    assert second["wanwatch_cpus"] == (2.0, (("job", "node"),))
    assert second["wanwatch_memory_used_ratio"] == (0.75, ())
    assert second["wanwatch_filesystem_used_ratio"][0] == pytest.approx(75 / 95, abs=1e-6)
    assert feed(figures, AT, 1.0) == [], "what comes late is of an instant that is done"
