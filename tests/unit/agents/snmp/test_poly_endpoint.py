"""Poly endpoints: leaves and not roll-ups, calls while there are calls, and figures that stand."""

from __future__ import annotations

import pytest

from agents.endpoint import Call, Stream
from agents.snmp.family import Identity, Value
from agents.snmp.poly_calls import CALL_COLUMNS, CALL_ROOT, calls_of
from tests.snmp_walks import FAMILIES, Device, by_name, detected

P = "1.3.6.1.4.1.13885.101.1"
POLY = Identity("Videoconferencing Device", "1.3.6.1.4.1.2684", 360_000, "room-1")


def idle(**other: Value) -> dict[str, Value]:
    """Return an endpoint at rest; other leaves by the end of their identifiers."""
    values: dict[str, Value] = {
        "1.1.0": b"4.1.2-1", "1.4.0": b"Room 9", "1.5.0": b"S1", "1.6.0": 2,
        "1.10.0": b"2026-11-23 08:00:00 GMT+07:00", "2.7.2.0": 2, "2.8.3.1.2.1": 2, "3.11.1.0": 1,
        "3.5.2.1.3.1": 2, "3.6.2.1.2.1": b"Main", "3.6.2.1.3.1": 2, "3.10.2.1.2.1": b"eth0",
        "3.10.2.1.5.1": b"Full", "3.10.2.1.6.1": 2, "6.9.1.0": 2, "6.7.1.0": 1,
    }  # fmt: skip
    values |= {key.strip("_").replace("_", "."): value for key, value in other.items()}
    return {f"{P}.{key}": value for key, value in values.items()}


def in_call(row: str = "1", **columns: Value) -> dict[str, Value]:
    """Return the rows of a call, by the names of its columns."""
    named: dict[str, Value] = {"id": b"c-7", "far_end": "Hà Giang".encode(), "type": b"SIP"}
    named |= columns
    return {f"{CALL_ROOT}.{CALL_COLUMNS[name]}.{row}": value for name, value in named.items()}


def endpoint(values: dict[str, Value]) -> Device:
    return Device("poly_endpoint", values, POLY)


def test_endpoint_at_rest() -> None:
    """All works, nothing is on the line; what is switched off is not told."""
    found = endpoint(idle()).settle()
    assert by_name(found, "wanwatch_endpoint_info", model="Room 9", software="4.1.2-1") == [1]
    assert by_name(found, "wanwatch_endpoint_registered") == [1, 1]
    assert by_name(found, "wanwatch_endpoint_calls") == [0]
    assert by_name(found, "wanwatch_endpoint_uptime_seconds") == [3_600]
    names = [one.labels["name"] for one in found if one.name.endswith("_peripheral_up")]
    assert names == ["1", "Main", "eth0"]
    assert by_name(found, "wanwatch_endpoint_service_up") == [1]
    assert by_name(found, "wanwatch_endpoint_half_duplex", interface="eth0") == [0]
    assert not [one for one in found if one.name.startswith("wanwatch_call_")]


def test_leaves_are_believed_and_not_what_the_device_says_of_the_whole() -> None:
    """Its status was `ok`, and every part of it had failed."""
    broken = idle(
        _2_7_2_0=3, _2_8_3_1_2_1=3, _3_6_2_1_3_1=3, _3_10_2_1_5_1=b"Half", _6_9_1_0=3, _1_6_0=2
    )
    found = endpoint(broken).settle()
    assert by_name(found, "wanwatch_endpoint_registered") == [0, 0]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="camera") == [0]
    assert by_name(found, "wanwatch_endpoint_service_up", service="syslog") == [0]
    assert by_name(found, "wanwatch_endpoint_half_duplex") == [1]


@pytest.mark.parametrize(
    ("sip", "h323", "expected"),
    [
        ((2, 2), 1, {"sip": 1}),
        ((2, 3), 1, {"sip": 0}),
        ((1, 2), 1, {"sip": 1}),
        ((1, 1), 2, {"h323": 1}),
        ((1, 1), 1, {}),
        ((0, 9), 3, {"h323": 0}),
    ],
)
def test_registered_is_what_is_switched_on_and_worked_everywhere(
    sip: tuple[int, int], h323: int, expected: dict[str, int]
) -> None:
    """One registration of two that failed is a fault; one that is off is none."""
    values = idle(_2_8_3_1_2_1=sip[0], _2_8_3_1_2_2=sip[1], _2_7_2_0=h323)
    found = endpoint(values).poll()
    registered = {
        one.labels["protocol"]: one.value
        for one in found
        if one.name == "wanwatch_endpoint_registered"
    }
    assert registered == expected


def test_a_call_is_told_while_it_lasts() -> None:
    """Its figures from the poll after it was seen; when it ends they end, and are not 0."""
    known = endpoint(idle())
    known.poll(0.0)
    asked = FAMILIES["poly_endpoint"].asked
    assert len(asked(known.last).tables) < 12
    known.values |= in_call(all_lost_percent_rx=4, all_jitter_rx=42, all_latency_rx=190)
    assert by_name(known.poll(10.0), "wanwatch_endpoint_calls") == [1]
    assert len(asked(known.last).tables) > 50
    found = known.poll(20.0)
    of = {"call": "c-7", "media": "all", "direction": "receive"}
    assert by_name(found, "wanwatch_call_info", far_end="Hà Giang", protocol="SIP") == [1]
    assert by_name(found, "wanwatch_call_lost_ratio", **of) == [0.04]
    assert by_name(found, "wanwatch_call_jitter_seconds", **of) == [0.042]
    assert by_name(found, "wanwatch_call_media_latency_seconds", **of) == [0.19]
    known.values = idle()
    ended = known.poll(30.0)
    assert by_name(ended, "wanwatch_endpoint_calls") == [0]
    assert not [one for one in ended if one.name.startswith("wanwatch_call_")]


def test_a_picture_that_got_smaller_is_told_beside_the_best_one() -> None:
    """1080 before, 720 now: both stand, so that a rule may compare them."""
    known = endpoint(idle() | in_call(video_picture_rx=b"1920x1080"))
    known.settle()
    known.values |= in_call(video_picture_rx=b"1280x720")
    found = known.poll(120.0)
    assert by_name(found, "wanwatch_call_frame_height_pixels") == [720]
    assert by_name(found, "wanwatch_call_best_frame_height_pixels") == [1080]


def test_what_the_figures_of_a_call_mean() -> None:
    """Kbit/s, milliseconds, per cent; what was used goes before what was agreed."""
    values = in_call(
        encryption=b"AES-128", all_lost_percent_tx=1, video_picture_rx=b"1080p",
        video_rate_rx=1_536, video_used_rx=b"691", video_frames_rx=b"24",
        video_codec_rx=b"H.264 High", audio_jitter_rx=5, content_rate_tx=512,
        content_picture_tx=b"---", all_lost_percent_rx=250,
    )  # fmt: skip
    assert list(calls_of(values)) == [
        Call(
            "c-7",
            "Hà Giang",
            "SIP",
            is_encrypted=True,
            streams=(
                Stream("audio", "receive", jitter_seconds=0.005),
                Stream(
                    "video",
                    "receive",
                    bits_per_second=691_000,
                    height_pixels=1080,
                    frames_per_second=24,
                    codec="H.264 High",
                ),
                Stream("all", "transmit", lost_ratio=0.01),
                Stream("content", "transmit", bits_per_second=512_000),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("said", "expected"), [(b"AES-256", True), (b"none", False), (b"", False), (b"Off", False)]
)
def test_whether_a_call_is_encrypted(said: bytes, expected: bool) -> None:
    """Any name of a cipher is one; the words for none are none."""
    assert next(calls_of(in_call(encryption=said))).is_encrypted is expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"2026-11-23 08:00:00 GMT+07:00", b"2026-11-23 08:01:00 GMT+07:00"),
        # DateAndTime, as the MIB has it: only the second differs.
        (bytes([7, 234, 11, 23, 8, 0, 1, 0]), bytes([7, 234, 11, 23, 8, 0, 2, 0])),
    ],
)
def test_figures_that_are_not_renewed_grow_old(first: bytes, second: bytes) -> None:
    """By our own clock, the device's may be wrong; and only in a call, where they have to move."""
    known = endpoint(idle(_1_10_0=first))
    age = "wanwatch_endpoint_data_age_seconds"
    assert by_name(known.poll(0.0), age) == []
    known.values |= in_call()
    assert by_name(known.poll(900.0), age) == [0]
    assert by_name(known.poll(960.0), age) == [60]
    known.values |= idle(_1_10_0=second)
    assert by_name(known.poll(970.0), age) == [0]
    known.values = idle(_1_10_0=second)
    assert by_name(known.poll(1_970.0), age) == []
    known.values |= in_call()
    assert by_name(known.poll(2_000.0), age) == [0]


def test_an_old_number_alone_is_no_endpoint() -> None:
    """ViaVideo's number is that of HDX and of Studio X: the model's leaf tells."""
    assert "poly_endpoint" in detected(idle(), POLY)
    assert "poly_endpoint" not in detected({}, POLY)
    assert "poly_endpoint" not in detected(idle(), POLY._replace(object_id="1.3.6.1.4.1.26841"))
