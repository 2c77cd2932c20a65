"""A codec of Cisco over HTTPS, from the first poll to the end of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.probes.cisco_xapi import PROBE
from tests.devices.asking import DAY, Asking
from tests.devices.cisco import CiscoCodec, Media, history
from tests.devices.server import device_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIDES = "media", "direction"


@pytest.fixture
def codec() -> CiscoCodec:
    return CiscoCodec()


@pytest.fixture
def asking(codec: CiscoCodec, tmp_path: Path) -> Iterator[Asking]:
    with device_server(codec, tmp_path) as port:
        yield Asking(PROBE, port)


def test_an_idle_codec_says_what_it_is_and_how_it_does(asking: Asking) -> None:
    """What is switched off or was never there is left out, and never 0."""
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.labels("endpoint_info") == {
        "target": "it", "family": "cisco", "model": "Cisco Webex Room Kit",
        "software": "ce9.15.0", "serial": "FOC1234",
    }  # fmt: skip
    assert found.values("endpoint_registered", "protocol") == {"sip": 1}
    assert found.value("endpoint_calls") == 0
    assert found.value("endpoint_standby") == 0
    assert found.value("endpoint_microphone_muted") == 1
    assert found.value("endpoint_video_muted") == 0
    assert found.value("endpoint_uptime_seconds") == 8_640
    assert found.value("endpoint_faults") == 0
    assert found.values("endpoint_peripheral_up", "kind", "name") == {
        ("camera", "1"): 1,
        ("display", "1"): 1,
        ("touch_panel", "Cisco Touch 10 1001"): 0,
    }


def test_a_registration_that_failed_and_a_fault_are_told(codec: CiscoCodec, asking: Asking) -> None:
    """Each by its own leaf."""
    codec.sip, codec.gatekeeper, codec.levels = "Failed", "Registered", ("Error", "Critical", "OK")
    found = asking.poll()
    assert found.values("endpoint_registered", "protocol") == {"sip": 0, "h323": 1}
    assert found.value("endpoint_faults") == 2


def test_a_camera_that_was_there_is_missed_for_a_week(codec: CiscoCodec, asking: Asking) -> None:
    """The second socket was always empty and lacks nothing; what is gone for good is forgotten."""
    asking.poll()
    codec.camera = False

    def cameras(seconds: float) -> dict[str, float]:
        found = asking.poll(seconds).values("endpoint_peripheral_up", "kind", "name")
        return {name: value for (kind, name), value in found.items() if kind == "camera"}

    assert cameras(60) == {"1": 0}
    assert cameras(7 * DAY) == {"1": 0}
    assert cameras(DAY) == {}


def test_loss_is_of_what_was_sent_since_the_last_poll(codec: CiscoCodec, asking: Asking) -> None:
    """At first of the device's last interval; channels of one media and direction count as one."""
    codec.in_call = True
    codec.media = [
        Media(lost=10, packets=1_000, interval=(5, 245), octets=1_000_000),
        Media("Audio", lost=0, packets=500, interval=(0, 250), jitter=2),
        Media(role="Presentation", height=720, interval=None),
        Media(direction="Outgoing", lost=0, packets=900, interval=(0, 300)),
    ]
    first = asking.poll()
    assert first.values("call_lost_ratio", *SIDES) == {
        ("video", "receive"): 0.02, ("audio", "receive"): 0, ("video", "transmit"): 0,
    }  # fmt: skip
    assert first.values("call_bits_per_second", *SIDES) == {}
    codec.media[0].lost, codec.media[0].packets, codec.media[0].octets = 50, 1_960, 15_400_000
    second = asking.poll()
    assert second.values("call_lost_ratio", *SIDES)["video", "receive"] == 0.04
    assert second.values("call_bits_per_second", *SIDES)["video", "receive"] == pytest.approx(
        1.92e6
    )
    assert second.values("call_jitter_seconds", *SIDES)["audio", "receive"] == 0.002
    assert second.values("call_frame_height_pixels", *SIDES)["content", "receive"] == 720
    assert second.labels("call_info")["far_end"] == "Điểm cầu xã A"
    assert second.value("call_encrypted") == 1


def test_counters_that_began_anew_are_not_taken_for_a_loss(
    codec: CiscoCodec, asking: Asking
) -> None:
    """A new call with the number of the last one: the interval says what is."""
    codec.in_call, codec.media = True, [Media(lost=400, packets=9_000)]
    asking.poll()
    codec.media = [Media(lost=3, packets=300, interval=(1, 99))]
    assert asking.poll().values("call_lost_ratio", *SIDES) == {("video", "receive"): 0.01}


def test_media_that_are_not_listed_are_not_without_loss(codec: CiscoCodec, asking: Asking) -> None:
    """A call with no channel has no loss at all, neither 0 nor another."""
    codec.in_call = True
    found = asking.poll()
    assert found.value("endpoint_calls") == 1
    assert found.values("call_lost_ratio", *SIDES) == {}


def test_the_history_is_asked_for_once_when_a_call_has_ended(
    codec: CiscoCodec, asking: Asking
) -> None:
    """Its loss stands until the next call ends, with the time; the series of the call are gone."""
    codec.in_call, codec.media = True, [Media()]
    asking.poll()
    codec.in_call, codec.history = False, history("27", "1.5")
    for _ in range(2):
        found = asking.poll()
        assert found.values("endpoint_last_call_lost_ratio", *SIDES) == {
            ("audio", "receive"): 0, ("video", "receive"): 0.015,
        }  # fmt: skip
        assert found.value("call_duration_seconds") is None
    assert found.value("endpoint_last_call_timestamp_seconds") == 1.8e9 + 120
    assert codec.asked.count("POST /putxml") == 1


@pytest.mark.parametrize("said", [None, "<a>", history("28", "1.5")])
def test_a_history_that_cannot_be_had_costs_nothing_else(
    codec: CiscoCodec, asking: Asking, said: str | None
) -> None:
    """Not allowed, not readable, of another call."""
    codec.in_call, codec.media = True, [Media()]
    asking.poll()
    codec.in_call, codec.history = False, said
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.value("endpoint_last_call_timestamp_seconds") is None


@pytest.mark.parametrize(
    "said",
    [
        "", "<XmlDoc/>", "<html><body>Log in</body></html>", "<Status><SystemUnit></Status>",
        '<!DOCTYPE a [<!ENTITY b "c">]><Status>&b;</Status>', "<a>" * 40 + "</a>" * 40,
        "<Status>" + "<a/>" * 20_001 + "</Status>",
    ],
)  # fmt: skip
def test_what_is_not_its_status_is_garbage(codec: CiscoCodec, asking: Asking, said: str) -> None:
    """Malformed, of something else, with a document type, too deep, too large."""
    codec.instead = said
    assert asking.poll().answer is Answer.GARBAGE
