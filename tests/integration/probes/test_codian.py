"""A Codian or Cisco bridge over HTTPS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.check import SourceError
from agents.probes.codian import MOST_PAGES, PROBE
from tests.devices.asking import Asking
from tests.devices.codian import ABOUT, CodianMcu, participant
from tests.devices.server import Said, device_server
from tests.probe_means import CREDENTIALS, PASSWORD, USER

if TYPE_CHECKING:
    from pathlib import Path

STREAM = ("media", "direction")


def test_its_parts_load_and_guests_are_told(tmp_path: Path) -> None:
    """What is out of range works yet, and is a fault; what is critical has failed."""
    with device_server(CodianMcu(), tmp_path) as port:
        found = Asking(PROBE, port).poll()
    assert found.answer is Answer.RIGHT
    assert found.labels("endpoint_info") == {
        "target": "it", "family": "codian", "model": "Codian MCU 4510", "software": "4.5(1.89)",
        "serial": "SM000001",
    }  # fmt: skip
    assert found.value("endpoint_uptime_seconds") == 86_400 + 600
    assert found.values("bridge_ports", "media") == {"video": 20, "audio": 5}
    assert found.values("bridge_part_up", "part") == {
        "fan": 1, "cooling": 1, "power": 0, "clock_battery": 1
    }  # fmt: skip
    assert found.value("endpoint_faults") == 1
    assert found.values("bridge_load_ratio", "part") == {
        "cpu": 0.31, "media": 0.92, "audio": 0.12, "video": 0.8
    }  # fmt: skip
    assert found.value("bridge_conferences") == 1
    assert found.value("bridge_participants") == 5
    assert found.values("bridge_muted_participants", "media") == {"audio": 0, "video": 0}


def test_loss_is_of_the_packets_since_the_last_poll(tmp_path: Path) -> None:
    """Of all together and of the worst; who is new, or counts anew, is left out."""
    device = CodianMcu()
    device.participants = [participant("a", 10, 990), participant("b", 0, 500)]
    with device_server(device, tmp_path) as port:
        asking = Asking(PROBE, port)
        assert asking.poll().values("bridge_lost_ratio", *STREAM) == {}
        device.participants = [
            participant("a", 110, 1_890, videoTxReportedLost=5, videoTxSent=50, audioRxMuted=True),
            participant("b", 0, 1_500),
            participant("new", 500, 500),
        ]
        found = asking.poll()
        assert found.values("bridge_lost_ratio", *STREAM) == {("video", "receive"): 0.05}
        assert found.values("bridge_worst_lost_ratio", *STREAM) == {("video", "receive"): 0.1}
        assert found.values("bridge_muted_participants", "media") == {"audio": 1, "video": 0}
        device.participants = [participant("a", 0, 900, videoTxReportedLost=55, videoTxSent=250)]
        found = asking.poll()
        assert found.values("bridge_lost_ratio", *STREAM) == {("video", "transmit"): 0.25}


def test_nobody_is_named(tmp_path: Path) -> None:
    """Neither a person nor a room nor an address stands in what is reported."""
    device = CodianMcu()
    device.participants = [participant("Nguyễn Văn A")]
    with device_server(device, tmp_path) as port:
        found = Asking(PROBE, port).poll()
    said = repr(found.all)
    assert not [one for one in ("Nguyễn", "Giao ban", "Điểm cầu", "10.42.1.20") if one in said]


def test_lists_are_read_to_their_end(tmp_path: Path) -> None:
    """Page by page, each asked for with the number that came with the one before."""
    device = CodianMcu()
    device.participants = [participant(f"xã {number}") for number in range(7)]
    with device_server(device, tmp_path) as port:
        assert Asking(PROBE, port).poll().value("bridge_participants") == 7
    asked = [given for method, given in device.calls if method == "participant.enumerate"]
    assert [given.get("enumerateID") for given in asked] == [None, "2", "4", "6"]
    assert all(given["operationScope"] == ["currentState"] for given in asked)
    assert all(given["enumerateFilter"] == "connected" for given in asked)


def test_a_list_without_an_end_is_not_told(tmp_path: Path) -> None:
    """Asking ends, the rest is told, and half a list is no number."""
    device = CodianMcu()
    device.never_ends = True
    with device_server(device, tmp_path) as port:
        found = Asking(PROBE, port).poll()
    assert found.answer is Answer.RIGHT
    assert found.value("bridge_participants") is None
    assert found.value("bridge_conferences") is None
    assert len(device.calls) == 2 + 2 * MOST_PAGES


def test_an_empty_bridge_has_nobody_in_it(tmp_path: Path) -> None:
    """It leaves the list out then: that is 0."""
    device = CodianMcu()
    device.participants, device.conferences = [], []
    with device_server(device, tmp_path) as port:
        found = Asking(PROBE, port).poll()
    assert (found.value("bridge_participants"), found.value("bridge_conferences")) == (0, 0)


@pytest.mark.parametrize("code", [14, 15])
def test_who_is_not_let_in_is_denied(code: int, tmp_path: Path) -> None:
    """Both numbers that a bridge has for it, also where it is only one question."""
    device = CodianMcu()
    device.refuses_with = code
    with device_server(device, tmp_path) as port:
        asking = Asking(PROBE, port)
        asking.means = replace(asking.means, credentials={CREDENTIALS: "api:wrong"})
        assert asking.poll().answer is Answer.DENIED
        device.answers["participant.enumerate"] = code
        assert Asking(PROBE, port).poll().answer is Answer.DENIED


@pytest.mark.parametrize(("code", "answer"), [(1, Answer.GARBAGE), (29, Answer.OUT_OF_SERVICE)])
def test_a_fault_on_the_first_question_is_an_answer(
    code: int, answer: Answer, tmp_path: Path
) -> None:
    """Something else that speaks XML-RPC, or a bridge that cannot."""
    device = CodianMcu()
    device.answers["device.query"] = code
    with device_server(device, tmp_path) as port:
        assert Asking(PROBE, port).poll().answer is answer


@pytest.mark.parametrize(
    ("method", "metric"),
    [
        ("device.health.query", "bridge_load_ratio"),
        ("conference.enumerate", "bridge_conferences"),
        ("participant.enumerate", "bridge_participants"),
    ],
)
def test_what_a_version_lacks_costs_only_itself(method: str, metric: str, tmp_path: Path) -> None:
    """No number where none is told."""
    device = CodianMcu()
    device.answers[method] = 1
    with device_server(device, tmp_path) as port:
        found = Asking(PROBE, port).poll()
    assert found.answer is Answer.RIGHT
    assert found.value(metric) is None
    assert found.value("endpoint_uptime_seconds") is not None


@pytest.mark.parametrize(
    "said",
    [
        Said("<methodResponse><params><param><value><struct>"),
        Said("<methodResponse><params/></methodResponse>"),
        Said("<html><body>Codian</body></html>"),
        Said('<!DOCTYPE x [<!ENTITY a "b">]><methodResponse>&a;</methodResponse>'),
        {"status": "operation successful"},
        ABOUT | {"participants": "none"},
    ],
)
def test_what_is_no_answer_is_garbage(said: object, tmp_path: Path) -> None:
    """Broken off, empty, a page for people, a document type, another device."""
    device = CodianMcu()
    is_list = isinstance(said, dict) and "participants" in said
    device.answers["participant.enumerate" if is_list else "device.query"] = said
    with device_server(device, tmp_path) as port:
        assert Asking(PROBE, port).poll().answer is Answer.GARBAGE


def test_a_password_that_cannot_be_written_is_this_agents_failure(tmp_path: Path) -> None:
    """It is told without the password, and nothing is sent."""
    device = CodianMcu()
    with device_server(device, tmp_path) as port:
        asking = Asking(PROBE, port)
        asking.means = replace(asking.means, credentials={CREDENTIALS: "api:secret\x01"})
        with pytest.raises(SourceError, match="a character that XML cannot carry") as told:
            asking.poll()
    assert "secret" not in str(told.value)
    assert device.asked == []


def test_what_is_sent_is_what_the_credentials_say(tmp_path: Path) -> None:
    """In UTF-8, whatever stands in them."""
    device = CodianMcu()
    with device_server(device, tmp_path) as port:
        asking = Asking(PROBE, port)
        asking.poll()
        asking.means = replace(asking.means, credentials={CREDENTIALS: "a&b:<p>]]>\r\n\"'"})
        asking.poll(200)
    who = [(one["authenticationUser"], one["authenticationPassword"]) for _, one in device.calls]
    assert (who[0], who[-1]) == ((USER, PASSWORD), ("a&b", "<p>]]>\r\n\"'"))
