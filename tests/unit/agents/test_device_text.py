"""What devices write: whatever it is, what is read of it is bounded, finite and harmless."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.device_text import (
    MOST_DEPTH,
    Node,
    NotReadable,
    amount_of,
    height_of,
    number_of,
    ratio_of_percent,
    read_json,
    read_xml,
    switch_of,
    text_of,
    unwrapped,
)
from agents.endpoint import METRICS, MOST_SERIES, Endpoint, observe
from agents.probes import expressway
from agents.probes.cisco_status import read_history, read_status
from agents.probes.huawei_te import read_state
from agents.probes.poly_state import (
    conferences_of,
    is_registered,
    lines_registered,
    microphones_of,
    status_of,
    streams_of,
    trio_calls,
    trio_identity,
)
from agents.report import HARMFUL, MAX_LABEL_CHARACTERS
from agents.seen import lost_or_working

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.check import Observation

OF_XML = """
Status SystemUnit Call MediaChannels Channel Type Direction Netstat Loss Packets Bytes Jitter
LastIntervalLost LastIntervalReceived Video ResolutionY SIP Registration H323 Gatekeeper Audio
Diagnostics Message Level Cameras Camera Connected Peripherals ConnectedDevice Name Uptime
CallHistoryGetResult Entry CallId Incoming PacketLossPercent Zones Zone Warnings Warning State
ResourceUsage Calls Traversal Current
"""
OF_JSON = """
state conftype calltype mic isSystemSleep mediaDirection mediaType percentPacketLoss jitter
actualBitRate mediaFormat actualFrameRate mediaAlgorithm id terminals connections systemID langtag
stateList number CallHandle CallState Ref Streams Category PacketsLost PacketsExpected Latency
VideoRxFrameHeight RegistrationStatus ProxyAddress UpTimeSinceLastReboot
"""
OF_VALUES = """
Connected Registered Failed Video Audio Incoming Outgoing True False Error Presentation
-1 0 7 1e400 NaN 1e300 250 99999999999999999999
"""
TAGS = st.sampled_from(OF_XML.split())
KEYS = st.sampled_from(OF_JSON.split())
WORDS = st.sampled_from(OF_VALUES.split()) | st.text(max_size=12)
JSON_WORDS = WORDS | st.sampled_from(["RX", "TX", "VIDEO", "0:Voice", "1:Video", "up", "5", "c"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | JSON_WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


@st.composite
def documents(draw: st.DrawFn, depth: int = 4) -> str:
    """Draw XML of the names that devices use, in any order."""
    tag = draw(TAGS)
    if depth == 0 or draw(st.booleans()):
        text = escape("".join(c for c in draw(WORDS) if c.isprintable()))
        return f'<{tag} item="{draw(st.integers(0, 3))}">{text}</{tag}>'
    inner = draw(st.lists(documents(depth - 1), max_size=4))
    return f"<{tag}>{''.join(inner)}</{tag}>"


def hold(found: Iterable[Observation], most: int = MOST_SERIES) -> None:
    """Hold what is reported to what every probe promises."""
    values = list(found)
    series = {(one.name, tuple(sorted(one.labels.items()))) for one in values}
    assert len(series) == len(values) <= most
    for one in values:
        assert math.isfinite(one.value)
        assert not one.name.endswith("_ratio") or 0 <= one.value <= 1
        for value in one.labels.values():
            assert len(value) <= MAX_LABEL_CHARACTERS
            assert HARMFUL.search(value) is None


def hold_endpoint(endpoint: Endpoint) -> None:
    """Hold an endpoint to it, and to the published names."""
    found = list(observe("it", endpoint, {}))
    assert {one.name for one in found} <= set(METRICS)
    hold(found)


@given(st.lists(documents(), max_size=6).map("".join), st.floats(0, 1e6) | st.none())
def test_any_status_of_a_codec_is_an_endpoint(inner: str, seconds: float | None) -> None:
    """And the next poll with the counters of this one, too."""
    status = Node(read_xml(f"<Status>{inner}</Status>".encode()))
    first = read_status(status, {}, None)
    again = read_status(status, first.counted, seconds)
    for found in (first, again):
        hold_endpoint(found.endpoint)
        in_use, notes = lost_or_working(found.sockets, {}, "it", 0)
        assert len(notes) == len({one[:2] for one in in_use})
    lost = read_history(status, ["1"]) or {}
    assert all(0 <= one <= 1 for one in lost.values())


@given(st.lists(documents(), max_size=6).map("".join))
def test_any_page_of_an_expressway_is_read(inner: str) -> None:
    """As many zones as are allowed, and each once."""
    page = Node(read_xml(f"<Status>{inner}</Status>".encode()))
    for read in (expressway.read_calls, expressway.read_zones, expressway.read_alarms):
        hold(read({"target": "it"}, page), expressway.MOST_ZONES)


@given(JSON, JSON)
def test_any_json_of_a_poly_is_read(value: Any, other: Any) -> None:
    """Both interfaces."""
    attached, faults = status_of(value)
    calls, counted = trio_calls(value, other, {})
    again, _ = trio_calls(value, other, counted)
    model, software, serial, uptime = trio_identity(value)
    assert is_registered(value) in (None, True, False)
    assert lines_registered(value) in (None, True, False)
    assert all(key.isalnum() for key, _, _ in conferences_of(value))
    for one in (calls, again):
        hold_endpoint(
            Endpoint(
                "x", model, software, serial, calls=one, uptime_seconds=uptime, faults=faults,
                peripherals=(*attached, *microphones_of(value)),
            )
        )  # fmt: skip
    assert len({one[:2] for one in streams_of(value)}) == len(list(streams_of(value)))


@given(st.dictionaries(KEYS, JSON), st.dictionaries(KEYS, JSON))
def test_any_state_of_a_huawei_is_an_endpoint_or_none(
    mailbox: dict[str, Any], sleeping: dict[str, Any]
) -> None:
    """Without a state it says so."""
    try:
        found = read_state(mailbox, sleeping)
    except NotReadable:
        assert not isinstance(mailbox.get("state"), dict) or not mailbox["state"]
    else:
        hold_endpoint(found)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_not_readable(data: bytes) -> None:
    """Nothing else is raised."""
    for read in (read_xml, read_json):
        try:
            read(data)
        except NotReadable:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x>&a;</x>",
        b"<a>" * (MOST_DEPTH + 1) + b"</a>" * (MOST_DEPTH + 1),
        b"<a>" + b"<b/>" * 20_000 + b"</a>",
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []><x/>'.encode("utf-16"),
        b"<a></b>",
        b"",
    ],
)
def test_xml_that_could_grow_is_not_read(data: bytes) -> None:
    """No entities, no depth, no size beyond what a device has."""
    with pytest.raises(NotReadable):
        read_xml(data)


def test_json_that_nests_too_deep_is_not_read() -> None:
    """A parser that gives up is no failure of ours."""
    with pytest.raises(NotReadable):
        read_json(b"[" * 100_000)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5), ("5", 5), (" 5.5 ", 5.5), ("-1", -1), (True, None), ("", None), (None, None),
        ("nan", None), ("inf", None), (10**400, None), ([1], None), (1e16, None),
    ],
)  # fmt: skip
def test_a_number_is_finite(value: Any, number: float | None) -> None:
    """Whatever JSON calls a number."""
    assert number_of(value) == number
    assert amount_of(value) == (number if number is None or number >= 0 else None)


@pytest.mark.parametrize(
    ("text", "height"),
    [("1280x720", 720), ("1920 X 1080", 1080), ("1080p30", 1080), ("4CIF", 576), ("---", None)],
)
def test_a_picture_has_its_height(text: str, height: float | None) -> None:
    """As the makers write it."""
    assert height_of(text) == height


def test_words_are_read_as_they_are_meant() -> None:
    """A switch, percent, a label from outside."""
    assert [switch_of(v) for v in ("On", "false", 1, True, "auto", None)] == [
        True, False, True, True, None, None,
    ]  # fmt: skip
    assert [ratio_of_percent(v) for v in ("1.5", 100, 101, -1, "x")] == [0.015, 1, None, None, None]
    assert text_of("Điểm\n  cầu\u202e xã") == text_of("Điểm cầu\u202e xã")
    assert unwrapped('{"a": 1}') == {"a": 1}
    assert unwrapped("{a") == "{a"
    assert json.dumps(unwrapped(7)) == "7"
