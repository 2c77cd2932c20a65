"""Poly's two interfaces over HTTPS: VideoOS with a session, Trio with one question at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.probes import poly_rest, poly_trio
from tests.devices.asking import Asking
from tests.devices.poly import PolyStudio, PolyTrio, voice
from tests.devices.server import device_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIDES = "media", "direction"


@pytest.fixture
def studio() -> PolyStudio:
    return PolyStudio()


@pytest.fixture
def asking(studio: PolyStudio, tmp_path: Path) -> Iterator[Asking]:
    with device_server(studio, tmp_path) as port:
        yield Asking(poly_rest.PROBE, port)


def test_an_idle_studio_says_how_it_does(asking: Asking) -> None:
    """The leaf and not the roll-up: a microphone by itself, a registrar that is down."""
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.labels("endpoint_info") == {
        "target": "it", "family": "poly_videoos", "model": "StudioX50", "software": "4.1.0",
        "serial": "8G",
    }  # fmt: skip
    assert found.values("endpoint_registered", "protocol") == {"sip": 0}
    assert found.values("endpoint_peripheral_up", "kind", "name") == {
        ("microphone", "Bàn 1"): 1, ("camera", "CAMERAS"): 1,
    }  # fmt: skip
    assert found.value("endpoint_faults") == 1
    assert found.value("endpoint_microphone_muted") == 1
    assert found.value("endpoint_calls") == 0


def test_a_call_of_a_studio_has_its_streams(studio: PolyStudio, asking: Asking) -> None:
    """Of two pictures that come in, the second is the content."""
    studio.call()
    found = asking.poll()
    assert found.labels("call_info")["far_end"] == "Điểm cầu xã A"
    assert found.values("call_lost_ratio", *SIDES) == {
        ("audio", "receive"): 0, ("video", "receive"): 0.04, ("content", "receive"): 0.001,
        ("video", "transmit"): 0,
    }  # fmt: skip
    assert found.values("call_frame_height_pixels", *SIDES) == {
        ("video", "receive"): 720, ("content", "receive"): 1080, ("video", "transmit"): 1080,
    }  # fmt: skip
    assert found.values("call_bits_per_second", *SIDES)["video", "receive"] == 1_920_000
    assert found.values("call_jitter_seconds", *SIDES)["audio", "receive"] == 0.0125


def test_a_lost_session_of_a_studio_costs_one_log_in(studio: PolyStudio, asking: Asking) -> None:
    """403 within a poll, and the same poll gets its answer."""
    asking.poll()
    studio.session = ""
    assert asking.poll().answer is Answer.RIGHT
    asking.poll()
    assert studio.log_ins == 2


def test_pages_that_a_version_lacks_cost_only_themselves(
    studio: PolyStudio, asking: Asking
) -> None:
    """The rest is told; what is needed is not there: it is another device."""
    for path in ("/rest/system/status", "/rest/audio/microphones", "/rest/audio/muted"):
        studio.pages[path] = None
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.value("endpoint_microphone_muted") is None
    studio.pages["/rest/system"] = None
    assert asking.poll().answer is Answer.GARBAGE


@pytest.fixture
def trio() -> PolyTrio:
    return PolyTrio()


@pytest.fixture
def of_trio(trio: PolyTrio, tmp_path: Path) -> Iterator[Asking]:
    with device_server(trio, tmp_path) as port:
        yield Asking(poly_trio.PROBE, port)


def test_a_trio_says_what_it_is_and_whether_it_is_registered(
    trio: PolyTrio, of_trio: Asking
) -> None:
    """A line without a server is none that could be registered."""
    found = of_trio.poll()
    assert found.labels("endpoint_info")["model"] == "Trio 8800"
    assert found.value("endpoint_uptime_seconds") == 165_729
    assert found.values("endpoint_registered", "protocol") == {"sip": 1}
    assert found.value("endpoint_calls") == 0
    trio.lines = [{"RegistrationStatus": "unregistered", "ProxyAddress": ""}]
    assert of_trio.poll().values("endpoint_registered", "protocol") == {}


def test_a_call_of_a_trio_has_its_loss_since_the_last_poll(trio: PolyTrio, of_trio: Asking) -> None:
    """At first since the call began."""
    trio.streams = [voice(1, 100)]
    found = of_trio.poll()
    assert found.values("call_lost_ratio", *SIDES) == {("audio", "receive"): 0.01}
    assert found.values("call_media_latency_seconds", *SIDES) == {("audio", "receive"): 0.04}
    assert found.value("endpoint_microphone_muted") == 1
    trio.streams = [voice(11, 300)]
    assert of_trio.poll().values("call_lost_ratio", *SIDES) == {("audio", "receive"): 0.05}


def test_a_trio_that_would_stand_still_is_not_asked_for_its_streams(
    trio: PolyTrio, of_trio: Asking
) -> None:
    """Before 5.8 the question stops it until somebody restarts it."""
    trio.software, trio.streams = "5.7.1.4145", [voice(1, 100)]
    assert of_trio.poll().value("endpoint_calls") == 1
    assert not [one for one in trio.asked if "sessionStats" in one]


def test_a_trio_that_answers_somebody_else_is_busy(trio: PolyTrio, of_trio: Asking) -> None:
    """Alive, with nothing to say; the next turn is not held back."""
    with trio.under_way:
        found = of_trio.poll()
    assert found.answer is Answer.BUSY
    assert found.value("probe_alive") == 1
    assert of_trio.poll(1).answer is Answer.RIGHT
