"""SIP OPTIONS against servers that speak it, and against those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.probes import sip
from agents.probes.sip import SipParams
from tests.certificates import serving
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK, hold, tcp_server, udp_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path


def reply(request: bytes, status: str, *more: str) -> bytes:
    """Return what a SIP server answers: the request's own Via, From, To, Call-ID and CSeq."""
    lines = request.decode().split("\r\n")
    same = [one for one in lines if one.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
    to = next(one for one in lines if one.startswith("To:"))
    return "\r\n".join([f"SIP/2.0 {status}", *same, f"{to};tag=x", *more, "", ""]).encode()


def asked(port: int, transport: str = "UDP", limit: float = 2.0) -> dict[str, float]:
    params = SipParams("bridge", LOOPBACK, port=port, transport=transport, limit_seconds=limit)
    return {one.name: one.value for one in sip.run(params, MEANS)}


@pytest.mark.parametrize(
    ("status", "answer", "alive"),
    [
        ("200 OK", Answer.RIGHT, 1), ("486 Busy Here", Answer.BUSY, 1),
        ("600 Busy Everywhere", Answer.BUSY, 1), ("401 Unauthorized", Answer.DENIED, 1),
        ("407 Proxy", Answer.DENIED, 1), ("403 Forbidden", Answer.DENIED, 1),
        ("404 Not Found", Answer.RIGHT, 1), ("405 Method Not Allowed", Answer.RIGHT, 1),
        ("501 Not Implemented", Answer.RIGHT, 1), ("503 Gone", Answer.OUT_OF_SERVICE, 1),
        ("480 Temporarily Unavailable", Answer.UNREGISTERED, 1), ("408 Timeout", Answer.SILENT, 0),
    ],
)  # fmt: skip
def test_every_final_answer_has_its_meaning(status: str, answer: Answer, alive: int) -> None:
    """The stack is alive with all of them but 408."""
    with udp_server(lambda data: [reply(data, status)]) as port:
        found = asked(port)
    assert found["wanwatch_probe_answer_code"] == answer
    assert found["wanwatch_probe_alive"] == alive
    assert found["wanwatch_sip_status_code"] == int(status[:3])


def test_what_is_not_final_is_waited_out() -> None:
    """100 and then 200; who says when it will be back, and what it is, is heard."""
    with udp_server(
        lambda data: [
            reply(data, "100 Trying"),
            reply(data, "503 Busy", "Retry-After: 120 (soon)", "User-Agent: Codec ce9.15"),
        ]
    ) as port:
        params = SipParams("bridge", LOOPBACK, port=port)
        found = sip.run(params, MEANS)
    values = {one.name: one.value for one in found}
    assert values["wanwatch_sip_status_code"] == 503
    assert values["wanwatch_sip_retry_after_seconds"] == 120
    (device,) = [one.labels for one in found if one.name == "wanwatch_sip_device_info"]
    assert device == {"target": "bridge", "device": "Codec ce9.15"}


def test_a_lost_question_is_asked_again() -> None:
    """The same one, half a second later."""
    seen: list[bytes] = []

    def says(data: bytes) -> list[bytes]:
        seen.append(data)
        return [reply(data, "200 OK")] if len(seen) > 1 else []

    with udp_server(says) as port:
        assert asked(port)["wanwatch_probe_answer_code"] == Answer.RIGHT
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "says",
    [
        lambda _: [b"\xff\xfe"], lambda _: [b""], lambda _: [b"HTTP/1.1 200 OK\r\n\r\n"],
        lambda data: [data],
        lambda data: [reply(data, "200 OK").replace(b"branch=z9hG4bK", b"branch=z9hG4bKx")],
        lambda data: [reply(data, "200 OK").replace(b"Call-ID: ", b"Call-ID: other")],
    ],
)  # fmt: skip
def test_what_is_no_answer_to_it_is_garbage(says: Callable[[bytes], list[bytes]]) -> None:
    """Other protocols, an echo of the question, and answers to the questions of others."""
    with udp_server(says) as port:
        assert asked(port, limit=0.3)["wanwatch_probe_answer_code"] == Answer.GARBAGE


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_streams_are_asked_as_well(transport: str, tmp_path: Path) -> None:
    """In pieces, with an answer that is not final in front."""
    pem = serving(tmp_path / "sip.pem") if transport == "TLS" else None

    def talk(opened: socket.socket) -> None:
        request = opened.recv(4_096)
        assert f"Via: SIP/2.0/{transport} 127.0.0.1:".encode() in request
        opened.sendall(b"\r\n\r\n" + reply(request, "180 Ringing") + reply(request, "200 OK")[:30])
        opened.sendall(reply(request, "200 OK")[30:])
        hold(opened)

    with tcp_server(talk, pem) as port:
        found = asked(port, transport)
    assert found["wanwatch_probe_answer_code"] == Answer.RIGHT
    assert found["wanwatch_probe_answer_seconds"] < 1


def test_tls_is_not_what_a_plain_port_speaks(tmp_path: Path) -> None:
    """Garbage, where TLS was asked for and text came."""

    def talk(opened: socket.socket) -> None:
        opened.recv(4_096)
        opened.sendall(b"220 mail.example ready\r\n")
        hold(opened)

    with tcp_server(talk) as port:
        assert asked(port, "TLS")["wanwatch_probe_answer_code"] == Answer.GARBAGE
