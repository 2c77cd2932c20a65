"""A report of voice quality over a real socket."""

from __future__ import annotations

import socket

from tests.receiver_parts import Heard, hearing_quality, quality_taken
from tests.unit.agents.receivers.test_quality import publish


def test_a_telephone_gets_its_answer() -> None:
    """At the port from which it asked."""
    heard = Heard()
    with (
        hearing_quality(heard, quality_taken(heard)),
        socket.socket(type=socket.SOCK_DGRAM) as telephone,
    ):
        telephone.settimeout(10)
        telephone.sendto(publish(), ("127.0.0.1", heard.port))
        answer = telephone.recv(2_000).decode()
        own = telephone.getsockname()[1]
    assert answer.startswith("SIP/2.0 200 OK")
    assert f";received=127.0.0.1;rport={own}" in answer
    assert [event.kind for event in heard.events] == ["quality"]
