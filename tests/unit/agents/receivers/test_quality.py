"""Reports of voice quality: what is read of them, what is answered, and for how long they count."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.gate import Gate
from agents.receivers.quality_report import METRICS, NotReport, read_report
from agents.receivers.quality_taken import (
    MALFORMED,
    OTHER,
    REPEATED,
    STRANGER,
    TAKEN,
    QualityTaken,
)
from agents.receivers.sip_request import NotRequest, read_request
from tests.probe_means import MEANS
from tests.receiver_parts import Heard, quality_taken

NOW = MEANS.monotonic()
PEER = ("10.0.0.1", 5_062)
BODY = """VQSessionReport: CallTerm\r
CallID: 6dg37f1890463@10.0.0.1\r
LocalID: "Nguyễn Văn An" <sip:an@example.vn>\r
RemoteID: <sip:binh@example.vn>\r
LocalAddr:IP=10.0.0.1 PORT=11780 SSRC=0x41A5\r
RemoteAddr:IP=10.0.9.9 PORT=11790 SSRC=0x2468\r
LocalMetrics:\r
Timestamps:START=2026-11-26T01:00:00Z STOP=2026-11-26T01:10:00Z\r
SessionDesc:PT=9 PD=G722 SR=16000 FD=20 PLC=3\r
JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120\r
PacketLoss:NLR=5.0 JDR=2.0\r
BurstGapLoss:BLD=0 BD=0 GLD=2.0 GD=65535 GMIN=16\r
Delay:RTD=200 ESD=140 SOWD=100 IAJ=127 MAJ=65535\r
Signal:SL=-18 NL=-50 RERL=55\r
QualityEst:RLQ=88 RCQ=127 MOSLQ=4.1 MOSCQ=127 QoEEstAlg=P.564\r
RemoteMetrics:\r
QualityEst:MOSLQ=2.1\r
PacketLoss:JDR=127 NLR=12.5\r
DialogID:38419823470834;to-tag=8472761;from-tag=9123dh311\r
"""


def publish(
    body: str = BODY, method: str = "PUBLISH", event: str = "vq-rtcpxr", number: int = 1
) -> bytes:
    content = body.encode()
    head = (
        f"{method} sip:quality@10.0.0.2 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;rport\r\n"
        "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK0\r\n"
        "f: <sip:an@example.vn>;tag=77\r\n"
        "To: <sip:quality@10.0.0.2>\r\n"
        f"Call-ID: abc\r\nCSeq: {number} {method}\r\n"
        f"Event: {event}\r\nContent-Type: application/vq-rtcpxr\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def test_each_end_says_what_it_received() -> None:
    """Shares as ratios, times in seconds, R and MOS by the band of the codec."""
    found = read_report(BODY.encode())
    assert (found.kind, found.far_address) == ("session", "10.0.9.9")
    local, remote = found.sides["local"], found.sides["remote"]
    assert local.values == {
        "lost_ratio": 0.05, "discarded_ratio": 0.02, "burst_lost_ratio": 0, "burst_seconds": 0,
        "gap_lost_ratio": 0.02, "buffer_seconds": 0.04, "round_trip_seconds": 0.2,
        "end_system_seconds": 0.14, "one_way_seconds": 0.1, "jitter_seconds": 0.127,
        "listening_r_factor": 88, "listening_mos": 4.1,
    }  # fmt: skip
    assert (local.codec, local.scale) == ("G722", "wideband")
    assert remote.values == {"lost_ratio": 0.125, "listening_mos": 2.1}
    assert remote.scale == "unknown"


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("VQSessionReport: CallTerm", "session"),
        ("VQIntervalReport", "interval"),
        ("VQAlertReport: Type=NLR Severity=Critical Dir=local", "alert"),
    ],
)
def test_the_kind_of_a_report_is_its_first_line(first: str, kind: str) -> None:
    """Whatever order the rest comes in."""
    assert read_report(f"{first}\nPacketLoss: JDR=0 NLR=1".encode()).kind == kind


@pytest.mark.parametrize(
    "body", ["", "VQSessionReport", "PacketLoss:NLR=1", "VQAlertReport\nA:B=1"]
)
def test_what_says_nothing_is_no_report(body: str) -> None:
    """No kind, or no value."""
    with pytest.raises(NotReport):
        read_report(body.encode())


@given(st.text(max_size=400) | st.lists(st.sampled_from(BODY.splitlines())).map("\n".join))
def test_any_text_is_a_report_or_none(body: str) -> None:
    """Nothing else is raised, and every value is one that can be."""
    try:
        found = read_report(body.encode("utf-8", "surrogatepass"))
    except NotReport:
        return
    for side in found.sides.values():
        assert side.values.keys() <= set(METRICS)
        assert all(0 <= value <= 120 for value in side.values.values())


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        read_request(data)
    except NotRequest:
        return


def test_a_report_is_answered_and_told_once() -> None:
    """By the way it came; what is sent again because the answer was lost is answered again."""
    heard = Heard()
    taken = quality_taken(heard, networks=["10.0.0.0/8"])
    first = taken.take(publish(), PEER, 1_000.0, NOW)
    again = taken.take(publish(), PEER, 1_001.0, NOW + 1)

    assert first == again
    lines = first.decode().split("\r\n")
    assert lines[0] == "SIP/2.0 200 OK"
    assert lines[1].endswith("branch=z9hG4bK1;received=10.0.0.1;rport=5062")
    assert lines[2] == "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK0"
    assert "To: <sip:quality@10.0.0.2>;tag=a1b2c3" in lines
    assert {"Call-ID: abc", "CSeq: 1 PUBLISH", "SIP-ETag: a1b2c3"} <= set(lines)
    (event,) = heard.events
    assert event.kind == "quality"
    assert event.labels == {
        "address": "10.0.0.1", "report": "session", "far": "10.0.9.9", "codec": "G722",
        "lost_ratio": "0.125", "jitter_seconds": "0.127", "listening_mos": "2.1",
    }  # fmt: skip
    assert (taken.messages[TAKEN], taken.messages[REPEATED]) == (1, 1)
    assert heard.hints.take(NOW) == {"10.0.0.1"}


def test_nobodys_name_is_told() -> None:
    """Who called whom stays where it is."""
    heard = Heard()
    taken = quality_taken(heard, networks=["10.0.0.0/8"])
    taken.take(publish(), PEER, 1_000.0, NOW)
    said = f"{heard.events} {taken.observe(NOW)}"
    assert not re.search("an@|binh|Nguyễn|6dg37", said)


def test_values_are_told_for_five_minutes() -> None:
    """Then they say nothing any more; the scale is named."""
    heard = Heard()
    taken = quality_taken(heard, networks=["10.0.0.0/8"])
    taken.take(publish(), PEER, 1_000.0, NOW)

    def told(now: float) -> dict[tuple[Any, ...], float]:
        found = [one for one in taken.observe(now) if one.name.startswith("wanwatch_voice_")]
        return {(one.name, *one.labels.values()): one.value for one in found}

    now = told(NOW + 300)
    assert now["wanwatch_voice_listening_mos", "10.0.0.1", "local", "wideband"] == 4.1
    assert now["wanwatch_voice_lost_ratio", "10.0.0.1", "remote"] == 0.125
    assert told(NOW + 301) == {}


def test_values_of_a_target_are_called_by_its_name() -> None:
    """So that they are the target's own."""
    heard = Heard()
    gate = Gate(["10.0.0.0/8"], 60)
    names = {"10.0.0.1": "phong-hop"}
    taken = QualityTaken(gate, "t", heard.out("quality"), lambda one: names.get(one, ""))
    taken.take(publish(), PEER, 1_000.0, NOW)
    voice = [one for one in taken.observe(NOW) if one.name.startswith("wanwatch_voice_")]
    assert {one.labels["target"] for one in voice} == {"phong-hop"}
    assert all("address" not in one.labels for one in voice)


@pytest.mark.parametrize(
    ("message", "status", "result"),
    [
        (publish(method="INVITE"), "405 Method Not Allowed", OTHER),
        (publish(event="presence"), "489 Bad Event", OTHER),
        (publish(body="nothing"), "400 Bad Request", MALFORMED),
        (publish(method="NOTIFY"), "200 OK", TAKEN),
        (publish(method="ACK"), "", OTHER),
        (b"SIP/2.0 200 OK\r\n\r\n", "", MALFORMED),
        (publish().replace(b"CSeq", b"XSeq"), "", MALFORMED),
    ],
)
def test_what_is_no_report_is_refused(message: bytes, status: str, result: str) -> None:
    """Where it can be answered it is told why."""
    taken = quality_taken(Heard(), networks=["10.0.0.0/8"])
    said = taken.take(message, PEER, 1_000.0, NOW)
    assert said.decode().partition("\r\n")[0] == (f"SIP/2.0 {status}" if status else "")
    assert taken.messages[result] == 1


def test_a_stranger_is_not_answered() -> None:
    """And counted."""
    taken = quality_taken(Heard(), networks=["192.0.2.0/24"])
    assert taken.take(publish(), PEER, 1_000.0, NOW) == b""
    assert taken.messages[STRANGER] == 1
