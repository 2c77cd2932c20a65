"""The transport over real sockets: every answer, lost connections, a limit that holds, TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest

from agents.__main__ import poster, tls_context
from agents.report import PATH
from agents.settings import load
from agents.transport import Transport
from tests.certificates import serving
from tests.integration.agents.collector_door import Door, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADERS = {"X-Agent": "a-1"}


def new_transport(url: str, **options: float) -> Transport:
    return Transport(url + PATH, context=None, monotonic=time.monotonic, **options)


@pytest.mark.parametrize("status", [200, 202, 401, 409, 413, 422, 500, 503])
def test_transport_returns_every_status_with_its_body(door: Door, status: int) -> None:
    """Status, JSON object and Retry-After come through; the body goes out as it is."""
    door.replies = [Reply(status, {"a": 1}, {"Retry-After": "7"})]

    answer = new_transport(door.url).post(b"raw", HEADERS)

    assert (answer.status, answer.body, answer.retry_after_seconds) == (status, {"a": 1}, 7)
    assert (door.requests[0].path, door.requests[0].raw) == (PATH, b"raw")
    assert door.requests[0].headers["x-agent"] == "a-1"


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "7", "x" * 100_000])
def test_transport_returns_no_body_when_it_is_not_the_collectors(door: Door, text: str) -> None:
    """A proxy's page is no JSON object; an endless one is not read to its end."""
    door.replies = [Reply(502, text=text)]
    transport = new_transport(door.url)

    answer = transport.post(b"raw", HEADERS)

    assert (answer.status, answer.body) == (502, None)
    assert transport.post(b"again", HEADERS).status == 202


def test_transport_keeps_one_connection_open(door: Door) -> None:
    """A new connection for each report would cost a handshake."""
    transport = new_transport(door.url)
    for _ in range(5):
        assert transport.post(b"raw", HEADERS).status == 202

    assert len({request.connection for request in door.requests}) == 1


def test_transport_opens_another_connection_when_the_collector_closed_it(door: Door) -> None:
    """An idle connection that was closed meanwhile costs no failed request."""
    transport = new_transport(door.url)
    door.replies = [Reply(headers={"Connection": "close"})]
    for _ in range(2):
        assert transport.post(b"raw", HEADERS).status == 202

    assert len({request.connection for request in door.requests}) == 2


def test_transport_says_that_nothing_listens() -> None:
    """The report certainly did not arrive."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    answer = new_transport(f"http://127.0.0.1:{port}").post(b"raw", HEADERS)

    assert answer.status is None
    assert not answer.may_have_arrived
    assert f"127.0.0.1:{port}" in answer.reason
    assert "refused" in answer.reason


def test_transport_gives_up_at_its_limit(door: Door) -> None:
    """A collector that takes the report and says nothing: it may have arrived."""
    release = threading.Event()
    door.replies = [Reply(before=release.wait)]
    transport = new_transport(door.url, limit_seconds=0.2)

    answer = transport.post(b"raw", HEADERS)

    release.set()
    assert (answer.status, answer.may_have_arrived) == (None, True)
    assert answer.reason.endswith("no answer within 0.2 s")
    assert transport.post(b"again", HEADERS).status == 202


def test_transport_gives_up_at_its_limit_although_bytes_trickle() -> None:
    """Each byte is in time, the whole is not: the limit is for the whole."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def trickle() -> None:
        connection, _ = listener.accept()
        with connection:
            while not stopped.wait(0.02):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=trickle)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    answer = new_transport(url, limit_seconds=0.3).post(b"raw", HEADERS)

    stopped.set()
    thread.join()
    listener.close()
    assert answer.status is None
    assert "no answer within 0.3 s" in answer.reason


def test_transport_ends_at_once_when_aborted(door: Door) -> None:
    """A stop does not wait for a slow collector."""
    release = threading.Event()
    transport = new_transport(door.url)
    door.replies = [Reply(before=lambda: (transport.abort(), release.wait()))]

    answer = transport.post(b"raw", HEADERS)

    release.set()
    assert answer.status is None


def test_transport_survives_a_connection_cut_in_the_middle() -> None:
    """A reset is an answer like any other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def cut() -> None:
        connection, _ = listener.accept()
        connection.recv(10)
        connection.close()

    thread = threading.Thread(target=cut)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    answer = new_transport(url).post(b"raw" * 100, HEADERS)

    thread.join()
    listener.close()
    assert (answer.status, answer.may_have_arrived) == (None, True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one PEM file."""
    return serving(tmp_path_factory.mktemp("tls") / "collector.pem")


@pytest.fixture
def tls_door(certificate: Path) -> Iterator[Door]:
    """The same server over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    door = Door(context)
    yield door
    door.close()


def test_transport_trusts_the_given_authority(tls_door: Door, certificate: Path) -> None:
    """With the CA file the reports go over one TLS connection."""
    context = ssl.create_default_context(cafile=certificate)
    transport = Transport(tls_door.url + PATH, context=context, monotonic=time.monotonic)

    assert [transport.post(b"raw", HEADERS).status for _ in range(3)] == [202, 202, 202]
    assert len({request.connection for request in tls_door.requests}) == 1


def test_transport_sends_nothing_to_a_collector_it_cannot_trust(tls_door: Door) -> None:
    """Without the CA file the handshake fails and the report stays here."""
    transport = Transport(
        tls_door.url + PATH, context=ssl.create_default_context(), monotonic=time.monotonic
    )

    answer = transport.post(b"raw", HEADERS)

    assert (answer.status, answer.may_have_arrived) == (None, False)
    assert "certificate" in answer.reason
    assert tls_door.requests == []


def test_transport_sends_nothing_to_somebody_in_the_collectors_place(
    tls_door: Door, tmp_path: Path
) -> None:
    """With a CA file no other authority is trusted, however good its certificate looks."""
    context = ssl.create_default_context(cafile=serving(tmp_path / "another.pem"))

    transport = Transport(tls_door.url + PATH, context=context, monotonic=time.monotonic)

    answer = transport.post(b"raw", HEADERS)

    assert (answer.status, answer.may_have_arrived) == (None, False)
    assert tls_door.requests == []


def test_agent_trusts_the_given_authority_alone(tls_door: Door, tmp_path: Path) -> None:
    """As its settings say: no system's authority beside it, and the name must be right."""
    given = {"data": str(tmp_path), "collector": tls_door.url, "ca_file": serving(tmp_path / "ca")}
    settings = load(None, {}, {name: str(value) for name, value in given.items()})

    context = tls_context(settings)

    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) <= 1
    answer = poster(settings)(PATH).post(b"raw", HEADERS)
    assert (answer.status, answer.may_have_arrived) == (None, False)
    assert tls_door.requests == []
