"""The agent's HTTP over real sockets: every shape that an answer may have, and what is none."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from agents.http import Address, BadAnswer, Connection, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 100


@contextmanager
def answering(*pieces: bytes) -> Iterator[Connection]:
    """Answer one request with these bytes, then close."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        came: list[bytes] = []

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                came.append(client.recv(65536))
                for piece in pieces:
                    client.sendall(piece)

        thread = threading.Thread(target=answer)
        thread.start()
        over_at = time.monotonic() + 10
        address = Address("127.0.0.1", listener.getsockname()[1], None)
        connection = Connection(address, lambda: over_at - time.monotonic())
        connection.open()
        yield connection
        thread.join()
        connection.close()
        head, _, body = came[0].partition(b"\r\n\r\n")
        assert head.split(b"\r\n") == [
            b"POST /x HTTP/1.1",
            f"Host: 127.0.0.1:{address.port}".encode(),
            b"X-Agent: a-1",
            b"Content-Length: 3",
        ]
        assert body == b"raw"


def ask(*pieces: bytes) -> Response:
    with answering(*pieces) as connection:
        return connection.post("/x", b"raw", {"X-Agent": "a-1"}, MOST)


@pytest.mark.parametrize(
    ("pieces", "status", "body", "is_last"),
    [
        ([b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"], 202, b"{}", False),
        ([b"HTTP/1.1 202\r\nContent-Length: 2\r\n", b"\r\n{", b"}"], 202, b"{}", False),
        ([b"HTTP/1.1 202 OK\nContent-Length: 2\n\n{}"], 202, b"{}", False),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], 204, b"", False),
        ([b"HTTP/1.1 503 x\r\nconnection: Close\r\nContent-Length: 0\r\n\r\n"], 503, b"", True),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"], 200, b"{}", True),
        ([b"HTTP/1.1 200 OK\r\n\r\nall", b" of it"], 200, b"all of it", True),
        (
            [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 202 x\r\nContent-Length: 0\r\n\r\n"],
            202,
            b"",
            False,
        ),
        (
            [
                b"HTTP/1.1 202 x\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"2;a=b\r\n{",
                b"}\r\n1\r\n \r\n0\r\nTrailer: 1\r\n\r\n",
            ],
            202,
            b"{} ",
            False,
        ),
    ],
)
def test_http_reads_an_answer_in_every_shape(
    pieces: list[bytes], status: int, body: bytes, is_last: bool
) -> None:
    """With a length, in chunks, to the end of the connection; in pieces as the network cuts."""
    found = ask(*pieces)

    assert (found.status, found.body, found.is_last) == (status, body, is_last)


def test_http_reads_headers_whatever_their_letters() -> None:
    """Names in small letters, values without the spaces around them."""
    found = ask(b"HTTP/1.1 503 x\r\nRETRY-After:  7 \r\nContent-Length: 0\r\n\r\n")

    assert found.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 1000000", b"Transfer-Encoding: chunked", b"X: 1"],
    ids=["length", "chunks", "end"],
)
def test_http_does_not_read_an_endless_body(head: bytes) -> None:
    """One byte more than allowed tells that it is too long; the connection is not used again."""
    chunk = b"80\r\n" + b"x" * 128 + b"\r\n" if b"chunked" in head else b"x" * 200
    found = ask(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", chunk)

    assert len(found.body) == MOST + 1
    assert found.is_last


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    ],
    ids=[
        "nothing",
        "blank",
        "ssh",
        "status",
        "head",
        "body",
        "chunk",
        "digits",
        "negative",
        "headers",
        "header",
    ],
)
def test_http_says_so_when_it_is_no_answer(answer: bytes) -> None:
    """Another protocol, a cut in the middle, a head without end."""
    with pytest.raises((BadAnswer, ConnectionError)):
        ask(answer)


@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5_000], ids=["digits", "endless"])
def test_http_takes_only_a_length_for_one(length: bytes) -> None:
    """Anything else is as if none were there: the body goes on to the end."""
    assert ask(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nab").body == b"ab"


def test_http_ends_when_its_time_is_over() -> None:
    """No wait is begun after the limit."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1], None)
        left = iter([5.0, 5.0, 0.05, 0.0])
        connection = Connection(address, lambda: next(left))
        connection.open()
        with pytest.raises(TimeoutError):
            connection.post("/x", b"raw", {}, MOST)
        connection.close()


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("collector.example.vn", 80, "collector.example.vn"),
        ("10.0.0.1", 8440, "10.0.0.1:8440"),
        ("fd00::1", 8440, "[fd00::1]:8440"),
        ("máy-chủ.vn", 80, "xn--my-ch-xqa0294c.vn"),
    ],
)
def test_http_names_the_host_as_a_proxy_expects(host: str, port: int, expected: str) -> None:
    """The port only where it is not the usual one."""
    assert Address(host, port, None).header == expected
